import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// The day is 2018-04-05 in Berlin: 22:00 UTC on the 4th to 22:00 UTC on the 5th. Thirty days on it is 2018-05-05, 180 days on
/// 2018-10-02.
@Suite struct `How a day stands` {
    private func standing(
        _ states: [(String, SourceKind, SourceState)]?,
        at now: String,
        state: DaySummary.State = .incomplete
    ) throws -> DayStanding {
        let standings = DayStandings(
            sources: [.init(name: "outbound", kind: .directory), .init(name: "api", kind: .api)],
            clock: RetentionClock(try Bench().configuration),
            configuration: try Bench().configuration,
            now: Samples.time(now),
            horizonMs: 7 * 86_400_000
        )
        let summary = states.map { sources in
            var summary = DaySummary(
                day: Samples.day,
                timezone: "Europe/Berlin",
                interval: Samples.time("2018-04-04T22:00:00Z")..<Samples.time("2018-04-05T22:00:00Z"),
                revision: 1,
                sequence: 1,
                state: state,
                totals: .init(),
                sources: [],
                manifestSHA256: Samples.digest(1),
                previousManifestSHA256: nil,
                publishedAt: Samples.time("2018-04-06T05:00:00Z"),
                software: "test"
            )
            summary.sources = sources.map { .init(name: $0.0, kind: $0.1, state: $0.2) }
            return summary
        }
        return standings.standing(of: Samples.day, summary)
    }

    private let outbound = ("outbound", SourceKind.directory)
    private let api = ("api", SourceKind.api)

    @Test(arguments: [
        ("2018-04-06T03:59:59Z", DayStanding.Mark.waiting), ("2018-04-06T04:00:00Z", .notAttempted),
        ("2018-04-27T21:59:59Z", .notAttempted), ("2018-04-27T22:00:01Z", .atRisk), ("2018-05-05T21:59:59Z", .atRisk),
        ("2018-05-05T22:00:00Z", .lost),
    ])
    func `that nobody asked for goes by the dialer's retention`(now: String, mark: DayStanding.Mark) throws {
        #expect(try standing(nil, at: now).mark == mark)
    }

    @Test func `with everything there is what its summary says, for ever`() throws {
        let settled = [(outbound.0, outbound.1, SourceState.complete), (api.0, api.1, .empty)]
        #expect(try standing(settled, at: "2026-01-01T00:00:00Z", state: .complete).mark == .complete)
        #expect(try standing(settled, at: "2026-01-01T00:00:00Z", state: .empty).mark == .empty)
    }

    @Test func `names what is open, the soonest to expire first`() throws {
        let standing = try standing(
            [(api.0, api.1, .partial), (outbound.0, outbound.1, .notReady)],
            at: "2018-04-10T00:00:00Z"
        )
        #expect(standing.mark == .incomplete)
        #expect(standing.open.map(\.name) == ["outbound", "api"])
        #expect(standing.open.map(\.expiresAt.description) == ["2018-05-04T22:00:00.000Z", "2018-10-01T22:00:00.000Z"])
    }

    @Test func `with one side lost is lost, though the other can still be had`() throws {
        let sources = [(outbound.0, outbound.1, SourceState.notReady), (api.0, api.1, .partial)]
        #expect(try standing(sources, at: "2018-06-01T00:00:00Z").mark == .lost)
    }

    @Test func `knows a source that was configured later`() throws {
        let standing = try standing([(api.0, api.1, .complete)], at: "2018-04-10T00:00:00Z", state: .complete)
        #expect(standing.open.map(\.name) == ["outbound"])
        #expect(standing.open.map(\.state) == [.notAttempted])
    }
    @Test func `owes nothing to a source that was configured when it was too late`() throws {
        let standing = try standing([(api.0, api.1, .complete)], at: "2018-05-05T22:00:00Z", state: .complete)
        #expect(standing.mark == .complete)
        #expect(standing.open.isEmpty)
    }

    @Test func `is lost once a source has expired, though the other can still be had`() throws {
        let sources = [(outbound.0, outbound.1, SourceState.expired), (api.0, api.1, .complete)]
        #expect(try standing(sources, at: "2018-05-06T00:00:00Z").mark == .lost)
    }
}
