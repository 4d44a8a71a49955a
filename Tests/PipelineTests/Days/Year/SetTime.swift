import Foundation
import Platform
import Recordings
import Synchronization

/// A clock that the test sets, and that can go off like a bomb: after so many looks at it.
final class SetTime: PlatformTime {
    let bootID = "test"

    private struct State {
        var now: Timestamp
        var looks: Int?
        var goOff: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(_ now: Timestamp) {
        state = Mutex(State(now: now))
    }

    func set(_ now: Date) {
        state.withLock { $0.now = Timestamp(secondsSinceEpoch: Int64(now.timeIntervalSince1970)) }
    }

    /// - Parameter looks: how often it is looked at before `action` happens, once.
    func arm(after looks: Int, _ action: @escaping @Sendable () -> Void) {
        state.withLock { ($0.looks, $0.goOff) = (looks, action) }
    }

    func disarm() { state.withLock { ($0.looks, $0.goOff) = (nil, nil) } }

    func now() -> Timestamp {
        let (now, action) = state.withLock { state in
            guard let looks = state.looks else { return (state.now, nil as (@Sendable () -> Void)?) }
            state.looks = looks > 1 ? looks - 1 : nil
            return (state.now, looks > 1 ? nil : state.goOff)
        }
        action?()
        return now
    }

    func uptime() -> Int64 { now().millisecondsSinceEpoch * 1_000_000 }
    func random() -> Double { 0.5 }

    func sleep(nanoseconds: Int64) async throws {
        try Task.checkCancellation()
        state.withLock { $0.now = $0.now.advanced(byMilliseconds: max(0, nanoseconds) / 1_000_000 + 1) }
    }
}
