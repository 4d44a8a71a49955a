package import Foundation
package import Logging
package import Recordings
import Synchronization

/// A babelforce platform on loopback, for tests, the demo, and whoever wants to try an integration without an account.
///
/// It listens on two ports: the platform itself (``baseURL``: signing in, the API, audio, the dialer's archives) and
/// the storage host to which file downloads are redirected (``storageURL``, another host name). Many can run in one
/// process; nothing is shared between them.
///
/// ```swift
/// let simulator = try await PlatformSimulator.start(account: account)
/// simulator.addFaults([Fault(.status(503, retryAfter: .seconds(1)), at: .recordings, count: 1)])
/// …
/// #expect(simulator.violations().isEmpty)
/// await simulator.shutdown()
/// ```
package final class PlatformSimulator: Sendable {
    package struct Options: Sendable {
        package var host = "127.0.0.1"
        /// 0 picks a free one.
        package var port = 0
        package var storagePort = 0
        /// The host's name in URLs of the storage; it must lead to loopback.
        package var storageHost = "localhost"
        /// A file that gets a line of JSON for every request that has ended.
        package var logFile: String?
        package var clock: any SimulatorClock = SystemClock()
        package var logger = Logger(label: "platform-sim") { _ in SwiftLogNoOpLogHandler() }

        package init() {}
    }

    /// Such as `http://127.0.0.1:43121`, without a slash at the end.
    package let baseURL: String
    package let storageURL: String
    private let platform: SimulatedPlatform
    private let listeners: [Listener]

    private init(baseURL: String, storageURL: String, platform: SimulatedPlatform, listeners: [Listener]) {
        self.baseURL = baseURL
        self.storageURL = storageURL
        self.platform = platform
        self.listeners = listeners
    }

    /// Reads the account from a folder (see ``Account/init(folder:)``) and starts.
    ///
    /// - throws: ``Failure`` when the folder does not describe an account or a port cannot be listened on.
    package static func start(folder: URL, options: Options = Options()) async throws -> PlatformSimulator {
        try await start(account: Account(folder: folder), folder: folder, options: options)
    }

    /// - Parameter folder: where audio files and archives are looked up that are added while it runs.
    /// - throws: ``Failure`` with code `unreachable` when a port cannot be listened on.
    package static func start(
        account: Account,
        folder: URL? = nil,
        options: Options = Options()
    ) async throws -> PlatformSimulator {
        let logFile = try options.logFile.map { try LogFile(path: $0) }
        let pending = PendingPlatform()
        let main = try await Listener.start(
            .platform,
            host: options.host,
            port: options.port,
            logger: options.logger,
            platform: { await pending.platform() }
        )
        let storage: Listener
        do {
            storage = try await Listener.start(
                .storage,
                host: options.host,
                port: options.storagePort,
                logger: options.logger,
                platform: { await pending.platform() }
            )
        } catch {
            await main.stop()
            throw error
        }
        let baseURL = "http://\(options.host):\(main.port)"
        let storageURL = "http://\(options.storageHost):\(storage.port)"
        let platform = SimulatedPlatform(
            state: AccountState(account: account, baseURL: baseURL, storageURL: storageURL),
            clock: options.clock,
            folder: folder,
            logFile: logFile
        )
        pending.set(platform)
        return PlatformSimulator(
            baseURL: baseURL,
            storageURL: storageURL,
            platform: platform,
            listeners: [main, storage]
        )
    }

    /// Closes the ports and all connections, and returns when that is done. Who waits at a gate goes on.
    package func shutdown() async {
        platform.gates.closeDown()
        for listener in listeners { await listener.stop() }
    }
}

// MARK: - What was asked

extension PlatformSimulator {
    /// All requests in the order of arrival, those under way included; not those below `/_sim`.
    package func requests() -> [LoggedRequest] {
        platform.withState { $0.log.requests }
    }

    package func requests(to endpoint: Endpoint) -> [LoggedRequest] {
        requests().filter { $0.endpoint == endpoint }
    }

    package func violations() -> [Violation] {
        platform.withState { $0.log.violations }
    }

    /// Returns when that many requests have arrived since the log was last cleared.
    ///
    /// - Parameter endpoint: nil for any.
    package func requestsArrived(_ count: Int, at endpoint: Endpoint? = nil) async {
        await platform.untilLog { log in
            log.requests.count { endpoint == nil || $0.endpoint == endpoint } >= count
        }
    }

    /// Returns when the answers to that many requests have ended since the log was last cleared, well or not.
    ///
    /// - Parameter endpoint: nil for any.
    package func requestsEnded(_ count: Int, at endpoint: Endpoint? = nil) async {
        await platform.untilLog { log in
            log.requests.count { $0.outcome != nil && (endpoint == nil || $0.endpoint == endpoint) } >= count
        }
    }

    package func clearLog() {
        platform.withState { $0.log.clear() }
    }
}

// MARK: - What goes wrong

extension PlatformSimulator {
    /// Replaces all faults; counting starts anew.
    package func setFaults(_ faults: [Fault]) {
        platform.withState { $0.script = FaultScript(faults) }
    }

    /// Adds faults to those that are armed.
    package func addFaults(_ faults: [Fault]) {
        platform.withState { $0.script.add(faults) }
    }

    /// Lets everybody who waits at a gate go on, now and from now on.
    package func openGate(_ name: String) { platform.gates.open(name) }

    package func closeGate(_ name: String) { platform.gates.close(name) }

    /// Returns when the gate has been reached that many times since the start.
    package func gateReached(_ name: String, times: Int = 1) async {
        await platform.gates.reached(name, times: times)
    }

    /// The access tokens that were granted are over; refresh tokens still work unless they are named.
    package func expireTokens(includingRefresh: Bool = false) {
        platform.withState { $0.tokens.revokeAll(includingRefresh: includingRefresh) }
    }
}

// MARK: - The account, while it runs

extension PlatformSimulator {
    package var account: Account { platform.withState { $0.account } }

    /// Changes the account: its recordings, files, rules.
    package func updateAccount(_ change: @Sendable (inout Account) throws -> Void) rethrows {
        try platform.withState { try change(&$0.account) }
    }

    /// Adds a recording; one with the same id is replaced.
    package func addRecording(_ recording: Account.StoredRecording) {
        platform.withState { $0.put(recording) }
    }

    /// Lays fields over a recording's.
    ///
    /// - throws: ``Failure`` with code `notFound`.
    package func updateRecording(
        _ id: String,
        fields: JSONValue,
        audio: Content? = nil,
        audioName: String? = nil
    ) throws {
        try platform.withState { try $0.updateRecording(id, fields: fields, audio: audio, audioName: audioName) }
    }

    package func removeRecording(_ id: String) {
        platform.withState { $0.account.recordings.removeAll { $0.id == id } }
    }

    /// Moves the wall clock that tokens and signatures live by; the monotonic times of the log stay true.
    package func advanceClock(bySeconds seconds: Int64) {
        platform.withState { $0.clockOffsetMilliseconds += seconds * 1000 }
    }

    package func setClock(to time: Timestamp) {
        let now = platform.clock.wallMilliseconds
        platform.withState { $0.clockOffsetMilliseconds = time.millisecondsSinceEpoch - now }
    }

    /// Reads the folder again; tokens, log and faults stay.
    ///
    /// - throws: ``Failure`` when there is no folder, or it does not describe an account any more.
    package func reload() throws {
        try platform.reload()
    }
}

/// The ports must be known before the platform can be made, and requests can come before that.
private final class PendingPlatform: Sendable {
    private struct State {
        var platform: SimulatedPlatform?
        var waiting: [CheckedContinuation<SimulatedPlatform, Never>] = []
    }

    private let state = Mutex(State())

    func platform() async -> SimulatedPlatform {
        await withCheckedContinuation { continuation in
            let platform = state.withLock { state in
                if state.platform == nil { state.waiting.append(continuation) }
                return state.platform
            }
            if let platform { continuation.resume(returning: platform) }
        }
    }

    func set(_ platform: SimulatedPlatform) {
        let waiting = state.withLock { state in
            state.platform = platform
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: platform) }
    }
}
