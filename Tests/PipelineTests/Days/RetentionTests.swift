import Foundation
import Platform
import PlatformSimulator
import Recordings
import TestSupport
import Testing
import Vault

@testable import Pipeline

@Suite struct `How long the platform keeps things` {
    private func account(_ days: Int?) -> Account {
        var account = Account()
        account.bearerTokens = ["token"]
        account.retention = days.map { ["recordingFiles": .integer(Int64($0))] } ?? [:]
        return account
    }

    private func expectDays(_ count: Int, _ days: DayBench, _ place: SourceLocation = #_sourceLocation) async throws {
        let known = try await days.run().clock.days(.api)
        #expect(known == count, sourceLocation: place)
    }

    private let now = Samples.time("2018-04-10T04:30:00Z")

    @Test func `is asked of the account once a day`() async throws {
        try await DayBench.with(account(20), at: now) { days in
            try await expectDays(20, days)
            try await expectDays(20, days)
            #expect(days.simulator.requests(to: .retention).count == 1)
            days.simulator.updateAccount { $0.retention = ["recordingFiles": 15] }
            days.time.set(Date(timeIntervalSince1970: Double(now.secondsSinceEpoch) + 86_399))
            try await expectDays(20, days)
            days.time.set(Date(timeIntervalSince1970: Double(now.secondsSinceEpoch) + 86_400))
            try await expectDays(15, days)
            #expect(days.simulator.requests(to: .retention).count == 2)
        }
    }

    @Test func `is what was known before while the account cannot be asked, which is tried once a run`() async throws {
        try await DayBench.with(account(20), at: now) { days in
            _ = try await days.run()
            days.time.set(Date(timeIntervalSince1970: Double(now.secondsSinceEpoch) + 90_000))
            days.simulator.setFaults([Fault(.status(503), at: .retention)])
            try await expectDays(20, days)
            #expect(days.simulator.requests(to: .retention).count == 2)
        }
    }

    @Test func `is the configuration's word where the account has none, or none that is shorter`() async throws {
        for word in [nil, 0, 365] {
            try await DayBench.with(account(word), at: now) { days in
                let clock = try await days.run().clock
                #expect(clock.days(.api) == 180)
                #expect(clock.days(.https) == 30)
            }
        }
    }

    /// Whether the setting covers the dialer's archives is not documented: they can be gone early, and are waited for.
    @Test func `may be shorter for the dialer's archives, which are not given up for that`() throws {
        let clock = RetentionClock(try Bench().configuration, account: .init(recordingFiles: 10))
        let deletion = clock.deletion(of: Samples.day, at: .https)
        #expect(deletion.lowerBound == Samples.time("2018-04-14T22:00:00Z"))
        #expect(deletion.upperBound == Samples.time("2018-05-05T22:00:00Z"))
        #expect(clock.deletion(of: Samples.day, at: .api).upperBound == Samples.time("2018-04-15T22:00:00Z"))
    }

    @Test func `names the days at stake when it has become shorter`() throws {
        let configuration = try Bench().configuration
        let api = ConfiguredSource(name: "api", kind: .api)
        var published: [Day: DaySummary] = [:]
        for (text, state) in [
            ("2018-03-01", SourceState.partial), ("2018-03-02", .complete), ("2018-03-03", .expired),
            ("2018-03-04", .complete), ("2018-03-05", .complete), ("2018-03-06", .failed),
        ] {
            let day = try #require(Day(text))
            published[day] = .sample(day, [(api, state)])
        }
        published[try #require(Day("2018-03-05"))] = nil
        let change = ShortenedRetention(
            before: RetentionClock(configuration),
            after: RetentionClock(configuration, account: .init(recordingFiles: 35)),
            sources: [api],
            now: Samples.time("2018-04-06T10:00:00Z")
        )
        #expect(
            change.warning(published)
                == "the account keeps recordings for 35 days, and not for 180; what is missing of 2018-03-01 is being "
                + "deleted, or is lost; less time is left for 2018-03-05, 2018-03-06"
        )
    }
}
