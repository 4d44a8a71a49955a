import Foundation
import PlatformSimulator
import Recordings
import Settings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `Selected audio` {
    /// The day's calls by the fixtures' account: six through a queue, of which the list alone does not tell.
    @Test(arguments: [
        ("directions: [outbound]", 5), ("queues: [harbour*]", 6), ("agents: [Mara*]", 0),
        ("numbers: ['+9991898070*']", 0),
        ("min_duration: 10s", 1),
    ])
    func `is fetched, and the rest is not even asked for`(condition: String, least: Int) async throws {
        let bench = try CollectBench("select:\n  \(condition)\n")
        let collected = try await bench.collect()
        let part = collected.part
        #expect(part.recordings.count >= least)
        #expect(part.recordings.count + part.exceptions.count == 12)
        #expect(part.sources[0].members == 12)
        #expect(Set(part.exceptions.map(\.reason)) == [.notSelected])
        #expect(collected.count(.audio) == part.recordings.count)
        #expect(part.sources.map(\.state) == [.complete])
        let wider = try await CollectBench(Bench(of: bench.bench)).collect()
        #expect(wider.part.recordings.count == 12, "a wider selection fetches what was left out")
        #expect(wider.count(.audio) == part.exceptions.count)
    }

    @Test func `is measured where nothing is declared, and what came stays`() async throws {
        let bench = try CollectBench("select:\n  min_duration: 10s\n")
        let collected = try await bench.collect { simulator in
            for recording in simulator.account.recordings {
                guard let id = recording.fields["id"]?.text else { continue }
                try simulator.updateRecording(id, fields: ["duration": .null])
            }
        }
        let declared = try await CollectBench("select:\n  min_duration: 10s\n").collect()
        #expect(collected.part.recordings.map(\.recordingID) == declared.part.recordings.map(\.recordingID))
        #expect(collected.count(.audio) == 12)
        #expect(collected.part.exceptions.allSatisfy { $0.reason == .notSelected && $0.sha256 != nil })
    }

    @Test func `by queue needs the call log, and says so`() async throws {
        let bench = try CollectBench("select:\n  queues: [Support]\n")
        let collected = try await bench.collect { $0.setFaults([Fault(.status(403), at: .calls)]) }
        #expect(collected.part.sources[0].failure?.code == .credentials)
        #expect(collected.part.sources[0].state == .partial)
        #expect(collected.part.exceptions.count == 12)
        #expect(collected.part.exceptions.allSatisfy { $0.reason == .unavailable })
        #expect(collected.count(.audio) == 0)
    }
}

@Suite struct `The selection` {
    private func rule(_ yaml: String) throws -> SelectionRule {
        SelectionRule(try Bench("select:\n  \(yaml)\n").configuration.select)
    }

    private var facts: CallFacts {
        var facts = CallFacts()
        facts.direction = .inbound
        facts.agent = Recording.Agent(id: "17", name: "Mara Lindqvist", number: "9991898071")
        facts.queue = "Support/EN"
        facts.campaign = "Spring"
        facts.tags = ["complaint"]
        facts.from = "+49 (30) 1234-5"
        facts.to = "0049301"
        facts.durationMs = 4000...4000
        return facts
    }

    @Test(arguments: [
        "directions: [inbound, outbound]", "agents: ['mara *']", "agents: ['17']", "queues: ['support*']",
        "campaigns: [Winter, Spring]", "tags: ['*plain*']", "numbers: ['493012345']", "numbers: ['+49 30 1']",
        "min_duration: 4s", "{queues: [Support/EN], min_duration: 3s}",
    ])
    func `takes what matches`(condition: String) throws {
        let yaml =
            condition.hasPrefix("{")
            ? String(condition.dropFirst().dropLast()).replacing(", min", with: "\n  min") : condition
        #expect(try rule(yaml).decide(facts) == .selected)
    }

    @Test(arguments: [
        "directions: [outbound]", "agents: [Mara]", "queues: ['sales*']", "campaigns: [Winter]", "tags: [praise]",
        "numbers: ['4930']", "min_duration: 5s", "queues: [Support/EN]\n  tags: [praise]",
    ])
    func `leaves out what does not, and says which condition`(condition: String) throws {
        guard case .leftOut(let detail) = try rule(condition).decide(facts) else {
            Issue.record("selected")
            return
        }
        #expect(detail.contains("select."))
    }

    @Test(arguments: ["agents: ['*']", "queues: ['*']", "campaigns: ['*']", "tags: ['*']", "numbers: ['*']"])
    func `leaves out what is not known to match`(condition: String) throws {
        guard case .leftOut = try rule(condition).decide(CallFacts()) else {
            Issue.record("selected")
            return
        }
    }

    @Test func `waits for the audio where the declared unit decides`() throws {
        var ambiguous = facts
        ambiguous.durationMs = 4...4000
        #expect(try rule("min_duration: 2s").decide(ambiguous) == .undecided)
        ambiguous.durationMs = nil
        #expect(try rule("min_duration: 2s").decide(ambiguous) == .undecided)
    }
}
