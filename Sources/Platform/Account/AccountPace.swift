import Recordings

/// One budget of requests for the account, for all processes on the machine that share a folder.
///
/// The next free slot stands in a file there, guarded by a lock that a crash cannot leave behind. The platform's vendor
/// asks to space out the requests that fetch audio and never to request two audio files at the same time, and can block
/// the whole account, live calls included (help centre); so audio has a lock of its own, held as long as a request for
/// audio runs, across processes.
package final class AccountPace: Sendable {
    private let folder: String
    private let rule: PaceRule
    private let time: any PlatformTime
    private let slotTurn = Turnstile()
    private let audioTurn = Turnstile()

    /// - Parameters:
    ///   - folder: the vault's `locks` folder, which must exist.
    ///   - tpslimit: requests a second, above 0.
    /// - Throws: `Failure` with code `configuration` when the limit makes no sense.
    package init(folder: String, tpslimit: Double, time: any PlatformTime = SystemTime()) throws {
        guard tpslimit.isFinite, tpslimit > 0.0001, tpslimit <= 10_000 else {
            throw Failure(
                .configuration,
                "A tpslimit of \(tpslimit) requests a second cannot be kept",
                advice: "Give a number above 0.0001 and up to 10000"
            )
        }
        self.folder = folder
        self.time = time
        rule = PaceRule(perSecond: tpslimit)
    }

    /// Returns when a request may go; it has to go at once.
    ///
    /// - Parameter maxWaitSeconds: the longest wait that the platform may ask for; the limit's own distance between two
    ///   requests does not count.
    /// - Throws: `Failure` with code `unreachable` when the platform asked to wait longer.
    package func take(maxWaitSeconds: Double) async throws {
        let longest = nanoseconds(seconds: maxWaitSeconds) + 2 * rule.interval
        try await slotTurn.pass {
            while true {
                switch try attempt() {
                case .go: return
                case .wait(let nanoseconds):
                    guard nanoseconds <= longest else { throw Failure.askedToWait(nanoseconds: nanoseconds) }
                    try await time.sleep(nanoseconds: nanoseconds)
                case nil: try await time.sleep(nanoseconds: 100_000 + Int64(time.random() * 400_000))
                }
            }
        }
    }

    /// Lets nobody go for so many nanoseconds from now.
    package func push(nanoseconds: Int64) async throws {
        while true {
            if let lock = try FileLock.attempt(slotPath) {
                let slot = PaceSlot(bytes: lock.contents(upTo: PaceSlot.maximumSize))
                let pushed = rule.pushed(slot, by: nanoseconds, now: time.uptime(), bootID: time.bootID)
                try lock.replaceContents(pushed.bytes, path: slotPath)
                return
            }
            try await time.sleep(nanoseconds: 100_000 + Int64(time.random() * 400_000))
        }
    }

    /// Runs `work`, which requests audio, while no other task or process of the account does.
    ///
    /// - Parameter maxWaitSeconds: how long others may hold the lock before this gives up.
    /// - Throws: `Failure` with code `unreachable` when they hold it longer.
    package func withAudio<Value>(maxWaitSeconds: Double, _ work: () async throws -> Value) async throws -> Value {
        try await audioTurn.pass {
            // Whoever waits for the audio lock holds the queue's, so that a process which has just let go of the audio
            // lock cannot take it again before the one that waits.
            let place = try await lock("audio-queue.lock", maxWaitSeconds: maxWaitSeconds)
            let audio = try await lock("audio.lock", maxWaitSeconds: maxWaitSeconds)
            _ = consume place
            let value: Value
            do {
                value = try await work()
            } catch {
                try? await keepDistance()
                throw error
            }
            try await keepDistance()
            _ = consume audio
            return value
        }
    }

    /// Lets a moment go by after an answer with audio: the platform may count it as running a little longer than it does.
    private func keepDistance() async throws {
        try await push(nanoseconds: max(Self.audioGap, rule.interval / 4))
    }

    /// The least distance from the end of an answer with audio to the next request, in nanoseconds.
    private static let audioGap: Int64 = 10_000_000

    /// Runs `work`, which signs in, while no other task or process of the account does.
    func withSignIn<Value>(maxWaitSeconds: Double, _ work: () async throws -> Value) async throws -> Value {
        let held = try await lock("sign-in.lock", maxWaitSeconds: maxWaitSeconds)
        let value = try await work()
        _ = consume held
        return value
    }

    private var slotPath: String { folder + "/pace" }

    /// Returns nil when another process is looking at the slot just now.
    private func attempt() throws -> PaceRule.Decision? {
        guard let lock = try FileLock.attempt(slotPath) else { return nil }
        let bytes = lock.contents(upTo: PaceSlot.maximumSize)
        let slot = PaceSlot(bytes: bytes)
        let now = time.uptime()
        if slot == nil, !bytes.isEmpty {
            // Torn by a crash: what it said is lost, so take the request before it for one that has just gone.
            let safe = PaceSlot(bootID: time.bootID, next: now + rule.interval)
            try lock.replaceContents(safe.bytes, path: slotPath)
            return .wait(nanoseconds: rule.interval)
        }
        let decision = rule.decide(slot, now: now, bootID: time.bootID)
        if case .go(let following) = decision { try lock.replaceContents(following.bytes, path: slotPath) }
        return decision
    }

    /// Looks for the lock again and again, less often as time goes by, until it is free.
    private func lock(_ name: String, maxWaitSeconds: Double) async throws -> FileLock {
        let path = folder + "/" + name
        let deadline = time.uptime() + nanoseconds(seconds: maxWaitSeconds)
        var pause = 1_000_000.0
        while true {
            if let lock = try FileLock.attempt(path) { return lock }
            guard time.uptime() < deadline else {
                throw Failure(
                    .unreachable,
                    "Another process has been using the account for \(Int(maxWaitSeconds)) seconds",
                    advice: "Run it again when the other one is done"
                )
            }
            try await time.sleep(nanoseconds: Int64(pause * (0.5 + time.random())))
            pause = min(pause * 1.5, 20_000_000)
        }
    }
}

extension Failure {
    /// - Parameter host: who asks; nil for the platform.
    static func askedToWait(nanoseconds: Int64, by host: String? = nil) -> Failure {
        Failure(
            .unreachable,
            "\(host ?? "The platform") asks to wait \(nanoseconds / 1_000_000_000) seconds before the next request",
            advice: "Run it again later, or allow a longer wait with --max-wait"
        )
    }
}

/// Seconds as nanoseconds, at least 0 and at most a century: what comes from outside may be any number.
func nanoseconds(seconds: Double) -> Int64 {
    seconds.isNaN ? 0 : Int64(min(max(seconds, 0), 3_155_760_000) * 1e9)
}
