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
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs the stage against a simulated account of the fixtures.
    ///
    /// - Parameter prepare: changes the account before the stage runs.
    private func collect(
        _ bench: Bench,
        now: Timestamp? = nil,
        retries: Int = 0,
        _ prepare: (PlatformSimulator) async throws -> Void
    ) async throws -> (DayPart, [LoggedRequest]) {
        let folder = URL(fileURLWithPath: "\(Places.fixtures)/account")
        let simulator = try await PlatformSimulator.start(folder: folder)
        try await prepare(simulator)
        let transport = try AsyncHTTPTransport()
        let time = now.map { VirtualTime($0) } ?? VirtualTime()
        let client = try PlatformClient(
            baseURL: try #require(URL(string: simulator.baseURL)),
            credentials: .password(username: "archive@example.com", password: Secret("correct horse")),
            transport: transport,
            pace: try AccountPace(folder: bench.vault.locks, tpslimit: 1000, time: time),
            retry: RetryPolicy(retries: retries),
            time: time
        )
        let stage = CollectStage(
            client: client,
            vault: bench.vault,
            timeZone: bench.configuration.timezone,
            time: time,
            log: silent
        )
        let result: Result<DayPart, any Error>
        do {
            result = .success(try await stage.run(Samples.day, progress: bench.silentProgress(.collect)))
        } catch {
            result = .failure(error)
        }
        let requests = simulator.requests()
        try await transport.shutdown()
        await simulator.shutdown()
        return (try result.get(), requests)
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
        #expect(requests.count { $0.endpoint == .audio } == 5, "nothing more is asked of it")
    }

    @Test func `is partial while the day is not over`() async throws {
        let (part, _) = try await collect(try Bench(), now: Samples.time("2018-04-05T21:59:59Z")) { _ in }
        #expect(part.sources[0].state == .partial)
        #expect(part.sources[0].detail == "the day is not over")
    }
}
