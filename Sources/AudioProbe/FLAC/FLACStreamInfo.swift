/// FLAC's STREAMINFO block (RFC 9639, section 8.2).
struct FLACStreamInfo: Equatable, Sendable {
    static let length = 34

    let minimumBlockSize: Int
    let maximumBlockSize: Int
    let sampleRate: Int
    let channels: Int
    let bitsPerSample: Int
    /// 0 when the encoder did not know.
    let totalSamples: Int64

    /// - Parameter bytes: ``length`` bytes.
    init(_ bytes: UnsafeRawBufferPointer) {
        minimumBlockSize = Int(bytes.bigEndian16(at: 0))
        maximumBlockSize = Int(bytes.bigEndian16(at: 2))
        let packed = bytes.bigEndian64(at: 10)
        sampleRate = Int(packed >> 44)
        channels = Int(packed >> 41 & 7) + 1
        bitsPerSample = Int(packed >> 36 & 31) + 1
        totalSamples = Int64(packed & 0xF_FFFF_FFFF)
    }
}

/// The header of a FLAC frame (RFC 9639, section 9.1), its CRC-8 checked.
struct FLACFrameHeader: Equatable, Sendable {
    /// Two bytes, two of codes, seven of number, two of block size, two of rate, one of checksum.
    static let maximumLength = 16

    private static let depths = [0, 8, 12, 0, 16, 20, 24, 32]
    private static let fixedRates = [
        0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
    ]

    let length: Int
    let blockSize: Int
    let isVariable: Bool
    /// The frame's number, or its first sample's where block sizes vary.
    let number: Int64

    /// Reads the header at `index`; nil when none stands there, or one that contradicts `info`.
    init?(at index: Int, in bytes: UnsafeRawBufferPointer, _ info: FLACStreamInfo) {
        let end = bytes.count
        guard index + 6 <= end, bytes[index] == 0xFF, bytes[index + 1] & 0xFE == 0xF8 else { return nil }
        isVariable = bytes[index + 1] & 1 != 0
        let sizeCode = Int(bytes[index + 2] >> 4)
        let rateCode = Int(bytes[index + 2] & 0xF)
        let channelCode = Int(bytes[index + 3] >> 4)
        let depthCode = Int(bytes[index + 3] >> 1 & 7)
        guard sizeCode != 0, rateCode != 15, channelCode <= 10, depthCode != 3, bytes[index + 3] & 1 == 0 else {
            return nil
        }
        guard (channelCode < 8 ? channelCode + 1 : 2) == info.channels else { return nil }
        let depth = Self.depths[depthCode]
        guard depth == 0 || depth == info.bitsPerSample else { return nil }

        guard let (number, numberLength) = Self.codedNumber(at: index + 4, in: bytes) else { return nil }
        self.number = number
        var next = index + 4 + numberLength
        guard next + 5 <= end || next + Self.tailLength(sizeCode, rateCode) <= end else { return nil }
        switch sizeCode {
        case 1: blockSize = 192
        case 2...5: blockSize = 576 << (sizeCode - 2)
        case 6:
            blockSize = Int(bytes[next]) + 1
            next += 1
        case 7:
            blockSize = Int(bytes.bigEndian16(at: next)) + 1
            next += 2
        default: blockSize = 256 << (sizeCode - 8)
        }
        let rate: Int
        switch rateCode {
        case 12:
            rate = Int(bytes[next]) * 1000
            next += 1
        case 13, 14:
            rate = Int(bytes.bigEndian16(at: next)) * (rateCode == 13 ? 1 : 10)
            next += 2
        default: rate = Self.fixedRates[rateCode]
        }
        guard rate == 0 || rate == info.sampleRate else { return nil }
        guard CRC8.checksum(UnsafeRawBufferPointer(rebasing: bytes[index..<next])) == bytes[next] else { return nil }
        length = next + 1 - index
    }

    /// Bytes behind the coded number: uncommon block size and rate, and the checksum.
    private static func tailLength(_ sizeCode: Int, _ rateCode: Int) -> Int {
        (sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0) + (rateCode == 12 ? 1 : rateCode > 12 ? 2 : 0) + 1
    }

    /// A number in UTF-8's manner, of up to seven bytes.
    private static func codedNumber(at index: Int, in bytes: UnsafeRawBufferPointer) -> (Int64, length: Int)? {
        let first = bytes[index]
        if first < 0x80 { return (Int64(first), 1) }
        let length = (~first).leadingZeroBitCount
        guard (2...7).contains(length), index + length <= bytes.count else { return nil }
        var number = Int64(first & (0x7F >> UInt8(length)))
        for place in 1..<length {
            let byte = bytes[index + place]
            guard byte & 0xC0 == 0x80 else { return nil }
            number = number << 6 | Int64(byte & 0x3F)
        }
        return (number, length)
    }
}
