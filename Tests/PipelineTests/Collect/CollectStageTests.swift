import Foundation
import Logging
import Platform
import PlatformSimulator
import Recordings
import Settings
import TestSupport
import Testing
import Vault

@testable import Pipeline

@Suite struct `The collect stage` {
    private func collect(
        _ bench: Bench,
        now: Timestamp? = nil,
        _ prepare: @Sendable (PlatformSimulator) async throws -> Void
    ) async throws -> (DayPart, [LoggedRequest]) {
        let collected = try await CollectBench(bench, now: now).collect(prepare)
        return (collected.part, collected.requests)
    }

    private let sample = "0ed866c1f8b44727827daaaf7e7b098c"

    @Test func `collects every recording of the day, with the API's words about it`() async throws {
        let (part, _) = try await collect(try Bench()) { _ in }
        #expect(part.recordings.count == 12)
        #expect(part.exceptions.isEmpty)
        #expect(part.sources.map(\.state) == [.complete])
        let recording = try #require(part.recordings.first { $0.recordingID.text == sample })
        #expect(recording.channel == .clickToCall)
        #expect(recording.declared?.durationUnit == .milliseconds)
        #expect(recording.startedAtFrom == .api)
    }

    @Test(arguments: [
        ("storing", Exception.Reason.pending), ("deleted", .deletedUpstream), ("missing", .unavailable),
        ("failed", .unavailable),
    ])
    func `names what the platform has not, with its reason`(state: String, reason: Exception.Reason) async throws {
        let (part, _) = try await collect(try Bench()) { simulator in
            try simulator.updateRecording(sample, fields: ["state": .text(state)])
        }
        #expect(part.recordings.count == 11)
        #expect(part.exceptions.map(\.reason) == [reason])
        #expect(part.exceptions.map(\.recordingID?.text) == [sample])
        #expect(part.sources[0].members == 12)
    }

    @Test func `fetches nothing again that is in the work folder`() async throws {
        let bench = try Bench()
        _ = try await collect(bench) { _ in }
        let (part, requests) = try await collect(bench) { _ in }
        #expect(part.recordings.count == 12)
        #expect(!requests.contains { $0.endpoint == .audio })
    }

    @Test func `takes a web page for no audio, after asking again`() async throws {
        let (part, requests) = try await collect(try Bench()) { simulator in
            simulator.setFaults([Fault(.html, at: .audio, match: sample)])
        }
        #expect(part.exceptions.map(\.reason) == [.unavailable])
        #expect(part.exceptions[0].detail.contains("HTML"))
        #expect(requests.count { $0.endpoint == .audio && $0.path.contains(sample) } == 2)
    }

    @Test func `names everything that a platform that stops answering still owes`() async throws {
        let (part, requests) = try await collect(try Bench()) { simulator in
            simulator.setFaults([Fault(.status(503), at: .audio, skip: 4)])
        }
        #expect(part.recordings.count == 4)
        #expect(part.exceptions.count == 8)
        #expect(Set(part.exceptions.map(\.reason)) == [.unavailable])
        #expect(part.sources[0].state == .partial)
        #expect(part.sources[0].failure?.code == .unreachable)
        // Four different files in a row are no chance.
        #expect(requests.count { $0.endpoint == .audio } == 8, "nothing more is asked of it")
    }

    @Test func `is partial while the day is not over`() async throws {
        let (part, _) = try await collect(try Bench(), now: Samples.time("2018-04-05T21:59:59Z")) { _ in }
        #expect(part.sources[0].state == .partial)
        #expect(part.sources[0].detail == "the day is not over")
    }

    @Test func `goes on in the next run where a recording was cut`() async throws {
        let bench = try CollectBench("")
        let first = try await bench.collect { simulator in
            simulator.setFaults([Fault(.cutBody(afterBytes: 300_000), at: .audio, match: sample)])
        }
        #expect(first.part.exceptions.map(\.reason) == [.unavailable])
        let second = try await bench.collect()
        #expect(second.part.recordings.count == 12)
        let request = try #require(second.requests.first { $0.endpoint == .audio })
        #expect(second.count(.audio) == 1)
        let offset = try #require(request.range.flatMap { Int64($0.dropFirst("bytes=".count).dropLast()) })
        #expect(offset > 0)
        #expect(request.bytes == 352_512 - offset)
        let recording = try #require(second.part.recordings.first { $0.recordingID.text == sample })
        #expect((recording.sizeBytes, recording.verdict) == (352_512, .verified))
    }

    @Test func `fetches again when it is told to, and what comes is the same`() async throws {
        let bench = try CollectBench("")
        let first = try await bench.collect()
        let second = try await bench.collect(isRefetching: true)
        #expect(second.count(.audio) == 12)
        #expect(second.part.recordings == first.part.recordings)
    }

    /// The fixtures' day begins on 2018-04-04 at 22:00 UTC; 180 days later it is deleted from 2018-10-01 at 22:00 on.
    @Test(arguments: [
        ("2018-10-01T21:59:59Z", SourceState.complete), ("2018-10-01T22:00:00Z", .partial),
        ("2018-10-02T21:59:59Z", .partial), ("2018-10-02T22:00:00Z", .expired),
    ])
    func `does not take silence for emptiness once the platform has deleted the day`(
        now: String,
        state: SourceState
    ) async throws {
        let (part, _) = try await collect(try Bench(), now: Samples.time(now)) { simulator in
            simulator.updateAccount { $0.recordings = [] }
        }
        #expect(part.sources.map(\.state) == [state])
        #expect(part.recordings.isEmpty && part.exceptions.isEmpty)
    }
}
