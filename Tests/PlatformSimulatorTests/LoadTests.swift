import Foundation
import PlatformSimulator
import Recordings
import Testing

@Suite("The log, the rate limit, and many requests")
struct LoadTests {
    @Test("Every request is logged with its times, once, in the order of arrival")
    func log() async throws {
        try await withTemporaryFolder { folder async throws in
            let file = folder.appendingPathComponent("requests.jsonl")
            var options = PlatformSimulator.Options()
            options.logFile = file.path
            try await withSimulator(options: options) { simulator async throws in
                _ = try await Client.send(simulator.recordingsURL + "?page=1&password=hunter2")
                _ = try await Client.send(simulator.audioURL("r01"))
                _ = try await Client.send(simulator.baseURL + "/nowhere", headers: [:])
                let log = simulator.requests()
                #expect(log.map(\.endpoint) == [.recordings, .audio, .unknown])
                #expect(log.map(\.status) == [200, 200, 404])
                #expect(log.map(\.credentials) == [.accessID, .accessID, .none])
                #expect(log[1].bytes == 1000)
                #expect(log.allSatisfy { $0.remotePort > 0 && $0.outcome == .complete })
                #expect(
                    log.allSatisfy {
                        $0.receivedNanoseconds <= $0.answeredNanoseconds ?? 0
                            && $0.answeredNanoseconds ?? 0 <= $0.endedNanoseconds ?? 0
                    }
                )
                #expect(simulator.violations().map(\.kind) == [.credentialsInURL])

                let text = try String(contentsOf: file, encoding: .utf8)
                let lines = text.split(separator: "\n").map { Data($0.utf8) }
                #expect(try lines.map { try JSONDecoder().decode(LoggedRequest.self, from: $0) } == log)
                #expect(!text.contains("hunter2") && !text.contains("tin opener"))
            }
        }
    }

    @Test("Above the rate limit the platform answers 429 with Retry-After, and lets pass when a second is over")
    func rateLimit() async throws {
        let clock = ManualClock(start: Timestamp(secondsSinceEpoch: dayStart))
        var options = PlatformSimulator.Options()
        options.clock = clock
        var account = Account.sample()
        account.rateLimit = Account.RateLimit(perSecond: 2, burst: 1, retryAfterSeconds: 3)
        try await withSimulator(account, options: options) { simulator async throws in
            for _ in 0..<3 { #expect(try await Client.send(simulator.recordingsURL).status == 200) }
            let refused = try await Client.send(simulator.recordingsURL)
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "3")
            #expect(simulator.violations().map(\.kind) == [.rateLimit])
            clock.advance(byMilliseconds: 1000)
            #expect(try await Client.send(simulator.recordingsURL).status == 200)
        }
    }

    @Test("Archives do not count for the rate limit")
    func archivesAreFree() async throws {
        var account = Account.sample()
        account.rateLimit = Account.RateLimit(perSecond: 1, burst: 0)
        account.archives = ["a.zip": .bytes(Data("archive".utf8))]
        try await withSimulator(account) { simulator async throws in
            for _ in 0..<5 {
                #expect(try await Client.send(simulator.baseURL + "/archives/a.zip", headers: [:]).status == 200)
            }
        }
    }

    @Test("Three thousand requests by many clients are all answered and all logged")
    func manyRequests() async throws {
        try await withSimulator { simulator async throws in
            let url = simulator.recordingsURL + "/r01"
            let answered = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        var answered = 0
                        for _ in 0..<100 where try await Client.send(url).status == 200 { answered += 1 }
                        return answered
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(answered == 3000)
            let log = simulator.requests()
            #expect(log.map(\.number) == Array(1...3000))
            #expect(log.allSatisfy { $0.outcome == .complete })
        }
    }

    @Test("Twenty simulators run beside one another without knowing of each other")
    func manySimulators() async throws {
        let simulators = try await withThrowingTaskGroup(of: PlatformSimulator.self) { group in
            for number in 0..<20 {
                group.addTask { try await PlatformSimulator.start(account: .sample(recordings: number)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for simulator in simulators {
            let count = simulator.account.recordings.count
            #expect(try await Client.send(simulator.recordingsURL).items().count == count)
            #expect(simulator.requests().count == 1)
        }
        for simulator in simulators { await simulator.shutdown() }
    }

    @Test("A shut-down simulator leaves its port, even when a client was waiting at a gate")
    func shutdown() async throws {
        let simulator = try await PlatformSimulator.start(account: .sample())
        simulator.setFaults([Fault(.slowFirstByte(.gate("never")))])
        let waiting = Task { try await Client.send(simulator.recordingsURL) }
        await simulator.gateReached("never")
        await simulator.shutdown()
        _ = await waiting.result

        var options = PlatformSimulator.Options()
        options.port = try #require(URL(string: simulator.baseURL)?.port)
        try await withSimulator(options: options) { next async throws in
            #expect(next.baseURL == simulator.baseURL)
        }
    }

    @Test("A port that is taken is a failure that names it")
    func takenPort() async throws {
        try await withSimulator { simulator async throws in
            var options = PlatformSimulator.Options()
            options.port = try #require(URL(string: simulator.baseURL)?.port)
            let taken = options
            let failure = await #expect(throws: Failure.self) {
                try await PlatformSimulator.start(account: .sample(), options: taken)
            }
            #expect(failure?.code == .unreachable)
            #expect(failure?.message.contains(String(taken.port)) == true)
        }
    }
}
