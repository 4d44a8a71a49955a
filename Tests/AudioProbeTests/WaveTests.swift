import AudioProbe
import Recordings
import Testing

/// A canonical WAV file of 44 bytes and what follows.
func wave(
    tag: UInt64 = 1,
    channels: UInt64 = 1,
    rate: UInt64 = 8000,
    bits: UInt64 = 16,
    dataSize: UInt64? = nil,
    riffSize: UInt64? = nil,
    _ data: [UInt8]
) -> [UInt8] {
    let size = dataSize ?? UInt64(data.count)
    let align = channels * bits / 8
    return Array("RIFF".utf8) + littleEndian(riffSize ?? 36 + UInt64(data.count), 4) + Array("WAVEfmt ".utf8)
        + littleEndian(16, 4) + littleEndian(tag, 2) + littleEndian(channels, 2) + littleEndian(rate, 4)
        + littleEndian(rate * align, 4) + littleEndian(align, 2) + littleEndian(bits, 2) + Array("data".utf8)
        + littleEndian(size, 4) + data
}

@Suite("WAV")
struct WaveTests {
    /// Sound: no sample near silence, no byte zero.
    private static func sound(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var dice = Dice(seed)
        return dice.plainBytes(count)
    }

    @Test("A recorder's plain file is verified, and plays its samples over the rate")
    func plain() {
        let found = findings(in: wave(Self.sound(24_001 * 2)))
        #expect(
            found
                == AudioFindings(
                    audio: AudioFacts(
                        container: "wav",
                        codec: "pcm_s16le",
                        sampleRateHz: 8000,
                        channels: 1,
                        bitRateBps: 128_000,
                        durationMs: 3000
                    )
                )
        )
    }

    @Test("Half a millisecond rounds up", arguments: [(12, 2), (11, 1), (4, 1), (3, 0)])
    func rounding(samples: Int, expected: Int64) {
        #expect(findings(in: wave(Self.sound(samples * 2))).audio?.durationMs == expected)
    }

    @Test("A file shorter than its header says is truncated")
    func truncated() {
        let found = findings(in: wave(dataSize: 4000, riffSize: 4036, Self.sound(3000)))
        #expect(found.defects == [Defect(.truncated, "the audio has 3000 of 4000 bytes")])
    }

    @Test(
        "A length of none, all ones or SoX's own stands for unknown, and is said",
        arguments: [(0, 0), (0xFFFF_FFFF, 0xFFFF_FFFF), (0x7FFF_F000, 0x7FFF_F024)]
    )
    func unknownLength(dataSize: UInt64, riffSize: UInt64) {
        let found = findings(in: wave(dataSize: dataSize, riffSize: riffSize, Self.sound(16_000)))
        #expect(found.kinds == [.lengthUnknown])
        #expect(found.audio?.durationMs == 1000)
    }

    /// FFmpeg 5.1 does not read the table; the length is the samples' over the rate.
    @Test("A chunk in front of the audio whose size stands in the table of ds64 is passed")
    func table64() {
        let found = findings(in: wave64("BW64", metadata: 333, Self.sound(24_000)))
        #expect(found.defects == [])
        #expect(found.audio?.durationMs == 1500)
    }

    @Test("A header without samples is nothing that plays")
    func empty() {
        #expect(findings(in: wave([])).verdict == .rejected)
        #expect(findings(in: Array(wave([]).prefix(30))).verdict == .rejected)
    }

    @Test(
        "Digital silence over the whole file is told",
        arguments: [(1, 16, 0), (1, 8, 0x80), (6, 8, 0xD5), (7, 8, 0xFF)]
    )
    func silent(tag: UInt64, bits: UInt64, value: UInt8) {
        var data = [UInt8](repeating: value, count: 16_000)
        #expect(findings(in: wave(tag: tag, bits: bits, data)).kinds == [.silent])
        data[15_000] = 0x31
        #expect(findings(in: wave(tag: tag, bits: bits, data)).kinds == [])
    }

    @Test("A lost disk block is a run of zeros; a recorder's silence is not")
    func zeroBlocks() {
        var file = wave(Self.sound(60_000))
        file.replaceSubrange(8192..<12_288, with: [UInt8](repeating: 0, count: 4096))
        #expect(findings(in: file).defects == [Defect(.zeroRun, "4096 zero bytes at byte 8192")])
        var quiet = wave(Self.sound(60_000))
        quiet.replaceSubrange(8044..<16_044, with: [UInt8](repeating: 0, count: 8000))
        #expect(findings(in: quiet).defects == [])
    }

    /// 2,048 samples muted between two words, as a gate that works in blocks of a power of two does: what no lost block can be
    /// told from unless it lies where the file's blocks do.
    @Test("A gate's silence of the length of a block is not called a lost one", arguments: [8044, 8096, 9216, 12_332])
    func gated(start: Int) {
        var file = wave(Self.sound(60_000))
        file.replaceSubrange(start..<start + 4096, with: [UInt8](repeating: 0, count: 4096))
        #expect(findings(in: file).defects == [])
    }

    @Test("In G.711 any long run of zero bytes is foreign")
    func zerosInG711() {
        var file = wave(tag: 7, bits: 8, Self.sound(60_000))
        file.replaceSubrange(5000..<9096, with: [UInt8](repeating: 0, count: 4096))
        #expect(findings(in: file).kinds == [.zeroRun])
    }

    @Test("Chunks behind the audio are read, other bytes are garbage")
    func behind() {
        let data = Self.sound(1001)
        let list = Array("LIST".utf8) + littleEndian(4, 4) + Array("INFO".utf8)
        let whole = wave(tag: 7, bits: 8, riffSize: 36 + 1002 + 12, data) + [0] + list
        #expect(findings(in: whole).defects == [])
        let garbage = findings(in: whole + [1, 2, 3, 4, 5])
        #expect(garbage.defects == [Defect(.trailingGarbage, "5 bytes at byte \(whole.count)")])
        #expect(findings(in: wave(data + data.prefix(1)) + wave(data)).kinds == [.trailingGarbage])
    }

    @Test("MP3 inside WAV is walked frame by frame")
    func mp3Inside() {
        var file = wave(tag: 0x55, bits: 8, telephoneFrames(100))
        #expect(findings(in: file).audio?.codec == "mp3")
        #expect(findings(in: file).audio?.container == "wav")
        #expect(findings(in: file).audio?.durationMs == 7200)
        #expect(findings(in: file).defects == [])
        file[44 + 216 * 5] = 0
        #expect(findings(in: file).kinds == [.lostSync])
    }

    @Test("The result does not depend on the chunks")
    func chunks() {
        var file = wave(Self.sound(30_001)) + [0]
        file.replaceSubrange(8192..<12_288, with: [UInt8](repeating: 0, count: 4096))
        file += Array("LIST".utf8) + littleEndian(400, 4) + Self.sound(90)
        let whole = findings(in: file, chunkSize: file.count)
        for size in [1, 2, 3, 13, 44, 45, 1000, 4095, 4096, 4097] {
            #expect(findings(in: file, chunkSize: size) == whole)
        }
    }
}
