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

    private func wavFile(_ data: [UInt8]) -> [UInt8] { AudioProbeTests.wave(data) }
}
