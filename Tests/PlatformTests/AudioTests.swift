import Foundation
import Platform
import PlatformSimulator
import Recordings
import Testing

@Suite("The client fetches audio")
struct AudioTests {
    private static let bytes = noise(300_000)

    /// Runs `work` with a platform that has one recording, and that recording as it is listed.
    private func withRecording(
        faults: [Fault] = [],
        fields: SimulatedJSON = [:],
        _ arrange: (inout Account) -> Void = { _ in },
        _ work: (Scene, PlatformClient, ListedRecording) async throws -> Void
    ) async throws {
        try await Scene.run {
            $0.recordings = [
                .init(
                    id: "a1",
                    startedAt: Scene.day.lowerBound,
                    durationMilliseconds: 1000,
                    audio: .bytes(Data(Self.bytes)),
                    fields: fields
                )
            ]
            arrange(&$0)
        } _: { scene in
            let client = try scene.client()
            let recording = try #require(try await client.recordings(in: Scene.day).items.first)
            scene.simulator.setFaults(faults)
            try await work(scene, client, recording)
        }
    }

    @Test("the bytes come as they are, with what the server says of them")
    func whole() async throws {
        try await withRecording { scene, client, recording in
            let collector = Collector()
            let outcome = try await client.audio(of: recording) { collector.take($0) }
            guard case .received(let head, let count) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(collector.bytes == Self.bytes)
            #expect(count == 300_000)
            #expect(head.totalBytes == 300_000)
            #expect(head.contentType == "audio/mpeg")
            #expect(!head.claimsText)
            #expect(recording.file?.size == 300_000)
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("a cut body is gone on with by range", arguments: [1, 100_000, 299_999] as [Int64])
    func cut(after: Int64) async throws {
        try await withRecording(faults: [Fault(.cutBody(afterBytes: after), at: .audio, count: 1)]) {
            scene,
            client,
            recording in
            let collector = Collector()
            let outcome = try await client.audio(of: recording) { collector.take($0) }
            guard case .received(_, bytes: 300_000) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(collector.bytes == Self.bytes)
            // What the dying connection still held may be lost, and is fetched again.
            let offset = try #require(collector.heads.last?.offset)
            #expect(collector.heads.count == 2)
            #expect(offset <= after)
            let requests = scene.simulator.requests(to: .audio)
            #expect(requests.map(\.status) == [200, offset == 0 ? 200 : 206])
            #expect(requests.last?.range == (offset == 0 ? nil : "bytes=\(offset)-"))
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("what an earlier try left is gone on with, unless the file is another one now")
    func resumed() async throws {
        try await withRecording { scene, client, recording in
            let first = Collector()
            _ = try await client.audio(of: recording) { first.take($0) }
            let validator = try #require(first.heads.first?.validator)

            let second = Collector(Array(Self.bytes.prefix(200_000)))
            _ = try await client.audio(of: recording, resuming: Resumption(offset: 200_000, validator: validator)) {
                second.take($0)
            }
            #expect(second.bytes == Self.bytes)
            #expect(second.heads.map(\.offset) == [200_000])

            let third = Collector(Array(repeating: 0, count: 200_000))
            let other = Validator.etag("\"another\"")
            _ = try await client.audio(of: recording, resuming: Resumption(offset: 200_000, validator: other)) {
                third.take($0)
            }
            #expect(third.bytes == Self.bytes)
            #expect(third.heads.map(\.offset) == [0])
        }
    }

    @Test("a file that is there already to its last byte is received")
    func complete() async throws {
        try await withRecording { _, client, recording in
            let first = Collector()
            _ = try await client.audio(of: recording) { first.take($0) }
            let validator = try #require(first.heads.first?.validator)
            let second = Collector(Self.bytes)
            let outcome = try await client.audio(
                of: recording,
                resuming: Resumption(offset: 300_000, validator: validator)
            ) { second.take($0) }
            guard case .received(_, bytes: 300_000) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(second.bytes == Self.bytes)
        }
    }

    @Test("a body that is cut every time is one file's trouble, and not the end")
    func alwaysCut() async throws {
        try await withRecording(faults: [Fault(.cutBody(afterBytes: 10), at: .audio)]) { scene, client, recording in
            let collector = Collector()
            let outcome = try await client.audio(of: recording) { collector.take($0) }
            guard case .troubled(let trouble) = outcome, trouble.kind == .network(.cut) else {
                Issue.record("\(outcome)")
                return
            }
            #expect(scene.count(.audio) == 3)
        }
    }

    @Test("a length that does not hold never passes for the whole")
    func wrongLength() async throws {
        try await withRecording(faults: [Fault(.wrongLength(by: 100), at: .audio)]) { _, client, recording in
            let collector = Collector()
            switch try await client.audio(of: recording, { collector.take($0) }) {
            case .troubled: break
            // Asked for the rest, the server has said that there is none.
            case .received(_, let count): #expect(count == 300_000 && collector.bytes == Self.bytes)
            case let outcome: Issue.record("\(outcome)")
            }
        }
    }

    @Test("statuses are told apart", arguments: [404, 410, 403, 500, 502] as [Int])
    func statuses(status: Int) async throws {
        try await withRecording(faults: [Fault(.status(status), at: .audio)]) { _, client, recording in
            switch (status, try await client.audio(of: recording) { _ in }) {
            case (404, .gone(status: 404)), (410, .gone(status: 410)), (403, .refused(status: 403)): break
            case (500, .troubled(let trouble)), (502, .troubled(let trouble)): #expect(trouble.kind == .status(status))
            case (_, let outcome): Issue.record("\(outcome)")
            }
        }
    }

    @Test("a file that cannot be served now says nothing of others")
    func busy() async throws {
        try await withRecording(faults: [Fault(.status(503), at: .audio)]) { _, client, recording in
            guard case .troubled(let trouble) = try await client.audio(of: recording, { _ in }) else {
                Issue.record("no trouble")
                return
            }
            #expect(trouble.failure.code == .unreachable)
            #expect(trouble.isOwnHost)
        }
    }

    @Test("an account that is asked to wait is asked for all of its files")
    func asked() async throws {
        let fault = Fault(.status(429, retryAfter: .seconds(3600)), at: .audio)
        try await withRecording(faults: [fault]) { _, client, recording in
            let failure = await #expect(throws: Failure.self) { try await client.audio(of: recording) { _ in } }
            #expect(failure?.code == .unreachable)
        }
    }

    @Test("a moment goes by between the end of one file and the next request")
    func gap() async throws {
        try await withRecording(faults: []) { scene, client, recording in
            _ = try await client.audio(of: recording) { _ in }
            let end = scene.time.uptime()
            _ = try await client.audio(of: recording) { _ in }
            // The pace alone, of a thousand requests a second, would be content with one.
            #expect(scene.time.uptime() - end >= 10_000_000)
        }
    }

    @Test("audio that is refused as one too many is asked for again, after a pause")
    func conflict() async throws {
        try await withRecording(faults: [Fault(.status(409), at: .audio, count: 2)]) { scene, client, recording in
            let before = scene.time.uptime()
            guard case .received = try await client.audio(of: recording, { _ in }) else {
                Issue.record("it did not come")
                return
            }
            #expect(scene.count(.audio) == 3)
            #expect(scene.time.uptime() - before >= 250_000_000)
        }
    }

    @Test("a token that is over is renewed in between")
    func expired() async throws {
        try await withRecording { scene, client, recording in
            scene.simulator.expireTokens()
            let collector = Collector()
            _ = try await client.audio(of: recording) { collector.take($0) }
            #expect(collector.bytes == Self.bytes)
        }
    }

    @Test("a web page with status 200 is delivered, and said to be text")
    func page() async throws {
        try await withRecording(faults: [Fault(.html, at: .audio)]) { _, client, recording in
            let collector = Collector()
            _ = try await client.audio(of: recording) { collector.take($0) }
            #expect(collector.heads.first?.claimsText == true)
        }
    }

    @Test("a redirect to another host is followed without credentials")
    func redirected() async throws {
        try await withRecording(faults: [Fault(.redirect(), at: .audio, count: 1)]) { scene, client, recording in
            _ = try await client.audio(of: recording) { _ in }
            let elsewhere = scene.simulator.requests().filter { $0.listener == .storage }
            #expect(elsewhere.map(\.credentials) == [.none])
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("an address on another host gets no credentials, and its refusal is no refusal of ours")
    func foreign() async throws {
        try await withRecording { scene, client, recording in
            var foreign = recording
            foreign.url = recording.url?.replacingOccurrences(of: "127.0.0.1", with: "localhost")
            let outcome = try await client.audio(of: foreign) { _ in }
            #expect(outcome == .refused(status: 401))
            #expect(scene.simulator.requests(to: .audio).map(\.credentials) == [.none])
        }
    }

    @Test("a recording without an address is unavailable")
    func noAddress() async throws {
        try await withRecording { scene, client, recording in
            var without = recording
            for url in [nil, "", "mailto:a@example.com"] as [String?] {
                without.url = url
                guard case .unavailable = try await client.audio(of: without, { _ in }) else {
                    Issue.record("\(url ?? "nil") was fetched")
                    return
                }
            }
            #expect(scene.count(.audio) == 0)
        }
    }

    @Test("a file over the limit is not taken")
    func tooLarge() async throws {
        try await withRecording { _, client, recording in
            guard case .unavailable = try await client.audio(of: recording, limit: 299_999, { _ in }) else {
                Issue.record("it was taken")
                return
            }
        }
    }

    @Test("what the consumer throws comes out, and the account is free for the next")
    func consumer() async throws {
        try await withRecording { _, client, recording in
            let full = Failure(.diskFull, "full")
            let failure = await #expect(throws: Failure.self) {
                try await client.audio(of: recording) { if case .bytes = $0 { throw full } }
            }
            #expect(failure == full)
            let collector = Collector()
            _ = try await client.audio(of: recording) { collector.take($0) }
            #expect(collector.bytes == Self.bytes)
        }
    }

    @Test("progress ends at the whole")
    func progress() async throws {
        try await withRecording { _, client, recording in
            let (reports, reporter) = AsyncStream.makeStream(of: Int64.self)
            _ = try await client.audio(of: recording, progress: Progress { done, _ in reporter.yield(done) }) { _ in }
            reporter.finish()
            let all = await reports.reduce(into: [Int64]()) { $0.append($1) }
            #expect(all.first == 0)
            #expect(all.last == 300_000)
            #expect(all == all.sorted())
        }
    }

    @Test("many who fetch at the same time, through several clients, never have two requests under way")
    func exclusive() async throws {
        try await Scene.run(time: TestTime()) {
            $0.addRecordings(6, audio: .bytes(Data(noise(50_000))))
            $0.faults = [Fault(.slowBody(chunkBytes: 20_000, .milliseconds(1)), at: .audio)]
        } _: { scene in
            let recordings = try await scene.client().recordings(in: Scene.day).items
            try await withThrowingTaskGroup(of: AudioOutcome.self) { group in
                for _ in 0..<3 {
                    // The real clock, because these wait for each other in real time.
                    let client = try PlatformClient(
                        baseURL: scene.url(""),
                        credentials: .bearer(Secret("the bearer token")),
                        transport: scene.transport,
                        pace: try AccountPace(folder: scene.folder.path, tpslimit: 1000)
                    )
                    for recording in recordings {
                        group.addTask { try await client.audio(of: recording) { _ in } }
                    }
                }
                for try await outcome in group {
                    guard case .received = outcome else {
                        Issue.record("\(outcome)")
                        continue
                    }
                }
            }
            #expect(scene.count(.audio) == 18)
            #expect(scene.simulator.violations().isEmpty)
        }
    }
}
