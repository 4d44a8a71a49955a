import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// Days of 24 recordings of 100,000 bytes: the API's 20, and the dialer's four in an archive of 300,000 bytes.
@Suite struct `The plan of a run` {
    private let outbound = ConfiguredSource(name: "outbound", kind: .https)
    private let api = ConfiguredSource(name: "api", kind: .api)

    private func plan(
        _ days: [String],
        archived: [String] = ["2018-04-01", "2018-04-02"],
        known: DaySummary? = nil,
        yaml: String = "",
        bytesPerSecond: Double? = nil,
        now: String = "2018-04-05T10:00:00Z"
    ) throws -> RunPlan {
        var published: [Day: DaySummary] = [:]
        for text in archived {
            let day = try #require(Day(text))
            var summary = DaySummary.sample(day, [(outbound, .complete), (api, .complete)])
            summary.sources[0].published = 4
            summary.sources[0].archives = [.init(name: "a.tar", sizeBytes: 300_000, sha256: Samples.digest(1))]
            summary.sources[1].published = 20
            summary.totals.recordings = 24
            summary.totals.sizeBytes = 2_400_000
            published[day] = summary
        }
        if let known { published[known.day] = known }
        let bench = try Bench(
            """
            \(yaml)
            dialer:
              sources: [{ name: outbound, kind: https, url: "https://example.com/{dd}", checksum_url: "{url}.sha256" }]
            """
        )
        return RunPlan(
            days: try days.map { try #require(Day($0)) },
            published: published,
            sources: [outbound, api],
            clock: RetentionClock(bench.configuration),
            configuration: bench.configuration,
            bytesPerSecond: bytesPerSecond,
            now: Samples.time(now)
        )
    }

    /// Two for the archive and its checksum; a page of the list, one of the call log, and twenty audio files.
    @Test func `counts what it takes to fetch a day that is not there`() throws {
        let plan = try plan(["2018-04-04"])
        #expect(plan.estimatedFromDays == 2)
        #expect(plan.days[0].sources.map(\.requests) == [2, 22])
        #expect(plan.days[0].sources.map(\.recordings) == [4, 20])
        #expect(plan.days[0].sources.map(\.bytes) == [300_000, 2_000_000])
        #expect(plan.requests == 24)
        #expect(plan.bytes == 2_300_000)
        #expect(plan.seconds == 22, "one request a second to the platform; the archive is another server's")
    }

    @Test func `needs room for the audio of all days and for one day's archives`() throws {
        let plan = try plan(["2018-04-03", "2018-04-04"])
        #expect(plan.neededBytes == 2 * 2_400_000 + 300_000)
        #expect(plan.days.map(\.neededBytes) == [2_700_000, 2_700_000])
    }

    @Test func `takes the longer of what the requests take and what the bytes take`() throws {
        #expect(try plan(["2018-04-04"], yaml: "api: { tpslimit: 2 }").seconds == 11)
        #expect(try plan(["2018-04-04"], bytesPerSecond: 10_000).seconds == 230)
    }

    @Test func `takes a page for twenty recordings where many come in a file`() throws {
        let plan = try plan(["2018-04-04"], yaml: "api: { download: bulk, bulk_size: 8, page_size: 7 }")
        #expect(plan.days[0].sources[1].requests == 3 + 3 + 3)
    }

    @Test func `only looks at a day that is archived`() throws {
        let plan = try plan(["2018-04-02"])
        #expect(plan.days[0].sources.map(\.requests) == [1, 1])
        #expect(plan.bytes == 0)
        #expect(plan.neededBytes == 0)
    }

    @Test func `counts only what is missing of a day of which some recordings came`() throws {
        let day = try #require(Day("2018-04-03"))
        var partial = DaySummary.sample(day, [(outbound, .complete), (api, .partial)])
        partial.sources[1].exceptions = 3
        partial.sources[1].published = 17
        let plan = try plan(["2018-04-03"], known: partial)
        #expect(plan.days[0].sources[1].recordings == 3)
        #expect(plan.days[0].sources[1].bytes == 300_000)
        #expect(plan.days[0].sources[1].requests == 1 + 1 + 3)
    }

    @Test func `knows no figures where no day is archived to go by`() throws {
        let plan = try plan(["2018-04-04"], archived: [])
        #expect(plan.estimatedFromDays == 0)
        #expect(plan.days[0].sources.map(\.bytes) == [nil, nil])
        #expect(plan.days[0].sources.map(\.recordings) == [nil, nil])
    }

    /// The archive of 2018-03-07 begins to go on 2018-04-05 at 22:00 UTC. At a request in 1,000 seconds, the 22 of the
    /// day before it take six hours.
    @Test func `says what expires before its turn comes`() throws {
        let plan = try plan(
            ["2018-03-20", "2018-03-07"],
            yaml: "api: { tpslimit: 0.001 }",
            now: "2018-04-05T17:00:00Z"
        )
        #expect(plan.days[1].startsAfterSeconds == 22_000)
        #expect(plan.days.map { $0.sources.map(\.expiresBeforeItsTurn) } == [[false, false], [true, false]])
        let soonest = try self.plan(
            ["2018-03-07", "2018-03-20"],
            yaml: "api: { tpslimit: 0.001 }",
            now: "2018-04-05T17:00:00Z"
        )
        #expect(soonest.days.allSatisfy { $0.sources.allSatisfy { !$0.expiresBeforeItsTurn } })
    }

    @Test func `expects nothing of what is lost`() throws {
        let plan = try plan(["2018-03-01"])
        #expect(plan.days[0].sources.map(\.isLost) == [true, false])
        #expect(plan.days[0].sources.map(\.bytes) == [0, 2_000_000])
        #expect(plan.days[0].sources[0].requests == 1)
    }
}
