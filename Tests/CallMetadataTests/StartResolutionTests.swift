import CallMetadata
import Foundation
import Recordings
import Testing

@Suite struct StartResolutionTests {
    @Test("The sidecar's word counts before the name's")
    func sidecarFirst() throws {
        let start = try resolve(
            sidecar: try local("2018-04-05T10:00:00"),
            filename: try local("2018-04-05T11:00:00"),
            memberTime: "2018-04-05T12:00:00Z"
        )
        #expect(start.origin == .sidecar)
        #expect(start.startedAt == (try timestamp("2018-04-05T08:00:00Z")))
        #expect(start.note == nil)
    }

    @Test("The name's word counts before the member's time")
    func filenameSecond() throws {
        let start = try resolve(filename: try local("2018-04-05T11:00:00"), memberTime: "2018-04-05T12:00:00Z")
        #expect(start.origin == .filename)
        #expect(start.startedAt == (try timestamp("2018-04-05T09:00:00Z")))
    }

    @Test("The member's time is the call's end: the audio's length leads to its start, in whole seconds")
    func memberTime() throws {
        let start = try resolve(memberTime: "2018-04-05T10:20:04Z", durationMs: 3500)
        #expect(start.origin == .memberTime)
        #expect(start.startedAt == (try timestamp("2018-04-05T10:20:00Z")))
    }

    @Test("A call that ended after midnight started on the day before")
    func acrossMidnight() throws {
        let start = try resolve(memberTime: "2018-04-05T22:01:00Z", durationMs: 90_000)
        #expect(start.startedAt == (try timestamp("2018-04-05T21:59:30Z")))
    }

    @Test("With nothing known, it is the day's local midnight")
    func nothing() throws {
        let start = try resolve()
        #expect(start.origin == .day)
        #expect(!start.startIsKnown)
        #expect(start.startedAt == (try timestamp("2018-04-04T22:00:00Z")))
        #expect(start.note == nil)
    }

    @Test(
        "A start on a neighbouring day is believed",
        arguments: [
            ("2018-04-04T00:00:00", "2018-04-03T22:00:00Z"), ("2018-04-06T00:02:10", "2018-04-05T22:02:10Z"),
            ("2018-04-06T23:59:59", "2018-04-06T21:59:59Z"),
        ]
    )
    func neighbours(written: String, moment: String) throws {
        let start = try resolve(filename: try local(written))
        #expect(start.origin == .filename)
        #expect(start.startedAt == (try timestamp(moment)))
    }

    @Test(
        "A start more than a day from the archive's day is not believed, nor the time of a member with such a name",
        arguments: ["2018-04-03T23:59:59", "2018-04-07T00:00:00", "2001-01-01T00:00:00", "2099-12-31T23:59:59"]
    )
    func farAway(written: String) throws {
        let start = try resolve(filename: try local(written), memberTime: "2018-04-05T12:00:00Z")
        #expect(start.origin == .day)
        #expect(start.startedAt == (try timestamp("2018-04-04T22:00:00Z")))
        #expect(try #require(start.note).contains("not believed"))
    }

    @Test("A member's time far from the day is not believed")
    func farMemberTime() throws {
        let start = try resolve(memberTime: "2001-01-01T00:00:00Z")
        #expect(start.origin == .day)
        #expect(try #require(start.note).contains("2001-01-01"))
    }

    @Test("Where the sidecar is not believed, the name may be")
    func nameInsteadOfSidecar() throws {
        let start = try resolve(sidecar: try local("1970-01-01T00:00:00"), filename: try local("2018-04-05T11:00:00"))
        #expect(start.origin == .filename)
        #expect(try #require(start.note).contains("sidecar"))
    }

    @Test("An hour that came twice is its first coming, and that is said")
    func ambiguous() throws {
        let start = try resolve(filename: try local("2018-10-28T02:30:00"), day: "2018-10-28")
        #expect(start.startedAt == (try timestamp("2018-10-28T00:30:00Z")))
        #expect(try #require(start.note).contains("twice"))
    }

    @Test("The member's time tells which of the two it was")
    func ambiguousWithMemberTime() throws {
        let second = try resolve(
            filename: try local("2018-10-28T02:30:00"),
            memberTime: "2018-10-28T01:31:40Z",
            durationMs: 90_000,
            day: "2018-10-28"
        )
        #expect(second.startedAt == (try timestamp("2018-10-28T01:30:00Z")))
        let first = try resolve(
            filename: try local("2018-10-28T02:30:00"),
            memberTime: "2018-10-28T00:31:40Z",
            durationMs: 90_000,
            day: "2018-10-28"
        )
        #expect(first.startedAt == (try timestamp("2018-10-28T00:30:00Z")))
        let copied = try resolve(
            filename: try local("2018-10-28T02:30:00"),
            memberTime: "2018-10-29T01:00:00Z",
            day: "2018-10-28"
        )
        #expect(copied.startedAt == (try timestamp("2018-10-28T00:30:00Z")))
    }

    @Test("An hour that never came is read behind the gap, and that is said")
    func skipped() throws {
        let start = try resolve(filename: try local("2018-03-25T02:30:00"), day: "2018-03-25")
        #expect(start.startedAt == (try timestamp("2018-03-25T01:30:00Z")))
        #expect(try #require(start.note).contains("2018-03-25 02:30:00"))
    }

    @Test("Where midnight itself was skipped, the day starts at its first moment")
    func skippedMidnight() throws {
        let start = try resolve(day: "2018-11-04", zone: "America/Sao_Paulo")
        #expect(start.startedAt == (try timestamp("2018-11-04T03:00:00Z")))
    }

    @Test("Day and month stand the way round that the archive's day has them")
    func eitherWay() throws {
        let start = CallStart.oneOf([try local("2018-04-05T10:00:00"), try local("2018-05-04T10:00:00")])
        #expect(try resolve(sidecar: start).startedAt == (try timestamp("2018-04-05T08:00:00Z")))
        #expect(try resolve(sidecar: start, day: "2018-05-04").startedAt == (try timestamp("2018-05-04T08:00:00Z")))
    }

    @Test("Times that all members share, or that lie too close for calls, are not the calls'")
    func packedTimes() throws {
        let moment = { (second: Int64) in Timestamp(secondsSinceEpoch: 1_522_980_000 + second) }
        #expect(MemberTimes.canBeCalls([]))
        #expect(MemberTimes.canBeCalls([moment(0), moment(0)]))
        #expect(!MemberTimes.canBeCalls([moment(0), moment(0), moment(0)]))
        #expect(MemberTimes.canBeCalls([moment(0), moment(0), moment(30)]))
        #expect(!MemberTimes.canBeCalls((0..<6_000).map { moment(Int64($0 / 1000)) }))
        #expect(MemberTimes.canBeCalls((0..<6_000).map { moment(Int64($0 * 10)) }))
    }

    private func resolve(
        sidecar: CallStart? = nil,
        filename: CallStart? = nil,
        memberTime: String? = nil,
        durationMs: Int64? = nil,
        day: String = april5,
        zone: String = "Europe/Berlin"
    ) throws -> StartResolution {
        StartResolution(
            .init(
                sidecar: sidecar,
                filename: filename,
                memberTime: try memberTime.map(timestamp),
                durationMs: durationMs
            ),
            archiveDay: try #require(Day(day)),
            zone: try #require(TimeZone(identifier: zone))
        )
    }
}
