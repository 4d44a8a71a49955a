import Foundation
import PlatformSimulator
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// What the account's call log says stands in `Fixtures/account/calls.json`.
@Suite struct `The call log` {
    @Test func `gives each recording its queue`() async throws {
        let part = try await CollectBench("").collect().part
        let calls = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: "\(Places.fixtures)/account/calls.json"))
        )
        var queues: [String: String] = [:]
        for case let call as [String: Any] in try #require(calls as? [Any]) {
            let queue = (call["bridged"] as? [String: Any])?["queueName"] as? String
            for case let id as String in call["recordings"] as? [Any] ?? [] { queues[id] = queue }
        }
        #expect(part.recordings.contains { $0.queue == "Harbour Lights" })
        for recording in part.recordings { #expect(recording.queue == queues[recording.recordingID.text]) }
    }

    @Test func `tells dialer calls from those started one at a time`() async throws {
        let part = try await CollectBench("").collect { simulator in
            simulator.updateAccount { account in
                for index in account.calls.indices where account.calls[index]["id"]?.text == sampleCall {
                    account.calls[index]["source"] = "dialer"
                    account.calls[index]["campaign"] = "Spring renewal"
                }
            }
        }.part
        let recording = try #require(part.recordings.first { $0.call?.id == sampleCall })
        #expect(recording.channel == .dialer)
        #expect(recording.campaign == "Spring renewal")
        #expect(recording.path.hasPrefix("data/dialer/10/"))
    }

    @Test func `is no loss to an account that may not read it`() async throws {
        let collected = try await CollectBench("").collect { $0.setFaults([Fault(.status(403), at: .calls)]) }
        #expect(collected.part.recordings.count == 12)
        #expect(collected.part.recordings.allSatisfy { $0.queue == nil })
        #expect(collected.part.sources.map(\.state) == [.complete])
    }

    @Test func `keeps no audio waiting when it cannot be had, and is read by the next run`() async throws {
        let bench = try CollectBench("")
        let first = try await bench.collect { $0.setFaults([Fault(.status(503), at: .calls)]) }
        #expect(first.part.recordings.count == 12)
        #expect(first.part.sources.map(\.state) == [.partial])
        #expect(first.part.sources[0].failure?.code == .unreachable)
        let second = try await bench.collect()
        #expect(second.part.recordings.contains { $0.queue == "Harbour Lights" })
        #expect(second.part.sources.map(\.state) == [.complete])
        #expect(second.count(.audio) == 0)
    }

    private let sampleCall = "de6c47fa053443d6a0e5adc871b18bd3"
}
