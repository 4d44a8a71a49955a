/// CAF's Audio Description chunk (Apple, "Core Audio Format Specification", "Audio Description Chunk").
struct CAFDescription: Equatable, Sendable {
    static let length = 32

    let channels: Int
    let sampleRate: Int
    let codec: String
    /// Where all packets have one size and hold the same number of samples.
    let coding: SampleCoding?

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.length else { return nil }
        let rate = Double(bitPattern: bytes.bigEndian64(at: 0))
        guard rate >= 1, rate <= 6_144_000 else { return nil }
        let flags = bytes.bigEndian32(at: 12)
        let packetLength = Int(bytes.bigEndian32(at: 16))
        let packetSamples = Int(bytes.bigEndian32(at: 20))
        let channels = Int(bytes.bigEndian32(at: 24))
        let bits = Int(bytes.bigEndian32(at: 28))
        guard (1...255).contains(channels), bits <= 64, packetLength < 1 << 24, packetSamples < 1 << 24 else {
            return nil
        }
        self.channels = channels
        sampleRate = Int(rate.rounded())
        let type = String(decoding: bytes[8..<12], as: UTF8.self)
        if type == "lpcm" {
            guard packetLength > 0, packetSamples == 1, packetLength % channels == 0,
                case let stored = packetLength / channels * 8, stored == (bits + 7) / 8 * 8,
                let linear = SampleCoding(
                    bits: stored,
                    isFloat: flags & 1 != 0,
                    isLittleEndian: flags & 2 != 0,
                    channels: channels
                )
            else { return nil }
            codec = linear.codec
            coding = linear
            return
        }
        codec = Self.codecs[type] ?? type.filter { $0.isASCII && !$0.isWhitespace }
        let isFixed = packetLength > 0 && packetSamples > 0
        coding = isFixed ? SampleCoding(codec, packetLength: packetLength, packetSamples: packetSamples) : nil
    }

    private static let codecs = [
        "aac ": "aac", "aach": "aac", "aacp": "aac", "alac": "alac", "ima4": "adpcm_ima_qt", "ulaw": "pcm_mulaw",
        "alaw": "pcm_alaw", ".mp1": "mp1", ".mp2": "mp2", ".mp3": "mp3", "samr": "amr_nb", "opus": "opus",
        "agsm": "gsm",
        "ilbc": "ilbc", "flac": "flac", "MAC3": "mace3", "MAC6": "mace6", "ac-3": "ac3", "ec-3": "eac3",
        "ms\0\u{11}": "adpcm_ima_wav", "ms\0\u{2}": "adpcm_ms", "ms\0\u{31}": "gsm_ms",
    ]

    /// Whether the coding is one that is known.
    var isKnownCoding: Bool { codec.hasPrefix("pcm_") || Self.codecs.values.contains(codec) }
}
