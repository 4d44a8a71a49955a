import AudioProbe
import Recordings
import Testing

@Suite("Damage")
struct DamageTests {
    @Test("A file cut anywhere is truncated, or too short to play", arguments: Subject.all)
    func cut(subject: Subject) throws {
        let file = try subject.bytes()
        let frameStarts = Set(subject.frameStarts(file))
        for percent in 1..<100 {
            let length = file.count * percent / 100
            let found = findings(in: Array(file.prefix(length)))
            if frameStarts.contains(length) { continue }
            if let frame = subject.frameLength, (length - subject.frameStart) % frame == 0 { continue }
            let isTold = found.verdict == .rejected || found.kinds.contains(.truncated)
            #expect(isTold, "cut to \(percent) %: \(found)")
            // What remains is most of the file, and plays.
            if percent > 60, subject.playsWhenCut { #expect(found.audio != nil, "cut to \(percent) %") }
        }
    }

    @Test("A block of 4 KiB that was lost is told with place and size", arguments: Subject.all)
    func zeroedBlock(subject: Subject) throws {
        let file = try subject.bytes()
        #expect(file.count > 12_288)
        for block in stride(from: 8192, to: file.count - 4096, by: max(4096, (file.count / 6) & ~4095)) {
            var damaged = file
            damaged.replaceSubrange(block..<block + 4096, with: [UInt8](repeating: 0, count: 4096))
            let found = findings(in: damaged)
            #expect(found.kinds.contains(.zeroRun), "zeros from \(block): \(found)")
        }
    }

    @Test("Bytes in front are leading garbage", arguments: Subject.all)
    func garbageBefore(subject: Subject) throws {
        var dice = Dice(21)
        let found = findings(in: dice.plainBytes(1000) + (try subject.bytes()))
        if let expected = subject.garbageBefore {
            #expect(found.kinds == expected)
            #expect(found.defects.first?.detail == "1000 bytes at byte 0")
        } else {
            #expect(found.verdict == .rejected)
        }
    }

    @Test("Bytes in the middle are told", arguments: Subject.all)
    func garbageBetween(subject: Subject) throws {
        var dice = Dice(22)
        var file = try subject.bytes()
        let frame = subject.frameLength ?? 1
        let middle = subject.frameStart + (file.count / 2 - subject.frameStart) / frame * frame
        file.insert(contentsOf: dice.plainBytes(500).map { $0 | 0x80 }, at: middle)
        let found = findings(in: file)
        guard let expected = subject.garbageBetween else {
            #expect(found.verdict == .rejected)
            return
        }
        #expect(!found.kinds.isEmpty)
        #expect(expected.isSuperset(of: found.kinds), "\(found)")
        #expect(found.audio != nil)
    }

    @Test("Bytes behind are trailing garbage, with place and length", arguments: Subject.all)
    func garbageBehind(subject: Subject) throws {
        var dice = Dice(23)
        let file = try subject.bytes()
        let found = findings(in: file + dice.plainBytes(333).map { $0 | 0x80 })
        #expect(found.defects == [Defect(.trailingGarbage, "333 bytes at byte \(file.count)")])
        #expect(found.audio?.durationMs == findings(in: file).audio?.durationMs)
    }

    @Test("Two files joined are told, but for formats in which that makes one", arguments: Subject.all)
    func joined(subject: Subject) throws {
        let file = try subject.bytes()
        #expect(findings(in: file + file).kinds == subject.joined)
    }

    @Test("Streams that may be chained play as long as both")
    func chained() throws {
        let file = try Corpus.shared.get().file("f48-oggenc6.ogg").bytes()
        let one = try #require(findings(in: file).audio?.durationMs)
        #expect(findings(in: file + file).audio?.durationMs == 2 * one)
    }
}
