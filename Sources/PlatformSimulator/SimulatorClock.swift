import Dispatch
import Foundation
package import Recordings
import Synchronization

/// The time that a simulator lives by.
package protocol SimulatorClock: Sendable {
    /// Nanoseconds since some fixed moment; never goes back.
    var monotonicNanoseconds: Int64 { get }
    /// Milliseconds since 1970.
    var wallMilliseconds: Int64 { get }
    func sleep(milliseconds: Int64) async throws
}

/// The machine's own time. The monotonic one is `CLOCK_MONOTONIC`, so that processes can compare theirs.
package struct SystemClock: SimulatorClock {
    package init() {}

    package var monotonicNanoseconds: Int64 { Int64(clamping: DispatchTime.now().uptimeNanoseconds) }

    package var wallMilliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    package func sleep(milliseconds: Int64) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

/// A time that stands still until a test moves it.
package final class ManualClock: SimulatorClock {
    private struct State {
        var nanoseconds: Int64 = 0
        var sleepers: [(wakesAt: Int64, continuation: CheckedContinuation<Void, Never>)] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let startMilliseconds: Int64

    package init(start: Timestamp) {
        startMilliseconds = start.millisecondsSinceEpoch
    }

    package var monotonicNanoseconds: Int64 { state.withLock(\.nanoseconds) }

    package var wallMilliseconds: Int64 { startMilliseconds + monotonicNanoseconds / 1_000_000 }

    package func sleep(milliseconds: Int64) async throws {
        await withCheckedContinuation { continuation in
            let watchers = state.withLock { state in
                state.sleepers.append((state.nanoseconds + milliseconds * 1_000_000, continuation))
                let count = state.sleepers.count
                let ready = state.watchers.filter { $0.count <= count }
                state.watchers.removeAll { $0.count <= count }
                return ready.map(\.continuation)
            }
            for watcher in watchers { watcher.resume() }
        }
    }

    /// Returns when that many are asleep.
    package func sleepers(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.sleepers.count < count else { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Moves the time on and wakes who is due.
    package func advance(byMilliseconds milliseconds: Int64) {
        let due = state.withLock { state in
            state.nanoseconds += milliseconds * 1_000_000
            let now = state.nanoseconds
            let due = state.sleepers.filter { $0.wakesAt <= now }
            state.sleepers.removeAll { $0.wakesAt <= now }
            return due.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }
}
