import Foundation
import Recordings
import Testing

@testable import Platform

/// The examples are those of rclone's documentation of `--bwlimit`.
@Suite("Bandwidth limits in rclone's syntax")
struct BandwidthLimitTests {
    private let utc = TimeZone(secondsFromGMT: 0)

    private func rate(_ text: String, at time: String) throws -> Double? {
        let moment = try #require(Timestamp(rfc3339: time))
        return try BandwidthLimit(parsing: text).bytesPerSecond(at: moment, in: try #require(utc))
    }

    @Test("a single rate holds always; without a suffix it counts KiB")
    func single() throws {
        let time = "2018-04-05T10:00:00Z"
        #expect(try rate("10M", at: time) == 10 * 1_048_576)
        #expect(try rate("512", at: time) == 512 * 1024)
        #expect(try rate("1.5k", at: time) == 1536)
        #expect(try rate("100B", at: time) == 100)
        #expect(try rate("2Gi", at: time) == 2 * 1_073_741_824)
        #expect(try rate("off", at: time) == nil)
        #expect(try rate("0", at: time) == nil)
    }

    @Test("of upload and download the second counts")
    func sides() throws {
        #expect(try rate("10M:100k", at: "2018-04-05T10:00:00Z") == 102_400)
        #expect(try rate("10M:off", at: "2018-04-05T10:00:00Z") == nil)
    }

    @Test(
        "a timetable changes with the time of day",
        arguments: [
            ("07:59", nil), ("08:00", 524_288.0), ("11:59", 524_288), ("12:30", 10_485_760), ("13:00", 524_288),
            ("18:00", 31_457_280), ("23:00", nil), ("00:00", nil),
        ] as [(String, Double?)]
    )
    func timetable(clock: String, expected: Double?) throws {
        let table = "08:00,512k 12:00,10M 13:00,512k 18:00,30M 23:00,off"
        #expect(try rate(table, at: "2018-04-05T\(clock):00Z") == expected)
    }

    @Test("a timetable of the week wraps around; 2018-04-05 was a Thursday")
    func week() throws {
        let table = "Mon-00:00,512 Fri-23:59,10M Sat-10:00,1M Sun-20:00,off"
        #expect(try rate(table, at: "2018-04-05T12:00:00Z") == 524_288)
        #expect(try rate(table, at: "2018-04-07T09:59:00Z") == 10_485_760)
        #expect(try rate(table, at: "2018-04-07T10:00:00Z") == 1_048_576)
        #expect(try rate(table, at: "2018-04-08T23:00:00Z") == nil)
        #expect(try rate("Wed-10:00,1M", at: "2018-04-02T00:00:00Z") == 1_048_576)
    }

    @Test(
        "what is no limit is refused",
        arguments: ["", "fast", "10X", "-5M", "25:00,1M", "Xyz-08:00,1M", "08:00,1M,2M", "1e3"]
    )
    func wrong(text: String) {
        #expect(throws: Failure.self) { try BandwidthLimit(parsing: text) }
    }

    @Test("bytes are held back to the rate")
    func throttle() async throws {
        let time = TestTime()
        let throttle = Throttle(try BandwidthLimit(parsing: "100k"), zone: try #require(utc), time: time)
        for _ in 0..<50 { try await throttle.pass(10_240) }
        // 500 KiB at 100 KiB/s.
        #expect(abs(time.sleptSeconds - 5) < 0.001)
    }
}
