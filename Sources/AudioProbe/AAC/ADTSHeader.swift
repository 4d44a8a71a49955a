/// The header of an ADTS frame (ISO/IEC 13818-7, section 6.2; ISO/IEC 14496-3, table 1.A.5): seven bytes, nine with a
/// checksum.
struct ADTSHeader: Equatable, Sendable {
    static let length = 7

    private static let rates = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
    ]

    let sampleRate: Int
    /// nil where the stream itself describes its channels.
    let channels: Int?
    /// Header and content.
    let frameLength: Int
    let samples: Int
    /// What all frames of a stream have in common: profile, rate and channels.
    let stream: UInt32

    /// Reads the header at `index`; nil when none stands there.
    init?(at index: Int, in bytes: UnsafeRawBufferPointer) {
        guard index + Self.length <= bytes.count, bytes[index] == 0xFF, bytes[index + 1] & 0xF6 == 0xF0 else {
            return nil
        }
        let fixed = bytes.bigEndian32(at: index)
        let rate = Int(fixed >> 10 & 0xF)
        guard rate < Self.rates.count else { return nil }
        sampleRate = Self.rates[rate]
        let configuration = Int(fixed >> 6 & 7)
        channels = configuration == 0 ? nil : configuration == 7 ? 8 : configuration
        frameLength = Int(bytes.bigEndian32(at: index + 3) >> 13 & 0x1FFF)
        samples = 1024 * (Int(bytes[index + 6] & 3) + 1)
        stream = fixed & 0xFFFE_FDC0
        let isProtected = bytes[index + 1] & 1 == 0
        // A frame holds at least an element's three bits and the end's.
        guard frameLength > Self.length + (isProtected ? 2 : 0) else { return nil }
    }
}
