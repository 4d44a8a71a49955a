import Foundation
import PlatformSimulator
import Recordings
import Settings
import TestSupport
import Testing
import Vault

@testable import Pipeline

@Suite struct `A simulated year` {
    private static let seed: UInt64 = 0x2018_0405

    @Test(arguments: ["Europe/Berlin", "America/New_York"])
    func `ends with everything archived that was ever offered, or named as lost`(zone: String) async throws {
        let script = try YearScript(seed: Self.seed, zone: try #require(TimeZone(identifier: zone)))
        var account = Account()
        account.bearerTokens = ["token"]
        let start = Timestamp(secondsSinceEpoch: Int64(script.days[0].start.timeIntervalSince1970))
        let (driver, result) = try await DayBench.with(
            account,
            at: start,
            timezone: zone,
            yaml: "lookback_days: 2\n",
            inMemory: true
        ) { days in
            var driver = try YearDriver(script, days, seed: Self.seed)
            try await driver.run()
            return (driver, try YearResult(days.bench.vault))
        }
        let calls = expectCalls(driver, result)
        let members = expectArchives(driver, result)
        expectStandings(driver, result)
        #expect(driver.tally.interruptions >= 140, "three a week, on the days when the machine was on")
        #expect(result.badBags.isEmpty, "\(result.badBags)")
        print(
            """
            a simulated year in \(zone), seed \(Self.seed): \(driver.tally.runs) runs, \
            \(driver.tally.interruptions) interrupted, \(driver.tally.troubles) disturbed by the platform; \
            \(driver.tally.dayRuns) days walked, \(driver.tally.revisions) revisions of \(result.summaries.count) days
              the API's recordings: \(calls.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
              the dialer's recordings: \(members.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
            """
        )
    }

    /// - Returns: what became of the calls, counted.
    private func expectCalls(_ driver: YearDriver, _ result: YearResult) -> [String: Int] {
        var tally: [String: Int] = [:]
        for call in driver.script.calls {
            let days = result.calls[call.id] ?? []
            let exception = result.exceptions[call.id]
            if !days.isEmpty {
                #expect(days == [call.day.name], "\(call.id) is published once, on its own day")
                tally["archived", default: 0] += 1
                continue
            }
            #expect(!driver.offeredCalls.contains(call.id), "\(call.id) of \(call.day.name) was there to be fetched")
            let api = result.source("api", call.day.name)
            if let exception {
                #expect(exception.day == call.day.name)
                tally[exception.reason, default: 0] += 1
            } else {
                #expect(api?.state == .expired, "\(call.id) of \(call.day.name) is nowhere: \(String(describing: api))")
                #expect(api?.detail != nil)
                tally["lost with their day", default: 0] += 1
            }
        }
        #expect(tally["archived", default: 0] > 600)
        return tally
    }

    /// - Returns: what became of the archives' members, counted.
    private func expectArchives(_ driver: YearDriver, _ result: YearResult) -> [String: Int] {
        var tally: [String: Int] = [:]
        let end = driver.script.days[YearScript.dayCount - 1].end
        for archive in driver.script.archives {
            let source = result.source("outbound", archive.day.name)
            let published = archive.members.filter { result.members[$0.name] == [archive.day.name] }.count
            if published > 0 {
                #expect(published == archive.members.count, "\(archive.name): \(published)")
                #expect(source?.state == .complete)
                tally["archived", default: 0] += published
                continue
            }
            #expect(!driver.offeredArchives.contains(archive.day.number), "\(archive.name) was there to be fetched")
            let retention = Double(YearScript.dialerDays + 1) * 86_400
            if archive.day.end.addingTimeInterval(retention) < end {
                #expect(source?.state == .expired, "\(archive.name): \(String(describing: source))")
                #expect(source?.expiredAt != nil)
                #expect(source?.lost?.calls == archive.members.count, "\(archive.name): \(String(describing: source))")
                tally["lost", default: 0] += archive.members.count
            } else {
                #expect(source?.state == .notReady, "\(archive.name): \(String(describing: source))")
                tally["still expected", default: 0] += archive.members.count
            }
        }
        #expect(tally["archived", default: 0] > 400)
        #expect(tally["lost", default: 0] > 10)
        return tally
    }

    /// What `status` says of each day is what its sources say.
    private func expectStandings(_ driver: YearDriver, _ result: YearResult) {
        #expect(driver.script.days.allSatisfy { result.summaries[$0.name] != nil }, "every day has a bag")
        for summary in result.summaries.values {
            let isLost = summary.sources.contains { $0.state == .expired }
            let isOpen = summary.sources.contains { !$0.state.isSettled }
            #expect((summary.state == .incomplete) == isOpen, "\(summary.day)")
            if isLost { #expect(summary.state == .incomplete, "\(summary.day)") }
            for source in summary.sources {
                #expect(
                    source.members == source.published + source.duplicates + source.moved + source.exceptions,
                    "\(summary.day) \(source.name)"
                )
            }
        }
    }
}

/// What the vault holds in the end, read from its files.
struct YearResult {
    private(set) var summaries: [String: DaySummary] = [:]
    /// The days on which an id of the API is published.
    private(set) var calls: [String: [String]] = [:]
    /// The days on which a member of an archive is published.
    private(set) var members: [String: [String]] = [:]
    private(set) var exceptions: [String: (day: String, reason: String)] = [:]
    /// What `sha256sum` has to say.
    let badBags: String

    init(_ vault: Vault) throws {
        for day in try vault.publishedDays() {
            let bag = URL(fileURLWithPath: vault.bag(day))
            let name = "\(day)"
            summaries[name] = try JSONDecoder().decode(
                DaySummary.self,
                from: Data(contentsOf: bag.appending(path: "day.json"))
            )
            for row in try Self.lines(bag.appending(path: "manifest.jsonl")) {
                for source in row["sources"] as? [[String: Any]] ?? [] {
                    if let member = source["member"] as? String { members[member, default: []].append(name) }
                    if source["kind"] as? String == "api", let id = source["recording_id"] as? String {
                        calls[id, default: []].append(name)
                    }
                }
            }
            for row in try Self.lines(bag.appending(path: "exceptions.jsonl")) {
                if let id = row["recording_id"] as? String, let reason = row["reason"] as? String {
                    exceptions[id] = (name, reason)
                }
            }
        }
        badBags = try Program(
            "sh",
            [
                "-c",
                """
                for bag in ????/??/??; do (cd "$bag" && sha256sum -c --quiet tagmanifest-sha256.txt && { [ ! -s manifest-sha256.txt ] || sha256sum -c --quiet manifest-sha256.txt; }); done 2>&1
                """,
            ],
            in: vault.root
        ).text
    }

    func source(_ name: String, _ day: String) -> DaySummary.Source? {
        summaries[day]?.sources.first { $0.name == name }
    }

    private static func lines(_ file: URL) throws -> [[String: Any]] {
        try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).compactMap {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
    }
}
