/// AIFF's Common chunk (Apple, "Audio Interchange File Format 1.3"; "AIFF-C", draft of 1991-08-26).
struct AIFFCommon: Equatable, Sendable {
    /// Bytes that are read of it: up to the compression type.
    static let length = 22
    static let minimumLength = 18

    let channels: Int
    let sampleRate: Int
    /// Sample frames; in coded formats, packets.
    let frames: Int64
    let coding: SampleCoding

    /// - Parameter isCompressed: whether the form is AIFC and a compression type follows.
    init?(_ bytes: UnsafeRawBufferPointer, isCompressed: Bool) {
        guard bytes.count >= (isCompressed ? Self.length : Self.minimumLength) else { return nil }
        channels = Int(bytes.bigEndian16(at: 0))
        frames = Int64(bytes.bigEndian32(at: 2))
        let bits = Int(bytes.bigEndian16(at: 6))
        let rate = Self.extended(bytes, at: 8)
        guard (1...255).contains(channels), let rate, (1...64).contains(bits) else { return nil }
        sampleRate = rate
        let type = isCompressed ? String(decoding: bytes[18..<22], as: UTF8.self) : "NONE"
        guard let coding = Self.coding(type, bits: bits, channels: channels) else { return nil }
        self.coding = coding
    }

    private static func coding(_ type: String, bits: Int, channels: Int) -> SampleCoding? {
        // A sample has as many bytes as its bits fill, left-aligned.
        let stored = (bits + 7) / 8 * 8
        func linear(_ bits: Int, isFloat: Bool = false, isLittleEndian: Bool = false) -> SampleCoding? {
            SampleCoding(bits: bits, isFloat: isFloat, isLittleEndian: isLittleEndian, channels: channels)
        }
        return switch type {
        case "NONE", "none", "twos": linear(stored)
        case "sowt": linear(stored, isLittleEndian: true)
        case "in24": linear(24)
        case "in32": linear(32)
        case "42ni": linear(32, isLittleEndian: true)
        case "fl32", "FL32": linear(32, isFloat: true)
        case "fl64", "FL64": linear(64, isFloat: true)
        case "raw ": SampleCoding("pcm_u8", packetLength: channels, packetSamples: 1)
        case "ulaw", "ULAW": SampleCoding("pcm_mulaw", packetLength: channels, packetSamples: 1)
        case "alaw", "ALAW": SampleCoding("pcm_alaw", packetLength: channels, packetSamples: 1)
        case "ima4": SampleCoding("adpcm_ima_qt", packetLength: 34 * channels, packetSamples: 64)
        case "GSM ": SampleCoding("gsm", packetLength: 33 * channels, packetSamples: 160)
        default: nil
        }
    }

    /// A rate as an 80-bit extended number (IEEE 754, as on the 68881), rounded to whole hertz.
    static func extended(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
        let exponent = Int(bytes.bigEndian16(at: index)) - 16_383
        let mantissa = bytes.bigEndian64(at: index + 2)
        // A set sign makes the exponent too large.
        guard (0...23).contains(exponent) else { return nil }
        let value = mantissa >> UInt64(63 - exponent)
        let half = mantissa >> UInt64(62 - exponent) & 1
        let rate = Int(value) + Int(half)
        return (1...6_144_000).contains(rate) ? rate : nil
    }
}
