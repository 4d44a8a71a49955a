import Platform
import Recordings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `The coverage of a call log` {
    private static let now = Samples.time("2018-05-01T00:00:00Z")

    private func call(
        _ id: String,
        _ recordings: [String] = [],
        at time: String = "2018-04-05T08:11:09Z",
        source: String = "queue",
        _ change: (inout CallLogEntry) -> Void = { _ in }
    ) -> CallLogEntry {
        var call = CallLogEntry(id: id, dateCreated: Samples.time(time))
        call.source = source
        call.recordings = recordings.map { Samples.id($0) }
        change(&call)
        return call
    }

    /// A dialer's file, of which its name tells the number and the start.
    private func dialed(
        _ id: String,
        _ number: String?,
        at time: String = "2018-04-05T08:11:09Z",
        _ change: (inout Recording) -> Void = { _ in }
    ) -> Recording {
        var recording = Samples.recording(
            id,
            Samples.digest(1),
            at: time,
            from: .filename,
            sources: [Samples.delivery("\(id).mp3", archive: 9)]
        )
        recording.call = number.map { Recording.Call(to: $0) }
        change(&recording)
        return recording
    }

    private func listed(_ id: String, state: String? = "stored") -> ListedRecording {
        var item = ListedRecording(id: Samples.id(id), dateCreated: Samples.time("2018-04-05T08:11:09Z"))
        item.state = state
        return item
    }

    private func exception(_ id: String, _ reason: Exception.Reason) -> Exception {
        var exception = Exception(day: Samples.day, source: "api", reason: reason, detail: "said so")
        exception.recordingID = Samples.id(id)
        return exception
    }

    private func rows(
        _ calls: [CallLogEntry],
        _ recordings: [Recording] = [],
        exceptions: [Exception] = [],
        listed items: [ListedRecording]? = [],
        deletedBetween from: String = "2018-10-01T22:00:00Z",
        and to: String = "2018-10-02T22:00:00Z",
        _ change: (inout Listing) -> Void = { _ in }
    ) -> [CallCoverage] {
        var listing = items.map { items in
            var listing = Listing()
            listing.items = items
            return listing
        }
        if var changed = listing {
            change(&changed)
            listing = changed
        }
        return CoverageAccount(
            day: Samples.day,
            calls: calls,
            recordings: recordings,
            exceptions: exceptions,
            listing: listing,
            now: Self.now,
            deletion: { _ in Samples.time(from)..<Samples.time(to) }
        ).rows()
    }

    @Test func `is archived only when every recording of the call is`() {
        let recordings = [Samples.recording("a", Samples.digest(1)), Samples.recording("b", Samples.digest(2))]
        let rows = rows([call("1", ["a", "b"]), call("2", ["a", "c"])], recordings)
        #expect(rows.map(\.state) == [.archived, .lost])
        #expect(rows.map(\.matchedBy) == [.recordingID, nil])
    }

    @Test(
        arguments: [
            ("stored", .open), ("init", .pending), ("stopped", .pending), ("deleted", .lost), ("failed", .lost),
            ("missing", .lost),
        ] as [(String, CallCoverage.State)]
    )
    func `of what is not archived is what the platform says`(state: String, expected: CallCoverage.State) {
        let row = rows([call("1", ["a"])], listed: [listed("a", state: state)])[0]
        #expect(row.state == expected)
        #expect(row.until == (expected == .lost ? nil : Samples.time("2018-10-01T22:00:00Z")))
    }

    @Test func `is lost when the platform lists it no longer, and not when its list cannot be trusted`() {
        let calls = [call("1", ["a"])]
        #expect(rows(calls)[0].state == .lost)
        #expect(rows(calls) { $0.isConsistent = false }[0].state == .open)
        #expect(rows(calls) { $0.isTruncated = true }[0].state == .open)
        #expect(rows(calls, listed: nil)[0].state == .open)
        let past = rows(
            calls,
            listed: nil,
            deletedBetween: "2018-04-20T22:00:00Z",
            and: "2018-04-21T22:00:00Z"
        )[0]
        #expect(past.state == .lost)
        // While the platform may be deleting the day, nobody can say until when it is there.
        let meanwhile = rows(
            calls,
            listed: [listed("a")],
            deletedBetween: "2018-04-30T22:00:00Z",
            and: "2018-05-01T22:00:00Z"
        )[0]
        #expect(meanwhile.state == .open)
        #expect(meanwhile.until == nil)
    }

    @Test func `leaves out what somebody decided not to keep, whatever the platform has of it`() {
        let rows = rows(
            [call("1", ["a"]), call("2", ["b"]), call("3", ["c"])],
            exceptions: [exception("a", .erased), exception("b", .notSelected), exception("c", .rejectedAudio)],
            listed: [listed("a"), listed("b"), listed("c")]
        )
        #expect(rows.map(\.state) == [.leftOut, .leftOut, .open])
        #expect(rows.map(\.detail) == ["said so", "said so", "said so"])
    }

    @Test func `claims nothing of a call that names no recording`() {
        let rows = rows([
            call("1") {
                $0.state = "finished"; $0.agent = Recording.Agent(name: "Ada")
            },
            call("2", source: "dialer") { $0.to = "anonymous" },
        ])
        #expect(rows.map(\.state) == [.unnamed, .unnamed])
    }

    @Test func `ties a dialer's file to its call by the ids that it brings, before the number`() {
        let recordings = [
            dialed("a", "999189807101") { $0.call?.id = "1" },
            dialed("b", nil) { $0.call = Recording.Call(conversationID: "talk") },
            dialed("c", "999189807101"),
        ]
        let rows = rows(
            [
                call("1", source: "dialer") { $0.to = "999189807101" },
                call("2", source: "dialer") { $0.conversationID = "talk" },
                call("3", source: "dialer") { $0.to = "999189807101" },
                // Another call of a conversation does not have its recording.
                call("4") { $0.conversationID = "talk" },
            ],
            recordings
        )
        #expect(rows.map(\.matchedBy) == [.callID, .conversationID, .numberAndTime, nil])
        #expect(rows.map { $0.recordings.map(\.text) } == [["a"], ["b"], ["c"], []])
    }

    @Test(
        arguments: [
            ("+49 (30) 9991898-07", "0309991898-07", true), ("0049309991898", "493099918 98", true),
            ("999189807101", "999189807102", false), ("807101", "807101", false), ("anonymous", "anonymous", false),
        ]
    )
    func `knows a number however it is written`(logged: String, named: String, isSame: Bool) {
        let rows = rows([call("1", source: "dialer") { $0.to = logged }], [dialed("a", named)])
        #expect(rows.map(\.state) == [isSame ? .archived : .unnamed])
    }

    @Test(
        arguments: [
            ("2018-04-05T08:10:10Z", true), ("2018-04-05T08:10:08Z", false), ("2018-04-05T08:13:09Z", true),
            ("2018-04-05T08:13:11Z", false),
        ]
    )
    func `ties a number only within a minute of the call`(start: String, isSame: Bool) {
        let dialer = call("1", source: "dialer") {
            $0.to = "999189807101"
            $0.dateFinished = Samples.time("2018-04-05T08:12:10Z")
        }
        #expect(rows([dialer], [dialed("a", "999189807101", at: start)])[0].state == (isSame ? .archived : .unnamed))
    }

    @Test func `gives each recording to one call, the nearest, and none to calls of other kinds`() {
        let number = "999189807101"
        let rows = rows(
            [
                call("1", at: "2018-04-05T08:00:00Z", source: "dialer") { $0.to = number },
                call("2", at: "2018-04-05T08:00:50Z", source: "dialer") { $0.to = number },
                call("3", at: "2018-04-05T08:00:51Z", source: "api") { $0.to = number },
                call("4", at: "2018-04-05T08:00:51Z", source: "dialer") { $0.from = number },
            ],
            [dialed("a", number, at: "2018-04-05T08:00:51Z")]
        )
        #expect(rows.map(\.state) == [.unnamed, .archived, .unnamed, .unnamed])
    }

    @Test func `takes no start for one that nobody knows`() {
        let recording = dialed("a", "999189807101") { $0.startedAtFrom = .day }
        #expect(rows([call("1", source: "dialer") { $0.to = "999189807101" }], [recording])[0].state == .unnamed)
    }

    @Test func `in percent is never rounded up, and absent where nothing is known`() {
        func coverage(archived: Int, lost: Int) -> DayCoverage {
            let calls = (0..<archived).map { call("a\($0)", ["a"]) } + (0..<lost).map { call("l\($0)", ["l"]) }
            let rows = rows(calls, [Samples.recording("a", Samples.digest(1))])
            return DayCoverage(Samples.day, rows, unnamedWithAgent: 0, openSources: [], doubt: nil)
        }
        #expect(coverage(archived: 1999, lost: 1).archivedPercent == 99.9)
        #expect(coverage(archived: 2, lost: 1).archivedPercent == 66.6)
        #expect(coverage(archived: 3, lost: 0).archivedPercent == 100)
        #expect(coverage(archived: 0, lost: 2).archivedPercent == 0)
        #expect(coverage(archived: 0, lost: 0).archivedPercent == nil)
        #expect(coverage(archived: 3, lost: 0).isWhole)
        #expect(!coverage(archived: 3, lost: 1).isWhole)
    }
}
