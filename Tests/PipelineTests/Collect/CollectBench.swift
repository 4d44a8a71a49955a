import Foundation
import Ledger
import Logging
import Platform
import PlatformSimulator
import Recordings
import TestSupport
import Vault

@testable import Pipeline

/// The collect stage over a simulated account: that of the fixtures, unless a test changes it.
struct CollectBench {
    let bench: Bench
    private let now: Timestamp?

    /// - Parameter now: the wall clock; some days after the fixtures' day by default.
    init(_ bench: Bench, now: Timestamp? = nil) {
        self.bench = bench
        self.now = now
    }

    /// - Parameter yaml: lines of the configuration.
    init(_ yaml: String) throws {
        self.init(try Bench(yaml))
    }

    struct Collected {
        let part: DayPart
        let requests: [LoggedRequest]
        let logged: [String]

        func count(_ endpoint: Endpoint) -> Int { requests.count { $0.endpoint == endpoint } }
    }

    /// Runs the stage once.
    ///
    /// - Parameter prepare: changes the account before the stage runs.
    func collect(
        isRefetching: Bool = false,
        _ prepare: @Sendable (PlatformSimulator) async throws -> Void = { _ in }
    ) async throws -> Collected {
        guard let collected = try await collect(refetching: [isRefetching], prepare).first else {
            throw Failure(.usage, "nothing was run")
        }
        return collected
    }

    /// Runs the stage several times against the same platform.
    func collect(
        refetching runs: [Bool],
        _ prepare: @Sendable (PlatformSimulator) async throws -> Void = { _ in }
    ) async throws -> [Collected] {
        let simulator = try await PlatformSimulator.start(
            folder: URL(fileURLWithPath: "\(Places.fixtures)/account")
        )
        let transport = try AsyncHTTPTransport()
        let result: Result<[Collected], any Error>
        do {
            try await prepare(simulator)
            var collected: [Collected] = []
            for isRefetching in runs {
                let log = LogCollector()
                let part = try await run(simulator, transport, log.logger, isRefetching)
                collected.append(Collected(part: part, requests: simulator.requests(), logged: log.lines))
                simulator.clearLog()
            }
            result = .success(collected)
        } catch {
            result = .failure(error)
        }
        try await transport.shutdown()
        await simulator.shutdown()
        return try result.get()
    }

    private func run(
        _ simulator: PlatformSimulator,
        _ transport: AsyncHTTPTransport,
        _ log: Logger,
        _ isRefetching: Bool
    ) async throws -> DayPart {
        let time = now.map { VirtualTime($0) } ?? VirtualTime()
        guard let url = URL(string: simulator.baseURL) else { throw Failure(.usage, simulator.baseURL) }
        let client = try PlatformClient(
            baseURL: url,
            credentials: .password(username: "archive@example.com", password: Secret("correct horse")),
            transport: transport,
            pace: try AccountPace(folder: bench.vault.locks, tpslimit: 1000, time: time),
            retry: RetryPolicy(retries: 0),
            time: time
        )
        let stage = CollectStage(
            client,
            bench.vault,
            try Ledger(path: bench.vault.ledger, mode: bench.vault.modes.working),
            bench.configuration,
            Pipeline.Surroundings(
                client: client,
                sources: [],
                locks: LockQueue(bench.vault, holder: "a test", dayWait: 0),
                unpacking: UnpackSupervisor(
                    .init(executable: Places.product("dialvault"), arguments: ["unpack-worker"])
                ),
                time: time,
                log: log
            )
        )
        return try await stage.run(
            Samples.day,
            isRefetching: isRefetching,
            progress: bench.silentProgress(.collect)
        )
    }
}
