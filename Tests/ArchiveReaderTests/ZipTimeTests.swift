import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("The times of entries")
struct ZipTimeTests {
    private static let field = ZipBuilder.little
    private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt
    /// 0x4c85, 0x4129, which ``ZipBuilder`` writes (APPNOTE, section 4.4.6), in Berlin.
    private static let local = Timestamp(rfc3339: "2018-04-05T08:09:18+02:00")

    private func time(central: [UInt8], local: [UInt8] = []) throws -> Timestamp? {
        var entry = ZipBuilder.Entry("a", [1])
        entry.centralExtra = central
        entry.localExtra = local
        let reading = try Reading(ZipBuilder.zip([entry])) { $0.timeZone = Self.berlin }
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        return reading.entries.first?.header.modifiedAt
    }

    private static func extra(_ id: Int, _ content: [UInt8]) -> [UInt8] {
        field(id, 2) + field(content.count, 2) + content
    }

    /// 100 ns since 1601-01-01 (APPNOTE, section 4.5.5).
    private static func ntfs(_ ticks: UInt64) -> [UInt8] {
        let time = (0..<8).map { UInt8(truncatingIfNeeded: ticks >> (8 * $0)) }
        return extra(0x000a, field(0, 4) + field(1, 2) + field(24, 2) + time + field(0, 8) + field(0, 8))
    }

    /// 1,522,915,869 s after 1970, and 120 ms: 131,673,894,691,200,000 ticks, as `w32tm /ntte` shows it.
    private static let moment: UInt64 = 131_673_894_691_200_000
    private static let unixSeconds = field(1_522_915_869, 4)
    private static let inSeconds = Timestamp(rfc3339: "2018-04-05T08:11:09Z")

    @Test("Each extra field is UTC, and wins over the time of the clock on the wall")
    func fields() throws {
        #expect(try time(central: []) == Self.local)
        #expect(try time(central: Self.ntfs(Self.moment)) == Timestamp(rfc3339: "2018-04-05T08:11:09.120Z"))
        #expect(try time(central: Self.extra(0x5455, [1] + Self.unixSeconds)) == Self.inSeconds)
        let old = Self.extra(0x5855, Self.field(7, 4) + Self.unixSeconds)
        #expect(try time(central: old) == Self.inSeconds)
        #expect(try time(central: Self.extra(0x000d, Self.field(7, 4) + Self.unixSeconds)) == Self.inSeconds)
        #expect(try time(central: [], local: Self.extra(0x5455, [1] + Self.unixSeconds)) == Self.inSeconds)
        // Owner and group only (Info-ZIP, proginfo/extrafld.txt).
        #expect(
            try time(central: Self.extra(0x7875, [1, 4] + Self.unixSeconds + [4] + Self.unixSeconds)) == Self.local
        )
    }

    @Test("A field that is empty, cut, zero or beyond any year is none")
    func useless() throws {
        let cut = Self.extra(0x5455, [1, 2, 3])
        let access = Self.extra(0x5455, [2] + Self.unixSeconds)
        let lying = Self.field(0x5455, 2) + Self.field(400, 2) + [1] + Self.unixSeconds
        for extra in [
            Self.ntfs(0), Self.ntfs(.max), Self.ntfs(UInt64(Int64.max)), Self.ntfs(1 << 63), Self.extra(0x000a, []),
            Self.extra(0x000a, Self.field(0, 4) + Self.field(1, 2) + Self.field(24, 2)), cut, access, lying,
            Self.extra(0x5455, [1, 0, 0, 0, 0]), Self.extra(0x5855, []), Self.extra(0x000d, [0]),
        ] {
            #expect(try time(central: extra) == Self.local, "\(extra)")
        }
    }

    @Test(
        "What 7-Zip, Info-ZIP and bsdtar write from another zone is the moment it was",
        arguments: [
            "7z a -bd -tzip -mtc=on out.zip a > log", "zip -q out.zip a", "bsdtar -a -cf out.zip a",
            "zip -q -P secret out.zip a",
        ]
    )
    func writers(_ command: String) throws {
        let folder = try ScratchFolder()
        try folder.write(Data(noise(40)), to: "a")
        let script = "touch -d 2018-04-05T08:11:10Z a; export TZ=America/New_York; \(command)"
        let run = try Program("sh", ["-ec", script], in: folder.path)
        #expect(run.status == 0, "\(run.errors)")
        let reading = try Reading(path: folder.file("out.zip")) { $0.timeZone = Self.berlin }
        #expect(reading.entries.first?.header.modifiedAt == Timestamp(rfc3339: "2018-04-05T08:11:10Z"))
    }

    @Test("An encrypted zip that gives no zone is taken in the zone that was given, for each of its entries")
    func encrypted() throws {
        let folder = try ScratchFolder()
        for (index, name) in ["c", "a", "b"].enumerated() {
            try folder.write(Data(noise(40 + index)), to: name)
            try Program("sh", ["-ec", "TZ=UTC touch -d '2018-07-0\(index + 1) 12:00:00' \(name)"], in: folder.path)
        }
        let command = "TZ=UTC zip -q -X -P secret out.zip c a b"
        let run = try Program("sh", ["-ec", command], in: folder.path)
        #expect(run.status == 0, "\(run.errors)")
        let reading = try Reading(path: folder.file("out.zip")) {
            $0.timeZone = Self.berlin
            $0.passphrase = "secret"
        }
        #expect(reading.wholeNames == ["c", "a", "b"])
        #expect(
            reading.entries.map(\.header.modifiedAt)
                == (1...3).map { Timestamp(rfc3339: "2018-07-0\($0)T12:00:00+02:00") }
        )
    }
}
