import Platform
import Recordings
import Synchronization

/// A clock that stands still but for those who sleep on it: their sleep is over at once, and the clock is then where
/// they wanted it to be.
final class TestTime: PlatformTime {
    private struct State {
        var uptime: Int64 = 1_000_000_000_000
        /// The uptime that was handed out last, to those who want to know when something was decided.
        var lastSeen: Int64 = 0
        var slept: [Int64] = []
    }

    let bootID: String
    private let wallAtStart: Timestamp
    private let chance: Double
    private let start: Int64 = 1_000_000_000_000
    private let state = Mutex(State())

    init(
        wall: Timestamp = Timestamp(secondsSinceEpoch: 1_522_900_800),
        chance: Double = 0.5,
        bootID: String = "boot-1"
    ) {
        wallAtStart = wall
        self.chance = chance
        self.bootID = bootID
    }

    func uptime() -> Int64 {
        state.withLock {
            $0.lastSeen = $0.uptime
            return $0.uptime
        }
    }

    func now() -> Timestamp {
        wallAtStart.advanced(byMilliseconds: (state.withLock(\.uptime) - start) / 1_000_000)
    }

    func sleep(nanoseconds: Int64) async throws {
        try Task.checkCancellation()
        state.withLock {
            $0.uptime += nanoseconds
            $0.slept.append(nanoseconds)
        }
        await Task.yield()
    }

    func random() -> Double { chance }

    func advance(nanoseconds: Int64) {
        state.withLock { $0.uptime += nanoseconds }
    }

    var lastSeen: Int64 { state.withLock(\.lastSeen) }

    /// What was slept, in nanoseconds.
    var slept: [Int64] { state.withLock(\.slept) }
    var sleptSeconds: Double { Double(slept.reduce(0, +)) / 1e9 }
}
