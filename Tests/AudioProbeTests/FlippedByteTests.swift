import AudioProbe
import Recordings
import Testing

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

    @Test("Where sizes stand in ds64, a wrong one contradicts the file's", arguments: ["RF64", "BW64"])
    func wave64(mark: String) {
        // The mark, `WAVE`, the chunk's name and the format's are needed to play anything; the size of the whole file stands
        // at 20, that of the audio at 28, both in eight bytes; the rate at 60, bytes a second at 64; `data` at 72.
        let file = AudioProbeTests.wave64(mark, (0..<6000).map { UInt8(0x41 + $0 % 7) })
        for (place, mask, expected) in [
            (21, 0x80, [DefectCode.truncated]), (29, 0x40, [.truncated]), (31, 1, [.truncated]),
            (28, 0x0F, [.truncated]),
            (29, 0x10, [.trailingGarbage]), (60, 0xFF, [.headerMismatch]), (65, 1, [.headerMismatch]),
        ] as [(Int, UInt8, [DefectCode])] {
            var damaged = file
            damaged[place] ^= mask
            #expect(findings(in: damaged).kinds == expected, "byte \(place)")
        }
        for place in [0, 8, 48, 72] {
            var damaged = file
            damaged[place] ^= 0xFF
            #expect(findings(in: damaged).verdict == .rejected, "byte \(place)")
        }
    }

    @Test("In an AU header the fields contradict the file's size; a rate or coding that could be is believed")
    func au() {
        // Where the samples begin at 4, their bytes at 8, the coding at 12, the rate at 16, the channels at 20.
        let words: [UInt64] = [24, 6000, 3, 8000, 1]
        let file = Array(".snd".utf8) + words.flatMap { bigEndian($0, 4) } + someSound(6000)
        #expect(findings(in: file).verdict == .verified)
        let whole = findings(in: file).audio?.durationMs
        for (place, mask, expected) in [
            (0, 0xFF, nil), (4, 0xFF, nil), (6, 0xFF, nil), (7, 0x10, nil), (7, 0x07, [.truncated]),
            (7, 0x20, [.truncated]),
            (8, 0xFF, [.truncated]), (10, 0x40, [.truncated]), (10, 0x10, [.trailingGarbage]),
            (11, 0x01, [.truncated, .headerMismatch]), (12, 0xFF, nil), (15, 0xFF, nil), (16, 0xFF, nil),
            (22, 0xFF, nil), (23, 0xFF, [.headerMismatch]),
            // Nothing else in the file says these: half the rate, two channels, µ-law.
            (18, 0x10, []), (23, 0x03, []), (15, 0x02, []),
        ] as [(Int, UInt8, [DefectCode]?)] {
            var damaged = file
            damaged[place] ^= mask
            let found = findings(in: damaged)
            if let expected {
                #expect(found.kinds == expected, "byte \(place)")
            } else {
                #expect(found.verdict == .rejected, "byte \(place): \(found)")
            }
            if expected == [], place == 18 { #expect(found.audio?.durationMs != whole) }
        }
    }

    @Test(
        "At the start of an AMR frame it loses the frames, in its middle it cannot be noticed",
        arguments: [false, true]
    )
    func amr(isWide: Bool) {
        let file = isWide ? wideAMRFrames(60) : amrFrames(60)
        let (mark, frame) = isWide ? (9, 61) : (6, 32)
        let whole = findings(in: file)
        for number in stride(from: 0, to: 60, by: 7) {
            let start = mark + number * frame
            // The marks of a frame's first byte that are always zero, and a type that does not exist (10) or is shorter.
            for mask in [0x80, 0x01, 0x02, 0xFF, isWide ? 0x10 : 0x70, 0x08] as [UInt8] {
                var damaged = file
                damaged[start] ^= mask
                let found = findings(in: damaged)
                #expect(
                    !Set(found.kinds).isDisjoint(with: [.lostSync, .truncated]),
                    "frame \(number), \(mask): \(found)"
                )
            }
            var damaged = file
            damaged[start + 1 + number % (frame - 1)] ^= 0xFF
            #expect(findings(in: damaged) == whole)
        }
        for place in 0..<mark {
            var damaged = file
            damaged[place] ^= 0xFF
            #expect(findings(in: damaged).verdict == .rejected)
        }
    }

    /// One second, or one in a hundred: how near a length has to be to be the right one.
    private static func isSound(_ found: AudioFindings, _ whole: AudioFacts) -> Bool {
        guard found.verdict == .verified, let audio = found.audio else { return true }
        guard let length = audio.durationMs, let right = whole.durationMs else { return false }
        return audio.container == whole.container && audio.codec == whole.codec
            && abs(length - right) <= max(1000, right / 100)
    }

    @Test(
        "Wherever in an M4A header, codec and length are right, or something is wrong",
        arguments: ["long-ff-fast.m4a", "long-ff.m4a"]
    )
    func m4aHeader(name: String) throws {
        let file = try Corpus.shared.get().file(name).bytes()
        let whole = try #require(findings(in: file).audio)
        let media = try #require(file.firstRange(of: Array("mdat".utf8))?.lowerBound)
        let index = try #require(file.firstRange(of: Array("moov".utf8))?.lowerBound)
        let indexLength = file[index - 4..<index].reduce(0) { $0 << 8 | Int($1) }
        var noticed = 0
        for place in Array(0..<32) + Array(media - 4..<media + 4) + Array(index - 4..<index - 4 + indexLength) {
            for mask in [0xFF, 0x01, 1 << UInt8(place % 8)] as [UInt8] {
                var damaged = file
                damaged[place] ^= mask
                let found = findings(in: damaged)
                #expect(Self.isSound(found, whole), "byte \(place), \(mask): \(found)")
                if found.verdict != .verified { noticed += 1 }
            }
        }
        #expect(noticed > 200)
    }

    @Test("In an M4A file what is said twice is compared")
    func m4aTwice() throws {
        let file = try Corpus.shared.get().file("long-ff-fast.m4a").bytes()
        // Places behind a box's name: version and flags in four bytes, then the fields of ISO/IEC 14496-12.
        for (box, field, expected) in [
            ("mvhd", 12, DefectCode.headerMismatch), ("mvhd", 18, .headerMismatch), ("mdhd", 13, .headerMismatch),
            ("mdhd", 17, .headerMismatch), ("stts", 11, .headerMismatch), ("stts", 14, .headerMismatch),
            ("stsz", 11, .headerMismatch), ("mdat", -7, .truncated), ("mdat", -6, .truncated),
        ] {
            var damaged = file
            let place = try #require(file.firstRange(of: Array(box.utf8))?.upperBound)
            damaged[place + field] ^= 0x7F
            #expect(findings(in: damaged).kinds.contains(expected), "\(box), \(field): \(findings(in: damaged))")
        }
    }

    @Test("Where a format has no checksum, samples that are altered cannot be told", arguments: samples)
    func unnoticed(row: Samples) throws {
        let file = try Corpus.shared.get().file(row.name).bytes()
        let whole = findings(in: file)
        for place in stride(from: row.start, to: row.end ?? file.count, by: file.count / 60) {
            #expect(try Self.flipped(row.name, at: place) == whole, "byte \(place)")
        }
    }

    /// A file and where in it there are only samples.
    struct Samples: Sendable, CustomTestStringConvertible {
        let name: String
        let start: Int
        var end: Int?
        var testDescription: String { name }
    }

    static let samples = [
        Samples(name: "long-ff-s16.wav", start: 100), Samples(name: "long-ff-mulaw.wav", start: 120),
        Samples(name: "long-ff-s16.au", start: 40), Samples(name: "long-ff.m4a", start: 100, end: 40_000),
        Samples(name: "long-ff-fast.m4a", start: 4000),
    ]

    private func wavFile(_ data: [UInt8]) -> [UInt8] { AudioProbeTests.wave(data) }
}
