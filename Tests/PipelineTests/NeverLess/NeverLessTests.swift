import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing
import Vault

@testable import Pipeline

@Suite struct `The vault never holds less than before` {
    /// How many random histories: all cores take a share each.
    private static let histories = Int(ProcessInfo.processInfo.environment["HISTORIES"] ?? "") ?? 2000
    private static let shares = 8

    @Test(arguments: 0..<shares)
    func `whatever its sources, workers, disks and settings do`(share: Int) async throws {
        for number in 0..<(Self.histories / Self.shares) {
            let seed = UInt64(share * 1_000_000 + number)
            let history = try RandomHistory(seed: seed)
            if let loss = try await history.firstLoss() {
                Issue.record("history \(seed): \(loss)")
                return
            }
        }
    }
}

/// A sequence of steps of a small world, the same for the same seed, and after each a look at what the vault has.
private final class RandomHistory {
    private let seed: UInt64
    private let scratch: ScratchFolder
    private var numbers: SplitMix64
    private var world: SmallWorld
    private let witness: Witness
    private var steps: [String] = []

    init(seed: UInt64) throws {
        self.seed = seed
        scratch = try ScratchFolder(inMemory: true)
        numbers = SplitMix64(state: seed)
        let vault = Vault(root: scratch.file("vault"), modes: FileModes(groupReadable: true))
        try vault.create()
        world = SmallWorld(vault, timeZone: try Self.zone("Europe/Berlin"))
        witness = Witness(vault)
    }

    /// - Returns: what was published once and is not there any more, with the steps that led there; nil for nothing.
    func firstLoss() async throws -> String? {
        offerArchive("outbound-a")
        offerItems()
        try await step("run") {}
        for _ in 0..<(2 + number(below: 4)) {
            let loss = try await randomStep()
            if let loss { return "\(loss)\nafter: \(steps.joined(separator: "; "))" }
        }
        return nil
    }

    @discardableResult
    private func step(_ name: String, _ change: () throws -> Void) async throws -> String? {
        steps.append(name)
        try change()
        do { try await world.run() } catch let failure as Failure {
            steps.append("(\(failure.message))")
        }
        return try witness.look()
    }

    // MARK: Steps

    private func randomStep() async throws -> String? {
        let names = world.archives.keys.sorted()
        let name = names.isEmpty ? "outbound-a" : names[number(below: names.count)]
        world.reach = .whole
        world.isAPIUp = true
        world.undelivered = []
        switch number(below: 20) {
        case 0: return try await step("run again") {}
        case 1: return try await step("touch \(name)") { world.touch(name) }
        case 2, 3:
            let count = number(below: 4)
            return try await step("touch \(name), worker killed after \(count)") {
                world.touch(name)
                world.reach = count == 0 ? .nothing : .upTo(count)
            }
        case 4:
            return try await step("work folder removed, limit of \(number(below: 3)) members") {
                try FileSystem.removeTree(world.vault.work(world.day))
                world.reach = .upTo(number(below: 3))
            }
        case 5: return try await step("\(name) replaced") { replaceArchive(name) }
        case 6: return try await step("another archive") { offerArchive("outbound-\(number(below: 3))") }
        case 7: return try await step("\(name) gone") { world.archives[name] = nil }
        case 8: return try await step("the API lists less") { world.items.removeAll { _ in number(below: 2) == 0 } }
        case 9: return try await step("the API lists more") { offerItems() }
        case 10: return try await step("the API is down") { world.isAPIUp = false }
        case 11: return try await step("the API delivers less") { withholdItems() }
        case 12: return try await step("the API gives other bytes") { alterItem() }
        case 13: return try await step("the starts move") { try moveStarts() }
        case 14: return try await step("the names are read in another way") { rereadNames() }
        case 15: return try await step("the selection changes") { reselect() }
        case 16: return try await step("the dialer's source removed") { world.hasDialer = false }
        case 17: return try await step("the ledger damaged") { try damageLedger() }
        case 18: return try await step("a manifest damaged") { try damageManifest() }
        default: return try await step("an audio file removed") { try removeAudio() }
        }
    }

    private func offerArchive(_ name: String) {
        world.put(name, (0..<(1 + number(below: 4))).map { _ in randomCall() })
    }

    private func randomCall() -> SmallWorld.Call {
        // Some near midnight, so that they belong to a neighbouring day.
        let hours = [8, 10, 12, 22, 23]
        let hour = hours[number(below: hours.count)]
        let number = number(below: 6)
        let text = "2018-04-05T\(hour < 10 ? "0" : "")\(hour):0\(number):00Z"
        let named = self.number(below: 2) == 0
        let date = named ? "20180405-1\(number)0\(number)00_99918980\(number)-all.mp3" : "call\(number).mp3"
        return SmallWorld.Call(name: date, content: "dialer \(self.number(below: 8))", modifiedAt: Samples.time(text))
    }

    private func replaceArchive(_ name: String) {
        var calls = world.archives[name]?.calls ?? []
        if !calls.isEmpty, number(below: 2) == 0 { calls.removeLast() }
        if number(below: 2) == 0 { calls.append(randomCall()) }
        world.put(name, calls)
    }

    private func offerItems() {
        for _ in 0..<(1 + number(below: 2)) {
            let number = number(below: 5)
            let id = Samples.id("\(number)0ed866c1f8b44727827daaaf7e7b098")
            guard !world.items.contains(where: { $0.id == id }) else { continue }
            // Sometimes the bytes of a dialer file, to which it is joined then.
            let content = self.number(below: 3) == 0 ? "dialer \(number)" : "api \(number)"
            world.items.append(.init(id: id, content: content, startedAt: Samples.time("2018-04-05T1\(number):00:00Z")))
        }
    }

    private func withholdItems() {
        for item in world.items where number(below: 2) == 0 { world.undelivered.insert(item.id) }
    }

    private func alterItem() {
        guard !world.items.isEmpty else { return }
        world.items[number(below: world.items.count)].content += "!"
    }

    private func moveStarts() throws {
        let zones = ["America/New_York", "Asia/Tokyo", "Europe/Berlin"]
        world.timeZone = try Self.zone(zones[number(below: zones.count)])
    }

    private func rereadNames() {
        let patterns = [[], ["(?<recordingid>[a-z]+[0-9])[.]mp3"], ["(?<phone>[0-9]+)-all"]]
        world.patterns = patterns[number(below: patterns.count)]
    }

    private func reselect() {
        world.selection = number(below: 2) == 0 ? "{ numbers: ['4711'] }" : "{}"
    }

    // MARK: Damage

    private func damageLedger() throws {
        let path = world.vault.ledger
        for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
        if number(below: 2) == 0 {
            try? FileManager.default.removeItem(atPath: path)
        } else {
            try Data("no database".utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    private func damageManifest() throws {
        let path = "\(world.vault.bag(world.day))/manifest.jsonl"
        guard let bytes = FileManager.default.contents(atPath: path), !bytes.isEmpty else { return }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        let kept = lines.prefix(number(below: lines.count)).flatMap { Array($0) + [UInt8(ascii: "\n")] }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(kept))
        try file.close()
        // Later steps are to go on from the day as it was.
        if number(below: 2) == 0 {
            steps.append("(repaired)")
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
    }

    private func removeAudio() throws {
        let files = try witness.publishedFiles(world.day)
        guard !files.isEmpty else { return }
        let path = files[number(below: files.count)]
        try FileManager.default.removeItem(atPath: path)
        witness.excuse(path)
    }

    // MARK: Chance

    private func number(below bound: Int) -> Int { Int(numbers.next() % UInt64(bound)) }

    private static func zone(_ name: String) throws -> TimeZone { try #require(TimeZone(identifier: name)) }
}
