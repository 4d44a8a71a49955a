import Foundation
import Recordings
import TestSupport
import Testing

/// What `scripts/sweep` sets for all of it; otherwise a part is done, chosen by a fixed seed.
private let isWholeSweep = ProcessInfo.processInfo.environment["SWEEP"] == "all"

/// Under a sanitizer a run takes twenty times as long: then one place in so many is enough.
private let share = isSanitized ? 8 : 1

/// Whatever moment it is at which the process is killed: every bag validates, no reader saw a mix, and the next run ends as if
/// nothing had happened.
@Suite struct `A run that is killed` {
    /// The steps that have names of their own. The system calls between them come with the trace.
    private static let steps: Set = [
        "recovery", "recovery: done", "day: locked", "day: fetched", "unpack: former records removed",
        "unpack: archives read", "day: unpacked", "part: former sources removed", "part: rows written", "day: verified",
        "collect: bytes written", "collect: audio received", "collect: audio in place", "day: collected",
        "merge: publication announced", "publish", "publish: history kept", "publish: bag built",
        "publish: bag on disk", "publish: bag exchanged", "publish: bag in place", "publish: revision in the history",
        "publish: former audio removed", "publish: former bag removed",
        "merge: day published", "merge: publication finished", "merge: blob removed", "ledger: transaction begun",
        "ledger", "ledger: transaction committed", "download: write", "download: fsync", "download: rename",
        "download: in place", "blob: open", "blob: write", "blob: close", "blob: rename", "mkdir", "open", "write",
        "fsync", "close", "rename", "link", "exchange", "syncfs", "unlink", "rmdir", "opendir",
    ]

    private func killed(at place: String, in scene: FaultScene, mayBeAbsent: Bool = false) throws {
        try scene.reset()
        try scene.whileWatching(place, mayBeAbsent: mayBeAbsent) {
            let run = try scene.run(failpoints: "\(place)=kill")
            #expect(run.status == 128 + SIGKILL, "\(place) was not reached: \(run.errors)")
            if !mayBeAbsent { try scene.expectValidBags(place) }
            try scene.expectCompletion(place)
        }
    }

    @Test func `at any step of any stage leaves nothing that is wrong`() throws {
        let scene = try FaultScene()
        let trace = try scene.trace()
        #expect(Self.steps.symmetricDifference(trace.keys) == [])
        for (index, name) in trace.keys.sorted().enumerated() where index % share == 0 {
            try killed(at: name, in: scene)
        }
    }

    @Test func `between any two system calls leaves nothing that is wrong`() throws {
        let scene = try FaultScene()
        // Unpacking goes on in several processes, of which each counts for itself.
        let trace = try scene.trace().filter { !$0.key.hasPrefix("blob: ") }
        var chance = SeededChance(seed: 6)
        for (index, (name, count)) in trace.sorted(by: { $0.key < $1.key }).enumerated()
        where count > 1 && index % share == 0 {
            let all = Array(2...count)
            let chosen = isWholeSweep ? all : count > 20 ? [all.randomElement(using: &chance) ?? count] : []
            for number in chosen {
                try scene.reset()
                let what = "\(name)@\(number)"
                try scene.whileWatching(what) {
                    // A worker's share of the calls can be behind this number; then nothing is killed.
                    let run = try scene.run(failpoints: "\(what)=kill")
                    #expect([0, 128 + SIGKILL].contains(run.status), "\(what): \(run.errors)")
                    try scene.expectValidBags(what)
                    try scene.expectCompletion(what)
                }
            }
        }
    }

    @Test(arguments: ["journal: written", "journal: former bag aside", "journal: bag in place", "journal: removed"])
    func `in an exchange that takes two renames is completed by the next`(step: String) throws {
        let scene = try FaultScene()
        try killed(at: "exchange=EOPNOTSUPP;\(step)", in: scene, mayBeAbsent: true)
    }

    @Test func `at random moments leaves nothing that is wrong`() throws {
        let scene = try FaultScene()
        var chance = SeededChance(seed: 2018)
        var kills = 0
        let rounds = (isWholeSweep ? 200 : 15) / share
        for _ in 0..<rounds {
            let moment = Double.random(in: 0.02...0.7, using: &chance)
            let what = "after \(moment) s"
            try scene.reset()
            try scene.whileWatching(what) {
                if try scene.run(killedAfter: moment).status != 0 { kills += 1 }
                try scene.expectValidBags(what)
                try scene.expectCompletion(what)
            }
        }
        #expect(kills > rounds / 3, "nearly every run had ended before it was killed")
    }
}

/// SplitMix64 (S. Vigna, public domain): the same numbers for the same seed.
private struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
