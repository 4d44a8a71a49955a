import Platform
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// The account is in Berlin, keeps the dialer's archives for 30 days and the API's recordings for 40; two days are
/// looked at again for late arrivals.
@Suite struct `The days that are due` {
    private let outbound = ConfiguredSource(name: "outbound", kind: .https)
    private let api = ConfiguredSource(name: "api", kind: .api)

    /// - Parameter states: outbound's and the API's, by day.
    private func plan(
        _ states: [String: (SourceState, SourceState)],
        started: [String] = [],
        sources: [ConfiguredSource]? = nil,
        since: String? = nil,
        account: Int? = nil,
        now: String = "2018-04-05T10:00:00Z"
    ) throws -> [String] {
        let published = try states.map { text, states in
            DaySummary.sample(try #require(Day(text)), [(outbound, states.0), (api, states.1)])
        }
        return try plan(
            published: published,
            started: started,
            sources: sources,
            since: since,
            account: account,
            now: now
        )
    }

    private func plan(
        published: [DaySummary],
        started: [String] = [],
        sources: [ConfiguredSource]? = nil,
        since: String? = nil,
        account: Int? = nil,
        now: String = "2018-04-05T10:00:00Z"
    ) throws -> [String] {
        let bench = try Bench("retention: { dialer_days: 30, api_days: 40 }\nlookback_days: 2\n")
        return try DuePlan(
            published: Dictionary(uniqueKeysWithValues: published.map { ($0.day, $0) }),
            started: Set(started.map { try #require(Day($0)) }),
            sources: sources ?? [outbound, api],
            clock: RetentionClock(bench.configuration, account: .init(recordingFiles: account)),
            configuration: bench.configuration,
            now: Samples.time(now)
        ).days(since: since.flatMap { Day($0) }).map(\.description)
    }

    @Test func `in a new vault are those of the lookback`() throws {
        #expect(try plan([:]) == ["2018-04-03", "2018-04-04"])
    }

    @Test func `are the incomplete and the missing ones, oldest first, and the lookback`() throws {
        let days = try plan([
            "2018-03-28": (.complete, .complete), "2018-03-29": (.notReady, .complete), "2018-03-31": (.empty, .empty),
            "2018-04-01": (.complete, .empty),
        ])
        #expect(days == ["2018-03-29", "2018-03-30", "2018-04-02", "2018-04-03", "2018-04-04"])
    }

    /// The API's part of 25 March goes on 4 May, the dialer's of 28 March on 27 April.
    @Test func `are in the order in which they expire, which is not that of the calendar`() throws {
        let settled = try plan([
            "2018-03-25": (.complete, .failed), "2018-03-26": (.complete, .complete),
            "2018-03-27": (.complete, .complete),
            "2018-03-28": (.failed, .complete), "2018-03-29": (.complete, .complete),
            "2018-03-30": (.complete, .complete),
            "2018-03-31": (.complete, .complete), "2018-04-01": (.complete, .complete),
            "2018-04-02": (.complete, .complete),
            "2018-04-03": (.complete, .complete), "2018-04-04": (.complete, .complete),
        ])
        #expect(settled == ["2018-03-28", "2018-04-03", "2018-03-25", "2018-04-04"])
    }

    @Test func `are days that a run has tried and could not publish, however long ago`() throws {
        #expect(
            try plan([:], started: ["2018-04-01"]) == ["2018-04-01", "2018-04-02", "2018-04-03", "2018-04-04"]
        )
    }

    @Test func `are those without a bag since the day that is given`() throws {
        #expect(try plan([:], since: "2018-04-02") == ["2018-04-02", "2018-04-03", "2018-04-04"])
        let days = try plan(
            ["2018-03-20": (.notReady, .complete), "2018-03-22": (.complete, .complete)],
            since: "2018-04-02"
        )
        #expect(days == ["2018-03-20", "2018-04-02", "2018-04-03", "2018-04-04"])
    }

    /// On 5 April all of 5 March is gone from the dialer, and all of 23 February from the API; of the days after these,
    /// the first recordings are going.
    @Test func `are days of which nothing can be had, once, after all others`() throws {
        let days = try plan(["2018-02-20": (.expired, .expired), "2018-04-02": (.complete, .complete)])
        #expect(days.suffix(2) == ["2018-02-22", "2018-02-23"])
        #expect(days.prefix(2) == ["2018-02-24", "2018-03-06"])
        #expect(!days.contains("2018-02-20"))
    }

    /// Somebody has typed these days when nothing was left of them, or a clock was wrong: nothing was ever owed of them.
    @Test(arguments: ["2018-01-15", "2011-11-11", "1970-01-01", "1018-04-05"])
    func `do not begin with one of which there never was anything`(text: String) throws {
        let day = try #require(Day(text))
        let typed = DaySummary.sample(
            day,
            [(outbound, .expired), (api, .expired)],
            at: Samples.time("2018-04-04T09:00:00Z")
        )
        let archived = DaySummary.sample(try #require(Day("2018-04-02")), [(outbound, .complete), (api, .complete)])
        #expect(
            try plan(published: [typed, archived]) == ["2018-04-03", "2018-04-04"],
            "the day on which something was archived is the first"
        )
        var seen = typed
        seen.totals.recordings = 1
        let first = day < DayBounds.earliest ? "2018-04-03" : nil
        #expect(try plan(published: [seen, archived]).min() == first ?? day.advanced(by: 1).description)
    }

    @Test func `are lost ones only as long as it is not said`() throws {
        #expect(try plan(["2018-02-20": (.partial, .complete)], since: "2018-04-03").first == "2018-04-03")
        #expect(try plan(["2018-02-20": (.partial, .complete)], since: "2018-04-03").last == "2018-02-20")
        #expect(try plan(["2018-02-20": (.expired, .complete)], since: "2018-04-03").last == "2018-04-04")
    }

    @Test func `are those whose source has lost them before its time`() throws {
        #expect(try plan(["2018-04-01": (.expired, .complete)], since: "2018-04-03").contains("2018-04-01"))
    }

    @Test func `are those that a source which was configured later can still give`() throws {
        let late = ConfiguredSource(name: "partner", kind: .directory)
        let states = [
            "2018-02-20": (SourceState.complete, SourceState.complete), "2018-04-01": (.complete, .complete),
        ]
        let days = try plan(states, sources: [outbound, api, late], since: "2018-04-03")
        #expect(days == ["2018-04-01", "2018-04-03", "2018-04-04"])
    }

    @Test func `are none for what only a source that is gone from the configuration owes`() throws {
        #expect(
            try plan(["2018-04-01": (.failed, .complete)], sources: [api], since: "2018-04-03").first == "2018-04-03"
        )
    }

    /// The account keeps recordings for ten days: of 25 March, the API's are as good as gone.
    @Test func `are in the order that the account's own retention makes`() throws {
        let states = [
            "2018-03-27": (SourceState.complete, SourceState.failed), "2018-03-20": (.failed, .complete),
        ]
        #expect(try plan(states, since: "2018-04-04").prefix(2) == ["2018-03-20", "2018-04-03"])
        #expect(try plan(states, since: "2018-04-04", account: 10).prefix(2) == ["2018-03-20", "2018-03-27"])
    }
}

extension DaySummary {
    /// A day with sources in these states, as a run published it.
    ///
    /// - Parameter time: when that was; nil for the morning after the day.
    static func sample(
        _ day: Day,
        _ sources: [(ConfiguredSource, SourceState)],
        at time: Timestamp? = nil
    ) -> DaySummary {
        let morning = Timestamp(secondsSinceEpoch: Int64(day.daysSinceEpoch + 1) * 86_400 + 5 * 3600)
        var summary = DaySummary(
            day: day,
            timezone: "Europe/Berlin",
            interval: Samples.time("2018-04-04T22:00:00Z")..<Samples.time("2018-04-05T22:00:00Z"),
            revision: 1,
            sequence: 1,
            state: sources.allSatisfy { $0.1.isSettled } ? .complete : .incomplete,
            totals: .init(),
            sources: [],
            manifestSHA256: Samples.digest(1),
            previousManifestSHA256: nil,
            publishedAt: time ?? morning,
            software: "test"
        )
        summary.sources = sources.map { .init(name: $0.0.name, kind: $0.0.kind, state: $0.1) }
        return summary
    }
}
