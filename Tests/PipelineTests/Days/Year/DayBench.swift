import Foundation
import Ledger
import Logging
import Platform
import PlatformSimulator
import Recordings
import Settings
import Synchronization
import TestSupport
import Vault

@testable import Pipeline

/// The whole pipeline over a simulated account, with a clock that the test sets. Each run is one of a process of its own.
struct DayBench {
    let bench: Bench
    let simulator: PlatformSimulator
    let transport: AsyncHTTPTransport
    let time: SetTime
    let summaries = KnownSummaries()
    var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` against an account and one source of archives, on the platform as well.
    ///
    /// - Parameter yaml: more lines of the configuration.
    static func with<Value>(
        _ account: Account,
        at now: Timestamp,
        timezone: String = "Europe/Berlin",
        yaml: String = "",
        inMemory: Bool = false,
        _ body: (DayBench) async throws -> Value
    ) async throws -> Value {
        let simulator = try await PlatformSimulator.start(account: account)
        let transport = try AsyncHTTPTransport()
        let result: Result<Value, any Error>
        do {
            let source = "url: \"\(simulator.baseURL)/archives/outbound-{yyyy}-{MM}-{dd}.tar\""
            let bench = try Bench(
                "dialer:\n  sources: [{ name: outbound, kind: https, \(source) }]\n\(yaml)",
                timezone: timezone,
                inMemory: inMemory
            )
            let days = DayBench(bench: bench, simulator: simulator, transport: transport, time: SetTime(now))
            result = .success(try await body(days))
        } catch {
            result = .failure(error)
        }
        try await transport.shutdown()
        await simulator.shutdown()
        return try result.get()
    }

    /// What a run is made of, as a new process makes it.
    struct Run {
        let vault: Vault
        let pipeline: Pipeline
        let clock: RetentionClock
        let sources: [ConfiguredSource]
    }

    func run() async throws -> Run {
        let vault = Vault(root: bench.vault.root, modes: bench.vault.modes)
        try vault.create()
        guard let url = URL(string: simulator.baseURL) else { throw Failure(.usage, simulator.baseURL) }
        let retry = RetryPolicy(retries: 0)
        let client = try PlatformClient(
            baseURL: url,
            credentials: .bearer(Secret("token")),
            transport: transport,
            pace: try AccountPace(folder: vault.locks, tpslimit: 1000, time: time),
            retry: retry,
            time: time
        )
        let account = try await AccountRetention.current(client, vault, at: time.now(), log: log)
        let clock = RetentionClock(bench.configuration, account: account?.periods)
        var around = Pipeline.Surroundings(
            client: client,
            sources: [try source(vault, Download(transport: transport, retry: retry, time: time, log: log))],
            locks: LockQueue(vault, holder: "a test", dayWait: 0),
            unpacking: UnpackSupervisor(
                .init(executable: Places.product("dialvault"), arguments: ["unpack-worker"])
            ),
            time: time,
            log: log
        )
        around.clock = clock
        let pipeline = try Pipeline(
            vault: vault,
            ledger: try Ledger(path: vault.ledger, mode: vault.modes.working),
            configuration: bench.configuration,
            software: "test",
            in: around
        )
        let sources = [
            ConfiguredSource(name: "outbound", kind: .https), ConfiguredSource(name: "api", kind: .api),
        ]
        return Run(vault: vault, pipeline: pipeline, clock: clock, sources: sources)
    }

    private func source(_ vault: Vault, _ download: Download) throws -> HTTPSSource {
        guard case .https(let place) = bench.configuration.dialer.sources[0].access else {
            throw Failure(.configuration, "not a web address")
        }
        return HTTPSSource(
            "outbound",
            place,
            bench.configuration,
            authorization: .none,
            download: download,
            vault: vault,
            time: time
        )
    }
}

extension DayBench.Run {
    /// The days that a run without days takes.
    func due(_ bench: DayBench) throws -> [Day] {
        DuePlan(
            published: try bench.summaries.read(vault),
            started: Set(try vault.startedDays()),
            sources: sources,
            clock: clock,
            configuration: bench.bench.configuration,
            now: bench.time.now()
        ).days()
    }
}

/// The summaries of a vault, each of which is read again when its file is another one.
final class KnownSummaries: Sendable {
    private let known = Mutex<[Day: (file: Data, summary: DaySummary)]>([:])

    func read(_ vault: Vault) throws -> [Day: DaySummary] {
        let days = try vault.publishedDays()
        return try known.withLock { known in
            for day in days {
                let file = try Data(contentsOf: URL(fileURLWithPath: "\(vault.bag(day))/day.json"))
                if known[day]?.file == file { continue }
                known[day] = (file, try JSONDecoder().decode(DaySummary.self, from: file))
            }
            return known.mapValues(\.summary)
        }
    }
}

/// A tar of the oldest common form (POSIX.1-1988, ustar).
enum Ustar {
    static func archive(_ members: [(name: String, bytes: Data)]) -> Data {
        var archive = Data()
        for member in members {
            archive += header(member.name, member.bytes.count) + member.bytes
            archive += Data(count: (512 - member.bytes.count % 512) % 512)
        }
        return archive + Data(count: 1024)
    }

    private static func header(_ name: String, _ size: Int) -> Data {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put(String(repeating: " ", count: 8), at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
        header[154] = 0
        return Data(header)
    }
}
