/// What a WAV file's `fmt ` chunk says (Microsoft, "Multiple channel audio data and WAVE files"; the tags from
/// `mmreg.h`).
struct WaveFormat: Equatable, Sendable {
    enum Coding: Equatable, Sendable {
        /// Every frame of samples has the same size.
        case pcm(SampleKind)
        case g711(silence: Set<UInt8>)
        /// Blocks of `blockAlign` bytes that each hold so many samples a channel.
        case blocks(samples: Int)
        case mpeg
        /// A constant rate by definition of the coding.
        case bytesPerSecond(Int)
        case unknown
    }

    enum SampleKind: Equatable, Sendable {
        case unsigned8, signed16, wider
    }

    let codec: String
    let coding: Coding
    let channels: Int
    let sampleRate: Int
    let blockAlign: Int
    let declaredByteRate: Int
    /// Bytes a second that the other fields amount to, where they determine it.
    let expectedByteRate: Int?
    private let isBigEndian: Bool

    static let minimumLength = 14

    /// Reads the chunk's content; nil when it is too short or says what cannot be.
    ///
    /// - Parameter isBigEndian: as in RIFX, where samples are big-endian too.
    init?(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool = false) {
        guard bytes.count >= Self.minimumLength else { return nil }
        func read16(at index: Int) -> UInt16 {
            isBigEndian ? bytes.bigEndian16(at: index) : bytes.littleEndian16(at: index)
        }
        func read32(at index: Int) -> UInt32 {
            isBigEndian ? bytes.bigEndian32(at: index) : bytes.littleEndian32(at: index)
        }
        var tag = read16(at: 0)
        let channels = Int(read16(at: 2))
        let sampleRate = Int(read32(at: 4))
        let blockAlign = Int(read16(at: 12))
        var bits = bytes.count >= 16 ? Int(read16(at: 14)) : 8 * blockAlign / max(channels, 1)
        guard (1...255).contains(channels), (1...6_144_000).contains(sampleRate), blockAlign > 0 else { return nil }
        // WAVE_FORMAT_EXTENSIBLE: the real tag is the first two bytes of the sub-format's GUID.
        // In RIFX the GUID's first number has four bytes, or two as SoX writes it.
        if tag == 0xFFFE, bytes.count >= 28 {
            tag = isBigEndian && read16(at: 24) == 0 ? read16(at: 26) : read16(at: 24)
        }
        if bits == 0 { bits = 8 * blockAlign / channels }

        self.channels = channels
        self.sampleRate = sampleRate
        self.blockAlign = blockAlign
        declaredByteRate = Int(read32(at: 8))
        self.isBigEndian = isBigEndian
        let sampleBytes = (bits + 7) / 8
        switch tag {
        case 1, 3:
            guard let (codec, kind) = Self.linear(tag, sampleBytes) else { return nil }
            self.codec = isBigEndian && codec.hasSuffix("le") ? codec.dropLast(2) + "be" : codec
            coding = .pcm(kind)
        case 6: (codec, coding) = ("pcm_alaw", .g711(silence: [0xD5, 0x55]))
        case 7: (codec, coding) = ("pcm_mulaw", .g711(silence: [0xFF, 0x7F]))
        case 2:
            // Seven bytes a channel in front of a block, of which two samples come; two more samples a byte.
            let payload = blockAlign - 7 * channels
            guard payload >= 0 else { return nil }
            (codec, coding) = ("adpcm_ms", .blocks(samples: payload * 2 / channels + 2))
        case 0x11:
            // Four bytes a channel in front of a block, of which one sample comes.
            let payload = blockAlign - 4 * channels
            guard payload >= 0, bits >= 2, bits <= 5 else { return nil }
            (codec, coding) = ("adpcm_ima_wav", .blocks(samples: payload * 8 / (bits * channels) + 1))
        case 0x31, 0x32: (codec, coding) = ("gsm_ms", .blocks(samples: blockAlign / 65 * 320))
        case 0x50: (codec, coding) = ("mp2", .mpeg)
        case 0x55: (codec, coding) = ("mp3", .mpeg)
        case 0x45, 0x64: (codec, coding) = ("adpcm_g726", .bytesPerSecond(sampleRate * channels * bits / 8))
        case 0x65, 0x28F: (codec, coding) = ("adpcm_g722", .bytesPerSecond(sampleRate / 2 * channels))
        case 0x83: (codec, coding) = ("g729", .bytesPerSecond(1000 * channels))
        default: (codec, coding) = ("wav-0x" + String(tag, radix: 16), .unknown)
        }
        switch coding {
        case .pcm, .g711:
            guard blockAlign == channels * sampleBytes else { return nil }
            expectedByteRate = sampleRate * blockAlign
        default: expectedByteRate = nil
        }
        if case .blocks(let samples) = coding, samples < 1 { return nil }
    }

    private static func linear(_ tag: UInt16, _ sampleBytes: Int) -> (String, SampleKind)? {
        switch (tag, sampleBytes) {
        case (1, 1): ("pcm_u8", .unsigned8)
        case (1, 2): ("pcm_s16le", .signed16)
        case (1, 3): ("pcm_s24le", .wider)
        case (1, 4): ("pcm_s32le", .wider)
        case (1, 8): ("pcm_s64le", .wider)
        case (3, 4): ("pcm_f32le", .wider)
        case (3, 8): ("pcm_f64le", .wider)
        default: nil
        }
    }

    /// Whether the format tag is one that stands for a coding.
    var isKnownCoding: Bool {
        guard coding == .unknown, let tag = UInt16(codec.dropFirst(6), radix: 16) else { return true }
        return Self.otherTags.contains(tag)
    }

    /// Tags of codings whose lengths are not known here (`mmreg.h`, those that FFmpeg or SoX has a name for).
    private static let otherTags: Set<UInt16> = [
        0x05, 0x0A, 0x10, 0x17, 0x20, 0x22, 0x42, 0x53, 0x57, 0x58, 0x59, 0x61, 0x62, 0x69, 0x75, 0x92, 0xFF, 0x111,
        0x121,
        0x123, 0x125, 0x130, 0x160, 0x161, 0x162, 0x163, 0x164, 0x165, 0x166, 0x180, 0x200, 0x216, 0x270, 0x350, 0x401,
        0x402, 0x450, 0x500, 0x501, 0x1600, 0x1602, 0x1610, 0x181C, 0x181E, 0x1971, 0x1C03, 0x1C07, 0x1C0C, 0x1F03,
        0x1FC4, 0x2000, 0x2001, 0x2048, 0x4143, 0x4243, 0x43AC, 0x564C, 0x566F, 0x5756, 0x594A, 0x674F, 0x6750, 0x6751,
        0x676F, 0x6770, 0x6771, 0x6C75, 0x706D, 0x729A, 0x77A1, 0xA100, 0xA101, 0xA106, 0xA109, 0xDFAC, 0xF1AC,
    ]

    /// Samples a channel that a decoder makes of so many bytes.
    func samples(in length: Int64) -> Int64? {
        switch coding {
        case .pcm, .g711: return length / Int64(blockAlign)
        case .blocks(let samples):
            let (blocks, rest) = length.quotientAndRemainder(dividingBy: Int64(blockAlign))
            return blocks * Int64(samples) + samplesOfPartialBlock(Int(rest))
        case .bytesPerSecond(let rate): return rate > 0 ? length * Int64(sampleRate) / Int64(rate) : nil
        case .mpeg, .unknown: return nil
        }
    }

    private func samplesOfPartialBlock(_ length: Int) -> Int64 {
        switch codec {
        case "adpcm_ms" where length >= 7 * channels: Int64((length - 7 * channels) * 2 / channels + 2)
        case "adpcm_ima_wav" where length > 4 * channels: Int64((length - 4 * channels) / (4 * channels) * 8 + 1)
        default: 0
        }
    }

    /// Bits a second, where the coding fixes it.
    var bitRate: Int? {
        switch coding {
        case .pcm, .g711: return sampleRate * blockAlign * 8
        case .blocks(let samples): return (blockAlign * 8 * sampleRate + samples / 2) / samples
        case .bytesPerSecond(let rate): return rate * 8
        case .mpeg, .unknown: return nil
        }
    }

    var zeroRule: ZeroBlocks.Rule {
        switch coding {
        case .pcm(.signed16): .zerosAreSilence(isBigEndian ? .signed16BigEndian : .signed16LittleEndian)
        case .pcm(.wider): .zerosAreSilence(.other)
        // A silent IMA block is all zeros too.
        case .blocks where codec == "adpcm_ima_wav": .zerosAreSilence(.other)
        case .pcm(.unsigned8), .g711, .blocks, .mpeg, .bytesPerSecond, .unknown: .zerosAreForeign
        }
    }
}
