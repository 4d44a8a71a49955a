import Foundation
import PlatformSimulator
import Recordings
import TestSupport
import Testing
import Vault

@testable import Pipeline

/// 2018-04-05 in Berlin. The dialer's archive of it could be had until 2018-05-05 at 22:00 UTC, the API's recordings
/// until 2018-10-02.
@Suite struct `A day that can no longer be had` {
    private let recording = "0ed866c1f8b44727827daaaf7e7b098c"

    private func call(_ number: Int, source: String, answered: Bool, recordings: [String] = []) -> JSONValue {
        var call: JSONValue = [
            "id": .text(String(repeating: "\(number)", count: 32)), "dateCreated": "2018-04-05T09:00:00.000Z",
            "source": .text(source), "duration": .integer(answered ? 30 : 0),
            "recordings": .array(recordings.map { .text($0) }),
        ]
        if answered { call["dateEstablished"] = "2018-04-05T09:00:10.000Z" }
        return call
    }

    private func account(_ calls: [JSONValue], state: String = "stored") throws -> Account {
        var account = Account()
        account.bearerTokens = ["token"]
        account.retention = [:]
        account.calls = calls
        let audio = try Data(contentsOf: URL(fileURLWithPath: "\(Places.fixtures)/audio/greeting.mp3"))
        account.recordings = [
            Account.StoredRecording(
                id: recording,
                startedAt: Samples.time("2018-04-05T09:00:00Z"),
                audio: .bytes(audio),
                fields: ["state": .text(state)]
            )
        ]
        return account
    }

    private var calls: [JSONValue] {
        [
            call(1, source: "dialer", answered: true), call(2, source: "dialer", answered: false),
            call(3, source: "dialer", answered: true, recordings: [String(repeating: "a", count: 32)]),
            call(4, source: "queue", answered: true, recordings: [recording]),
        ]
    }

    private func source(_ name: String, _ outcome: DayOutcome) throws -> DaySummary.Source {
        try #require(outcome.summary?.sources.first { $0.name == name })
    }

    @Test func `is expired, and says since when and how much the call log knows to be missing`() async throws {
        try await DayBench.with(try account(calls), at: Samples.time("2018-06-01T06:00:00Z")) { days in
            let outcome = try await days.run().pipeline.run(Samples.day)
            let outbound = try source("outbound", outcome)
            #expect(outbound.state == .expired)
            #expect(outbound.expiredAt == Samples.time("2018-05-05T22:00:00Z"))
            #expect(outbound.lost == DaySummary.Loss(calls: 2, recordings: 1))
            #expect(outbound.detail?.contains("until 2018-05-05T22:00:00.000Z") == true)
            #expect(outbound.detail?.hasSuffix("the call log names 2 answered calls of it, and 1 recordings") == true)
            #expect(outcome.summary?.state == .incomplete)
            #expect(try source("api", outcome).state == .complete)
            #expect(outcome.failures.map(\.code) == [.notFound])
        }
    }

    @Test func `is published though no source has anything of it`() async throws {
        var account = try account(calls)
        account.recordings = []
        try await DayBench.with(account, at: Samples.time("2018-12-01T06:00:00Z")) { days in
            let outcome = try await days.run().pipeline.run(Samples.day)
            #expect(outcome.isNewRevision)
            #expect(outcome.summary?.sources.map(\.state) == [.expired, .expired])
            #expect(try source("api", outcome).lost == DaySummary.Loss(calls: 1, recordings: 1))
        }
    }

    @Test func `is said to be lost once, and is due no more`() async throws {
        try await DayBench.with(try account(calls), at: Samples.time("2018-06-01T06:00:00Z")) { days in
            _ = try await days.run().pipeline.run(Samples.day)
            days.simulator.clearLog()
            let run = try await days.run()
            let due = try run.due(days)
            #expect(!due.contains(Samples.day))
            let again = try await run.pipeline.run(Samples.day)
            #expect(!again.isNewRevision)
            #expect(again.failures.isEmpty)
            #expect(days.simulator.requests(to: .calls).isEmpty)
        }
    }

    @Test func `takes an archive in that turns up after all`() async throws {
        try await DayBench.with(try account(calls), at: Samples.time("2018-06-01T06:00:00Z")) { days in
            _ = try await days.run().pipeline.run(Samples.day)
            let audio = try Data(contentsOf: URL(fileURLWithPath: "\(Places.fixtures)/audio/greeting-bare.mp3"))
            days.simulator.updateAccount { account in
                let tar = Ustar.archive([("20180405-110010_4930123-all.mp3", audio)])
                account.archives["outbound-2018-04-05.tar"] = .bytes(tar)
            }
            let outcome = try await days.run().pipeline.run(Samples.day)
            let outbound = try source("outbound", outcome)
            #expect(outbound.state == .complete)
            #expect((outbound.expiredAt, outbound.lost?.calls, outbound.detail) == (nil, nil, nil))
            #expect(outcome.summary?.state == .complete)
            #expect(outcome.summary?.revision == 2)
        }
    }

    @Test func `was empty where the call log has calls, and none of the source's kind`() async throws {
        try await DayBench.with(try account([calls[3]]), at: Samples.time("2018-06-01T06:00:00Z")) { days in
            let outcome = try await days.run().pipeline.run(Samples.day)
            #expect(try source("outbound", outcome).state == .empty)
            #expect(outcome.summary?.state == .complete)
        }
    }

    @Test func `is expired where the call log has no call at all: it can be gone as well`() async throws {
        try await DayBench.with(try account([]), at: Samples.time("2018-06-01T06:00:00Z")) { days in
            let outcome = try await days.run().pipeline.run(Samples.day)
            #expect(try source("outbound", outcome).state == .expired)
        }
    }

    @Test func `says that nothing is known where the call log may not be read, and more once it may`() async throws {
        try await DayBench.with(try account(calls), at: Samples.time("2018-06-01T06:00:00Z")) { days in
            days.simulator.setFaults([Fault(.status(403), at: .calls)])
            let first = try source("outbound", try await days.run().pipeline.run(Samples.day))
            #expect(first.state == .expired)
            #expect(first.lost == nil)
            #expect(first.detail?.contains("is not known: the call log is not readable") == true)
            days.simulator.setFaults([])
            let second = try source("outbound", try await days.run().pipeline.run(Samples.day))
            #expect(second.lost?.calls == 2)
        }
    }

    @Test func `names what was pending when the platform deleted it`() async throws {
        try await DayBench.with(
            try account(calls, state: "storing"),
            at: Samples.time("2018-06-01T06:00:00Z")
        ) { days in
            #expect(try source("api", try await days.run().pipeline.run(Samples.day)).state == .partial)
            days.simulator.updateAccount { $0.recordings = [] }
            days.time.set(Date(timeIntervalSince1970: Double(Samples.time("2018-10-02T22:00:00Z").secondsSinceEpoch)))
            let run = try await days.run()
            let due = try run.due(days)
            #expect(due.contains(Samples.day))
            let api = try source("api", try await run.pipeline.run(Samples.day))
            #expect(api.state == .expired)
            #expect(api.members == 1)
            let exceptions = try #require(try run.vault.publishedDay(Samples.day)).exceptions
            #expect(exceptions.map(\.reason) == [.deletedUpstream])
            #expect(exceptions[0].detail.hasPrefix("was pending"))
            let dueAfterwards = try await days.run().due(days)
            #expect(!dueAfterwards.contains(Samples.day))
        }
    }

    @Test func `is given up when the platform still lists what it never had`() async throws {
        try await DayBench.with(
            try account(calls, state: "failed"),
            at: Samples.time("2018-10-02T21:59:59Z")
        ) { days in
            #expect(try source("api", try await days.run().pipeline.run(Samples.day)).state == .partial)
            days.time.set(Date(timeIntervalSince1970: Double(Samples.time("2018-10-02T22:00:00Z").secondsSinceEpoch)))
            let api = try source("api", try await days.run().pipeline.run(Samples.day))
            #expect(api.state == .expired)
            #expect(api.exceptions == 1)
            #expect(api.detail == "what is missing of it could be had until 2018-10-02T22:00:00.000Z")
        }
    }

    @Test func `is not given up while the platform only fails`() async throws {
        try await DayBench.with(try account(calls), at: Samples.time("2018-12-01T06:00:00Z")) { days in
            days.simulator.setFaults([Fault(.status(503), at: .audio)])
            let run = try await days.run()
            #expect(try source("api", try await run.pipeline.run(Samples.day)).state == .partial)
            let due = try await days.run().due(days)
            #expect(due.contains(Samples.day))
            days.simulator.setFaults([])
            #expect(try source("api", try await days.run().pipeline.run(Samples.day)).state == .complete)
        }
    }
}
