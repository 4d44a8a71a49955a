import Recordings

/// How often and how long a request is tried again.
///
/// The platform's vendor treats 429, 502, 503, 504 and network errors as passing, waits with jittered exponential
/// back-off, honours `Retry-After`, and tries twice again (the vendor's SDK, changelogs).
package struct RetryPolicy: Hashable, Sendable {
    /// Tries after the first.
    package var retries: Int
    /// The longest that one operation waits in all, in seconds.
    package var maxWaitSeconds: Double
    /// The upper end of the first random wait, in seconds; it doubles with each try.
    package var baseSeconds = 0.5
    /// The upper end of any random wait, in seconds.
    package var ceilingSeconds = 30.0

    package init(retries: Int = 2, maxWaitSeconds: Double = 300) {
        self.retries = max(0, retries)
        self.maxWaitSeconds = max(0, maxWaitSeconds)
    }
}

/// One operation's tries, counted: a value without a clock.
package struct Retries: Hashable, Sendable {
    /// What came of a try.
    package enum Trouble: Hashable, Sendable {
        /// - Parameter retryAfter: what the answer asks for, in nanoseconds.
        case status(Int, retryAfter: Int64?)
        case network(TransportError)
    }

    package enum Decision: Hashable, Sendable {
        /// Try again after so many nanoseconds; `everybody` when the platform asks all of the account's requests to wait.
        case wait(nanoseconds: Int64, everybody: Bool)
        /// The same request would not go better.
        case final
        /// It might, but the number of tries is used up.
        case exhausted
        /// It would have to wait longer than it may, in nanoseconds.
        case tooLong(nanoseconds: Int64)
    }

    let policy: RetryPolicy
    /// Whether the request may be sent twice (RFC 9110, section 9.2.2).
    let isIdempotent: Bool
    /// Whether the platform may refuse it as one too many at the same time (409), though none other is under way: it can
    /// count the last one as running after it has ended.
    let isExclusive: Bool
    private(set) var used = 0
    private(set) var waitedNanoseconds: Int64 = 0

    package init(_ policy: RetryPolicy, isIdempotent: Bool, isExclusive: Bool = false) {
        self.policy = policy
        self.isIdempotent = isIdempotent
        self.isExclusive = isExclusive
    }

    /// - Parameter chance: at least 0 and below 1.
    package mutating func next(after trouble: Trouble, chance: Double) -> Decision {
        guard isIdempotent, mayPass(trouble) else { return .final }
        guard used < policy.retries else { return .exhausted }
        let wait: Int64
        if case .status(_, let retryAfter?) = trouble {
            wait = retryAfter
        } else {
            // Full jitter: anywhere between nothing and the back-off, so that those who failed together do not return
            // together (M. Brooker, "Exponential Backoff And Jitter", 2015).
            let ceiling = min(policy.ceilingSeconds, policy.baseSeconds * Double(1 << min(used, 20)))
            // Whom the platform still counts as another's time has to go by, so there the wait is never nothing.
            let share = isConflict(trouble) ? 0.5 + chance / 2 : chance
            wait = nanoseconds(seconds: ceiling * share)
        }
        let (waited, overflows) = waitedNanoseconds.addingReportingOverflow(wait)
        guard !overflows, waited <= nanoseconds(seconds: policy.maxWaitSeconds) else {
            return .tooLong(nanoseconds: wait)
        }
        used += 1
        waitedNanoseconds = waited
        return .wait(nanoseconds: wait, everybody: Self.concernsEverybody(trouble))
    }

    /// Forgets the tries, though not the time that was waited: something came through.
    package mutating func madeHeadway() {
        used = 0
    }

    /// Whether the same request may go better a moment later.
    func mayPass(_ trouble: Trouble) -> Bool {
        switch trouble {
        case .status(let status, _): [429, 502, 503, 504].contains(status) || isConflict(trouble)
        case .network(let error): error.isPassing
        }
    }

    private func isConflict(_ trouble: Trouble) -> Bool {
        if case .status(409, _) = trouble { isExclusive } else { false }
    }

    /// The answers that speak of the account's or the platform's load, not of this request.
    private static func concernsEverybody(_ trouble: Trouble) -> Bool {
        if case .status(let status, _) = trouble { status == 429 || status == 503 } else { false }
    }
}
