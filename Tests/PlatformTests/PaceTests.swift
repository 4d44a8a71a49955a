import Foundation
import Recordings
import Synchronization
import Testing

@testable import Platform

/// The most that fall into any half-open second.
func mostInASecond(_ times: [Int64]) -> Int {
    var most = 0
    var first = 0
    for (index, time) in times.enumerated() {
        while times[first] <= time - 1_000_000_000 { first += 1 }
        most = max(most, index - first + 1)
    }
    return most
}

/// Counts who is inside.
private final class Room: Sendable {
    private let counts = Mutex((inside: 0, most: 0, visits: 0))

    func enter() {
        counts.withLock {
            $0.inside += 1
            $0.most = max($0.most, $0.inside)
            $0.visits += 1
        }
    }

    func leave() { counts.withLock { $0.inside -= 1 } }

    var most: Int { counts.withLock(\.most) }
    var visits: Int { counts.withLock(\.visits) }
}

@Suite("The distance between requests, as a value")
struct PaceRuleTests {
    /// Runs the rule like a single client whose every request goes late by `lateness` nanoseconds and takes `duration`.
    private func run(perSecond: Double, count: Int, lateness: (Int) -> Int64, duration: Int64) -> [Int64] {
        let rule = PaceRule(perSecond: perSecond)
        var slot: PaceSlot?
        var now: Int64 = 5_000_000_000
        var times: [Int64] = []
        while times.count < count {
            switch rule.decide(slot, now: now, bootID: "b") {
            case .wait(let nanoseconds): now += nanoseconds + lateness(times.count)
            case .go(let following):
                times.append(now)
                slot = following
                now += duration
            }
        }
        return times
    }

    @Test(
        "never more than N in a second beyond a burst of one, however late requests go",
        arguments: [0.5, 1, 3, 7.5, 50, 200, 1000]
    )
    func bound(perSecond: Double) {
        for lateness: Int64 in [0, 50_000, 900_000, 9_000_000, 25_000_000, 700_000_000] {
            let times = run(
                perSecond: perSecond,
                count: 2500,
                lateness: { $0 % 3 == 0 ? lateness : lateness / 7 },
                duration: 1000
            )
            #expect(mostInASecond(times) <= Int(perSecond.rounded(.up)) + 1, "late by \(lateness)")
        }
    }

    @Test("small lateness costs no time: the limit is used to within half a per cent", arguments: [1.0, 10, 50, 200])
    func efficient(perSecond: Double) {
        let rule = PaceRule(perSecond: perSecond)
        let times = run(perSecond: perSecond, count: 1000, lateness: { _ in rule.tolerance * 9 / 10 }, duration: 0)
        let seconds = Double((times.last ?? 0) - (times.first ?? 0)) / 1e9
        #expect(seconds <= 999 / perSecond * 1.005 + Double(rule.tolerance) / 1e9)
    }

    @Test("after a pause there is no burst")
    func noBurst() {
        let rule = PaceRule(perSecond: 10)
        let slot = PaceSlot(bootID: "b", next: 1_000_000_000)
        let now: Int64 = 100_000_000_000
        guard case .go(let following) = rule.decide(slot, now: now, bootID: "b") else {
            Issue.record("it has to wait")
            return
        }
        #expect(following.next >= now + 90_000_000)
    }

    @Test("a slot of another boot or far in the future is not believed")
    func absurd() {
        let rule = PaceRule(perSecond: 1)
        let far = PaceSlot(bootID: "b", next: Int64.max / 2)
        let other = PaceSlot(bootID: "a", next: 60_000_000_000)
        for slot in [far, other] {
            if case .wait = rule.decide(slot, now: 1_000_000_000, bootID: "b") { Issue.record("it waits") }
        }
    }

    @Test("a push moves the slot back, and never forward")
    func push() {
        let rule = PaceRule(perSecond: 1)
        let slot = PaceSlot(bootID: "b", next: 50_000_000_000)
        #expect(rule.pushed(slot, by: 5_000_000_000, now: 10_000_000_000, bootID: "b").next == 50_000_000_000)
        #expect(rule.pushed(slot, by: 90_000_000_000, now: 10_000_000_000, bootID: "b").next == 100_000_000_000)
        #expect(rule.pushed(nil, by: 2_000_000_000, now: 10_000_000_000, bootID: "b").next == 12_000_000_000)
    }

    @Test("a slot survives being written, and none of its torn forms is read")
    func bytes() {
        let slot = PaceSlot(bootID: "0f3c", next: 123_456_789_012)
        #expect(PaceSlot(bytes: slot.bytes) == slot)
        for count in 0..<slot.bytes.count {
            #expect(PaceSlot(bytes: Array(slot.bytes.prefix(count))) == nil)
        }
        var flipped = slot.bytes
        flipped[25] ^= 1
        #expect(PaceSlot(bytes: flipped) == nil)
        #expect(PaceSlot(bytes: Array(slot.bytes.dropLast()) + [0]) == nil)
        #expect(PaceSlot(bytes: Array(repeating: 0, count: 60)) == nil)
    }
}

@Suite("The account's pace")
struct AccountPaceTests {
    /// A view of a shared clock that remembers what it told one of the processes.
    private final class Lens: PlatformTime {
        let clock: TestTime
        private let seen = Mutex(Int64(0))

        init(_ clock: TestTime) { self.clock = clock }

        var bootID: String { clock.bootID }
        var lastSeen: Int64 { seen.withLock(\.self) }
        func now() -> Timestamp { clock.now() }
        func random() -> Double { clock.random() }
        func sleep(nanoseconds: Int64) async throws { try await clock.sleep(nanoseconds: nanoseconds) }
        func uptime() -> Int64 {
            let value = clock.uptime()
            seen.withLock { $0 = value }
            return value
        }
    }

    @Test("several processes together keep the limit")
    func shared() async throws {
        let folder = try TemporaryFolder()
        let clock = TestTime()
        let times = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<4 {
                let lens = Lens(clock)
                let pace = try AccountPace(folder: folder.path, tpslimit: 20, time: lens)
                group.addTask {
                    var times: [Int64] = []
                    for _ in 0..<100 {
                        try await pace.take(maxWaitSeconds: 60)
                        times.append(lens.lastSeen)
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(times.count == 400)
        #expect(mostInASecond(times.sorted()) <= 21)
    }

    @Test("a push holds up everybody")
    func push() async throws {
        let folder = try TemporaryFolder()
        let clock = TestTime()
        let one = try AccountPace(folder: folder.path, tpslimit: 100, time: clock)
        let other = try AccountPace(folder: folder.path, tpslimit: 100, time: clock)
        try await one.push(nanoseconds: 30_000_000_000)
        let before = clock.uptime()
        try await other.take(maxWaitSeconds: 60)
        #expect(clock.uptime() - before >= 30_000_000_000)
    }

    @Test("a push that is longer than the longest wait ends the run as unreachable")
    func tooLong() async throws {
        let folder = try TemporaryFolder()
        let pace = try AccountPace(folder: folder.path, tpslimit: 1, time: TestTime())
        try await pace.push(nanoseconds: 600_000_000_000)
        let failure = await #expect(throws: Failure.self) { try await pace.take(maxWaitSeconds: 60) }
        #expect(failure?.code == .unreachable)
    }

    @Test("the limit's own distance is no wait in that sense")
    func ownDistance() async throws {
        let folder = try TemporaryFolder()
        let pace = try AccountPace(folder: folder.path, tpslimit: 0.1, time: TestTime())
        for _ in 0..<3 { try await pace.take(maxWaitSeconds: 0) }
    }

    @Test("a torn file costs one distance", arguments: ["dialvault-pace 1 boot-1 99", "garbage", "\0\0\0\0"])
    func torn(contents: String) async throws {
        let folder = try TemporaryFolder()
        try Data(contents.utf8).write(to: URL(fileURLWithPath: folder.file("pace")))
        let clock = TestTime()
        let pace = try AccountPace(folder: folder.path, tpslimit: 1, time: clock)
        try await pace.take(maxWaitSeconds: 1)
        #expect(clock.sleptSeconds >= 1)
        #expect(clock.sleptSeconds < 1.1)
    }

    @Test("a folder that is not there is a failure that names it")
    func noFolder() async throws {
        let pace = try AccountPace(folder: "/nonexistent/locks", tpslimit: 1, time: TestTime())
        let failure = await #expect(throws: Failure.self) { try await pace.take(maxWaitSeconds: 1) }
        #expect(failure?.code == .fileSystem)
        #expect(failure?.message.contains("/nonexistent/locks") == true)
    }

    @Test("a limit that makes no sense is refused", arguments: [0, -1, .infinity, .nan, 1e9])
    func senseless(limit: Double) {
        #expect(throws: Failure.self) { try AccountPace(folder: "/tmp", tpslimit: limit) }
    }

    @Test("audio is requested one at a time, in one process and across several")
    func audio() async throws {
        let folder = try TemporaryFolder()
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let pace = try AccountPace(folder: folder.path, tpslimit: 1, time: SystemTime())
                for _ in 0..<8 {
                    group.addTask {
                        try await pace.withAudio(maxWaitSeconds: 60) {
                            room.enter()
                            await Task.yield()
                            room.leave()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.most == 1)
        #expect(room.visits == 32)
    }

    @Test("a lock that others never let go of ends in a failure")
    func heldForEver() async throws {
        let folder = try TemporaryFolder()
        let lock = try FileLock.attempt(folder.file("audio.lock"))
        let isHeld = lock != nil
        let pace = try AccountPace(folder: folder.path, tpslimit: 1, time: TestTime())
        let failure = await #expect(throws: Failure.self) { try await pace.withAudio(maxWaitSeconds: 5) {} }
        #expect(isHeld)
        #expect(failure?.code == .unreachable)
        _ = consume lock
    }

    @Test("a lock is free again after its holder failed")
    func freed() async throws {
        let folder = try TemporaryFolder()
        let pace = try AccountPace(folder: folder.path, tpslimit: 1, time: TestTime())
        await #expect(throws: CancellationError.self) {
            try await pace.withAudio(maxWaitSeconds: 5) { throw CancellationError() }
        }
        try await pace.withAudio(maxWaitSeconds: 0) {}
    }
}

@Suite("Turnstile")
struct TurnstileTests {
    @Test("one at a time, and all of them")
    func exclusive() async throws {
        let turnstile = Turnstile()
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await turnstile.pass {
                        room.enter()
                        await Task.yield()
                        room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.most == 1)
        #expect(room.visits == 50)
    }

    @Test("who is cancelled while waiting leaves the queue, and the others get through")
    func cancelled() async throws {
        let turnstile = Turnstile()
        let (holding, hold) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let holder = Task {
            try await turnstile.pass {
                enter.finish()
                for await _ in holding {}
            }
        }
        for await _ in entered {}
        let waiter = Task { try await turnstile.pass {} }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        hold.finish()
        try await holder.value
        try await turnstile.pass {}
    }
}
