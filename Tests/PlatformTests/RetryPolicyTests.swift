import Recordings
import Testing

@testable import Platform

@Suite("Retries")
struct RetryPolicyTests {
    private let policy = RetryPolicy(retries: 2, maxWaitSeconds: 60)

    @Test("what passes is tried again, what does not is not")
    func passing() {
        let retries = Retries(policy, isIdempotent: true)
        for status in [429, 502, 503, 504] {
            #expect(retries.mayPass(.status(status, retryAfter: nil)))
        }
        for status in [200, 400, 401, 403, 404, 409, 410, 500, 501] {
            #expect(!retries.mayPass(.status(status, retryAfter: nil)))
        }
        #expect(retries.mayPass(.network(TransportError(.connect, ""))))
        #expect(!retries.mayPass(.network(TransportError(.security, ""))))
    }

    @Test("a refusal as one audio request too many is tried again after a wait that is never nothing")
    func conflict() {
        var retries = Retries(policy, isIdempotent: true, isExclusive: true)
        // Half of the first back-off at least.
        #expect(
            retries.next(after: .status(409, retryAfter: nil), chance: 0)
                == .wait(nanoseconds: 250_000_000, everybody: false)
        )
    }

    @Test("no number that a server or a user gives is too large to be waited for, or to be refused")
    func numbers() {
        for seconds in [Double.infinity, .nan, 1e300, -1, 9.3e18] {
            var retries = Retries(RetryPolicy(retries: 1, maxWaitSeconds: seconds), isIdempotent: true)
            _ = retries.next(after: .status(503, retryAfter: .max), chance: 0.5)
        }
    }

    @Test("the back-off doubles, and the wait is a random part of it")
    func jitter() {
        var retries = Retries(RetryPolicy(retries: 3), isIdempotent: true)
        let trouble = Retries.Trouble.status(502, retryAfter: nil)
        #expect(retries.next(after: trouble, chance: 0.5) == .wait(nanoseconds: 250_000_000, everybody: false))
        #expect(retries.next(after: trouble, chance: 0.5) == .wait(nanoseconds: 500_000_000, everybody: false))
        #expect(retries.next(after: trouble, chance: 0) == .wait(nanoseconds: 0, everybody: false))
        #expect(retries.next(after: trouble, chance: 0.5) == .exhausted)
    }

    @Test("the back-off has a ceiling")
    func ceiling() {
        var retries = Retries(RetryPolicy(retries: 100, maxWaitSeconds: 1e6), isIdempotent: true)
        var last: Retries.Decision?
        for _ in 0..<100 { last = retries.next(after: .network(TransportError(.cut, "")), chance: 0.999) }
        #expect(last == .wait(nanoseconds: 29_970_000_000, everybody: false))
    }

    @Test("what the answer asks for counts, and concerns everybody when it speaks of load")
    func retryAfter() {
        var retries = Retries(policy, isIdempotent: true)
        #expect(
            retries.next(after: .status(429, retryAfter: 7_000_000_000), chance: 0.9)
                == .wait(nanoseconds: 7_000_000_000, everybody: true)
        )
        #expect(
            retries.next(after: .status(504, retryAfter: 1_000_000_000), chance: 0.9)
                == .wait(nanoseconds: 1_000_000_000, everybody: false)
        )
    }

    @Test("waiting is bounded over all tries together")
    func bounded() {
        var retries = Retries(policy, isIdempotent: true)
        let trouble = Retries.Trouble.status(503, retryAfter: 40_000_000_000)
        #expect(retries.next(after: trouble, chance: 0) == .wait(nanoseconds: 40_000_000_000, everybody: true))
        #expect(retries.next(after: trouble, chance: 0) == .tooLong(nanoseconds: 40_000_000_000))
    }

    @Test("a request that may not be sent twice is not")
    func notIdempotent() {
        var retries = Retries(policy, isIdempotent: false)
        #expect(retries.next(after: .status(503, retryAfter: nil), chance: 0) == .final)
    }
}
