import Recordings
import Settings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `The days that are due` {
    private func plan(_ states: [String: DaySummary.State], today: String) throws -> [String] {
        let request = ConfigurationRequest(
            file: "/c.yaml",
            environment: [:],
            currentDirectory: "/",
            flags: [:]
        )
        let loaded = try Configuration.load(
            request,
            files: ConfigurationFiles { _ in
                .init(
                    bytes: Array("vault: /v\nretention: { dialer_days: 30, api_days: 40 }\nlookback_days: 2\n".utf8),
                    mode: 0o600
                )
            }
        )
        let days = Dictionary(uniqueKeysWithValues: try states.map { (try #require(Day($0.key)), $0.value) })
        return DuePlan(states: days, today: try #require(Day(today)), configuration: loaded.configuration)
            .days().map(\.description)
    }

    @Test func `in a new vault are those of the lookback`() throws {
        #expect(try plan([:], today: "2018-04-05") == ["2018-04-03", "2018-04-04"])
    }

    @Test func `are the incomplete and the missing ones, oldest first, and the lookback`() throws {
        let days = try plan(
            ["2018-03-28": .complete, "2018-03-29": .incomplete, "2018-03-31": .empty, "2018-04-01": .complete],
            today: "2018-04-05"
        )
        #expect(days == ["2018-03-29", "2018-03-30", "2018-04-02", "2018-04-03", "2018-04-04"])
    }

    @Test func `end where the platform keeps nothing any more`() throws {
        let days = try plan(["2017-12-31": .incomplete, "2018-04-02": .complete], today: "2018-04-05")
        #expect(days.first == "2018-02-24")
    }
}
