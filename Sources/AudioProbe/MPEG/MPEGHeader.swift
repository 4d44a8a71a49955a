/// The four bytes in front of an MPEG audio frame (ISO/IEC 11172-3, 2.4.1.3; ISO/IEC 13818-3; MPEG 2.5 as Fraunhofer
/// added it).
struct MPEGHeader: Equatable, Sendable {
    let bits: UInt32

    /// Returns nil for what cannot head a frame.
    init?(_ bits: UInt32) {
        guard
            bits & 0xFFE0_0000 == 0xFFE0_0000,
            bits & 0x0018_0000 != 0x0008_0000,
            bits & 0x0006_0000 != 0,
            bits & 0xF000 != 0xF000,
            bits & 0x0C00 != 0x0C00,
            bits & 0x3 != 0x2
        else { return nil }
        self.bits = bits
    }

    /// Synchronisation, version, layer and sampling rate: what all frames of a stream have in common.
    static let streamMask: UInt32 = 0xFFFE_0C00

    /// Not set where a checksum follows the header. Encoders write one with every frame or with none.
    static let protectionBit: UInt32 = 0x0001_0000

    var stream: UInt32 { bits & Self.streamMask }

    /// 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5.
    private var versionBits: Int { Int(bits >> 19 & 3) }
    var isVersion1: Bool { versionBits == 3 }
    /// 1 to 3.
    var layer: Int { 4 - Int(bits >> 17 & 3) }
    var isProtected: Bool { bits & Self.protectionBit == 0 }
    var isFreeFormat: Bool { bits & 0xF000 == 0 }
    var hasPadding: Bool { bits & 0x0200 != 0 }
    var bitRateIndex: Int { Int(bits >> 12 & 0xF) }
    /// 0: stereo, 1: joint stereo, 2: two channels, 3: one channel.
    var mode: Int { Int(bits >> 6 & 3) }
    var modeExtension: Int { Int(bits >> 4 & 3) }
    var channels: Int { mode == 3 ? 1 : 2 }

    var sampleRate: Int {
        let rates = [44_100, 48_000, 32_000]
        let rate = rates[min(Int(bits >> 10 & 3), 2)]
        return switch versionBits {
        case 3: rate
        case 2: rate / 2
        default: rate / 4
        }
    }

    var samplesPerFrame: Int {
        switch layer {
        case 1: 384
        case 2: 1152
        default: isVersion1 ? 1152 : 576
        }
    }

    /// 0 in free format.
    var bitRateKbps: Int { Self.bitRate(index: bitRateIndex, isVersion1: isVersion1, layer: layer) }

    /// What a padded frame is longer by.
    var slot: Int { layer == 1 ? 4 : 1 }

    /// Bytes from this header to the next.
    ///
    /// - Parameter freeLength: the length of an unpadded frame of a free-format stream.
    func length(freeLength: Int) -> Int {
        let padding = hasPadding ? slot : 0
        if isFreeFormat { return freeLength + padding }
        let bitRate = bitRateKbps * 1000
        return switch layer {
        case 1: 12 * bitRate / sampleRate * 4 + padding
        case 2: 144 * bitRate / sampleRate + padding
        default: (isVersion1 ? 144 : 72) * bitRate / sampleRate + padding
        }
    }

    /// The side information's bytes, behind the header and its checksum (Layer III).
    var sideInformationLength: Int {
        switch (isVersion1, mode == 3) {
        case (true, false): 32
        case (true, true), (false, false): 17
        case (false, true): 9
        }
    }

    var codec: String { "mp\(layer)" }

    private static func bitRate(index: Int, isVersion1: Bool, layer: Int) -> Int {
        let table =
            switch (isVersion1, layer) {
            case (true, 1): [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0]
            case (true, 2): [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0]
            case (true, _): [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
            case (false, 1): [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0]
            case (false, _): [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0]
            }
        return table[index & 0xF]
    }
}

/// The frame lengths of one stream, by the header's bit rate and padding: worked out once, looked up a frame.
struct MPEGFrameLengths: Sendable {
    /// By bit rate index times two plus padding; 0 where there is no such frame.
    let table: [Int32]

    init(_ header: MPEGHeader, freeLength: Int) {
        table = (0..<32).map { entry in
            let bits = (header.bits & ~0xF200) | UInt32(entry >> 1) << 12 | UInt32(entry & 1) << 9
            guard let header = MPEGHeader(bits & ~0x3) else { return 0 }
            return header.isFreeFormat && freeLength == 0 ? 0 : Int32(header.length(freeLength: freeLength))
        }
    }

    /// Where in the table the length of a frame with these header bits stands.
    @inline(__always)
    static func index(_ bits: UInt32) -> Int { Int(bits >> 11 & 0x1E | bits >> 9 & 1) }
}
