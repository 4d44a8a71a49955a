import CallMetadata
import Foundation
import Recordings
import Testing

@Suite struct UnreadStartTests {
    private let unread = UnreadStart(origin: .sidecar, column: "Start Time", text: "soon", reason: "it is not a time")

    @Test("Worse evidence is taken with a defect that names the column")
    func memberTime() throws {
        let start = try resolve(.init(unread: [unread], memberTime: try timestamp("2018-04-05T10:00:00Z")))
        #expect(start.origin == .memberTime)
        #expect(start.defects.map(\.code) == [.startUnreadable])
        #expect(try #require(start.defects.first).detail.contains("\"Start Time\""))
        #expect(try #require(start.note).contains("Start Time"))
    }

    @Test("The name's start is worse than the sidecar's, the archive's day worse than all")
    func worse() throws {
        let named = try resolve(.init(filename: try local("2018-04-05T09:00:00"), unread: [unread]))
        #expect(named.origin == .filename)
        #expect(named.defects.count == 1)
        #expect(try resolve(.init(unread: [unread])).defects.count == 1)
    }

    @Test("Where better evidence is taken, it is a note and no defect")
    func better() throws {
        let other = UnreadStart(origin: .filename, text: "20180405-101533 IST", reason: "x")
        let start = try resolve(.init(sidecar: try local("2018-04-05T09:00:00"), unread: [unread, other]))
        #expect(start.origin == .sidecar)
        #expect(start.defects.isEmpty)
        #expect(try #require(start.note).contains("IST"))
    }

    @Test("Of several readings the one near the archive's day is taken; where two are near, none")
    func readings() throws {
        let open = CallStart.oneOf([
            try absolute("2018-05-04T22:30:00.000Z"), try absolute("2018-04-05T22:30:00.000Z"),
        ])
        let start = try resolve(.init(sidecar: open))
        #expect(start.startedAt == (try timestamp("2018-04-05T22:30:00Z")))
        #expect(start.note == nil)
        let twice = CallStart.oneOf([
            try absolute("2018-04-05T00:30:00.000Z"), try absolute("2018-04-05T01:30:00.000Z"),
        ])
        let unknown = try resolve(.init(sidecar: twice, memberTime: try timestamp("2018-04-05T10:00:00Z")))
        #expect(unknown.origin == .memberTime)
        #expect(unknown.defects.map(\.code) == [.startUnreadable])
        let far = try resolve(
            .init(sidecar: .oneOf([try local("2019-05-04T22:30:00"), try local("2019-04-05T22:30:00")]))
        )
        #expect(far.origin == .day)
        #expect(try #require(far.note).contains("not believed"))
    }

    @Test("Times and lengths beyond all reason do not trap", arguments: [Int64.min, -1, 0, Int64.max])
    func extremes(value: Int64) throws {
        let moment = Timestamp(millisecondsSinceEpoch: value)
        for length in [Int64.min, -1, 0, Int64.max] {
            let start = try resolve(.init(memberTime: moment, durationMs: length))
            #expect(start.origin == .day)
            _ = try resolve(.init(filename: try local("2018-10-28T02:30:00"), memberTime: moment, durationMs: length))
        }
    }

    private func resolve(_ evidence: StartResolution.Evidence) throws -> StartResolution {
        StartResolution(
            evidence,
            archiveDay: try #require(Day(april5)),
            zone: try #require(TimeZone(identifier: "Europe/Berlin"))
        )
    }
}
