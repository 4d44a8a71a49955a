import AudioProbe
import Recordings
import Testing

/// A whole file of one format and what each damage to it amounts to, by how the format is built.
struct Subject: Sendable, CustomTestStringConvertible {
    enum Source: Sendable {
        case corpus(String)
        case made(@Sendable () -> [UInt8])
    }

    let name: String
    let source: Source
    /// Bytes a frame where frames are of one size and nothing says how many there are: a cut between two is no damage that
    /// could be seen.
    var frameLength: Int?
    /// Bytes in front of the first frame.
    var frameStart = 0
    var garbageBefore: [DefectCode]? = [.leadingGarbage]
    var garbageBetween: Set<DefectCode> = [.lostSync]
    var joined: [DefectCode]? = [.trailingGarbage]
    var testDescription: String { name }

    func bytes() throws -> [UInt8] {
        switch source {
        case .corpus(let name): try Corpus.shared.get().file(name).bytes()
        case .made(let make): make()
        }
    }

    static let all = [
        Subject(name: "MP3 with LAME's tag", source: .corpus("long-lame.mp3"), joined: [.headerMismatch]),
        Subject(
            name: "MP3 from a telephone recorder",
            source: .made { telephoneFrames(100) },
            frameLength: 216,
            joined: []
        ),
        Subject(name: "WAV, PCM", source: .corpus("long-ff-s16.wav"), garbageBetween: [.trailingGarbage]),
        Subject(name: "WAV, G.711", source: .corpus("long-ff-mulaw.wav"), garbageBetween: [.trailingGarbage]),
        Subject(
            name: "Ogg Vorbis",
            source: .corpus("long-oggenc.ogg"),
            garbageBetween: [.lostSync, .badCRC],
            joined: []
        ),
        Subject(
            name: "Ogg Opus",
            source: .corpus("long-opusenc.opus"),
            garbageBetween: [.lostSync, .badCRC],
            joined: []
        ),
        Subject(
            name: "Ogg FLAC",
            source: .corpus("long-ff-flac.ogg"),
            garbageBetween: [.lostSync, .badCRC],
            joined: []
        ),
        Subject(name: "FLAC", source: .corpus("long-ff.flac"), garbageBetween: [.lostSync, .badCRC]),
        Subject(
            name: "M4A, index in front",
            source: .corpus("long-ff-fast.m4a"),
            garbageBefore: nil,
            garbageBetween: [.trailingGarbage]
        ),
        Subject(name: "AU", source: .corpus("long-ff-s16.au"), garbageBetween: [.trailingGarbage]),
        Subject(
            name: "AMR",
            source: .made { amrFrames(1000) },
            frameLength: 32,
            frameStart: 6,
            joined: [.lostSync]
        ),
    ]
}

/// AMR at 12.2 kbit/s: 32 bytes and 20 ms a frame (RFC 4867, section 5.3; 3GPP TS 26.101, table 1).
func amrFrames(_ count: Int) -> [UInt8] {
    var dice = Dice(11)
    // No byte of the payload looks like the start of a frame.
    return Array("#!AMR\n".utf8) + (0..<count).flatMap { _ in [0x3C] + dice.plainBytes(31).map { $0 | 0x81 } }
}

@Suite("Damage")
struct DamageTests {
    @Test("A file cut anywhere is truncated, or too short to play", arguments: Subject.all)
    func cut(subject: Subject) throws {
        let file = try subject.bytes()
        for percent in 1..<100 {
            let length = file.count * percent / 100
            let found = findings(in: Array(file.prefix(length)))
            if let frame = subject.frameLength, (length - subject.frameStart) % frame == 0 { continue }
            let isTold = found.verdict == .rejected || found.kinds.contains(.truncated)
            #expect(isTold, "cut to \(percent) %: \(found)")
            // What remains is most of the file, and plays.
            if percent > 60 { #expect(found.audio != nil, "cut to \(percent) %") }
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
        #expect(!found.kinds.isEmpty)
        #expect(subject.garbageBetween.isSuperset(of: found.kinds), "\(found)")
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

@Suite("One byte flipped")
struct FlippedByteTests {
    private static func flipped(_ name: String, at place: Int, by mask: UInt8 = 0xFF) throws -> AudioFindings {
        var file = try Corpus.shared.get().file(name).bytes()
        file[place] ^= mask
        return findings(in: file)
    }

    @Test(
        "Anywhere in an Ogg file it is noticed",
        arguments: ["f48-oggenc6.ogg", "c44-opusenc.opus", "a8-speexenc.spx"]
    )
    func ogg(name: String) throws {
        let count = try Corpus.shared.get().file(name).bytes().count
        for place in stride(from: 0, to: count, by: max(count / 300, 1)) {
            #expect(try Self.flipped(name, at: place).verdict != .verified, "byte \(place)")
        }
    }

    @Test("Anywhere in a FLAC frame it is noticed", arguments: ["f48-flac8.flac", "a8-flac576.flac"])
    func flac(name: String) throws {
        let file = try Corpus.shared.get().file(name).bytes()
        // The frames begin where the first header stands: behind the last metadata block.
        var start = 4
        while file[start] & 0x80 == 0 {
            start += 4 + Int(file[start + 1]) << 16 + Int(file[start + 2]) << 8 + Int(file[start + 3])
        }
        start += 4 + Int(file[start + 1]) << 16 + Int(file[start + 2]) << 8 + Int(file[start + 3])
        for place in stride(from: start, to: file.count, by: max(file.count / 200, 1)) {
            let found = try Self.flipped(name, at: place)
            #expect(
                !Set(found.kinds).isDisjoint(with: [.badCRC, .lostSync, .truncated, .trailingGarbage]),
                "byte \(place): \(found)"
            )
        }
    }

    @Test("Behind LAME's tag its checksum over the music tells")
    func lameMusic() throws {
        let count = try Corpus.shared.get().file("c44-lame-cbr.mp3").bytes().count
        for place in [count / 3 + 7, count / 2 + 11, count - 20] {
            let found = try Self.flipped("c44-lame-cbr.mp3", at: place)
            #expect(!Set(found.kinds).isDisjoint(with: [.badCRC, .lostSync]), "byte \(place): \(found)")
        }
        // The tag itself: its own checksum.
        #expect(try Self.flipped("c44-lame-cbr.mp3", at: 60).kinds == [.badCRC])
    }

    @Test("Where frames carry checksums, one in the side information is noticed")
    func mpegFrames() throws {
        // Layer II with checksums: the bit allocation follows the header's four bytes and the checksum's two. 128 kbit/s at
        // 44.1 kHz: 417 or 418 bytes a frame.
        let found = try Self.flipped("c44-twolame-crc.mp2", at: 417 * 2 + 8, by: 0x10)
        #expect(!Set(found.kinds).isDisjoint(with: [.badCRC, .lostSync]), "\(found)")
        var plain = telephoneFrames(30)
        plain[216 * 10 + 1] ^= 0x80
        #expect(findings(in: plain).kinds == [.lostSync])
    }

    @Test("In a WAV header the fields contradict one another, or the file's size")
    func wave() throws {
        // Bytes a second at 28, sampling rate at 24, samples' bits at 34, the audio's length at 40 in a plain header.
        let data = (0..<6000).map { UInt8(0x41 + $0 % 7) }
        for (place, expected) in [
            (28, DefectCode.headerMismatch), (24, .headerMismatch), (41, .truncated), (43, .truncated),
        ] {
            var file = wavFile(data)
            file[place] ^= 0x40
            #expect(findings(in: file).kinds == [expected], "byte \(place)")
        }
        var shorter = wavFile(data)
        shorter[41] ^= 0x10
        #expect(findings(in: shorter).kinds == [.trailingGarbage])
        var impossible = wavFile(data)
        impossible[34] ^= 0x18
        #expect(findings(in: impossible).verdict == .rejected)
    }

    private func wavFile(_ data: [UInt8]) -> [UInt8] { AudioProbeTests.wave(data) }
}
