/// Checksums over whole frames and pages, sixteen bytes a step.
///
/// Each table row `k` holds the remainder of a byte with `k` zero bytes behind it, so that sixteen look-ups that do not
/// wait for one another make a step ("slicing-by-16", after M. Kounavis and F. Berry, "A systematic approach to building
/// high performance software-based CRC generators").
struct CRCTable<Remainder: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    fileprivate let rows: [Remainder]

    /// The most significant bit goes first.
    init(polynomial: Remainder) {
        var rows = [Remainder](repeating: 0, count: 16 * 256)
        let top = Remainder.bitWidth - 8
        for byte in 0..<256 {
            var value = Remainder(byte) << top
            for _ in 0..<8 {
                let carries = value >> (Remainder.bitWidth - 1) != 0
                value = (value << 1) ^ (carries ? polynomial : 0)
            }
            rows[byte] = value
        }
        for row in 1..<16 {
            for byte in 0..<256 {
                let before = rows[(row - 1) * 256 + byte]
                rows[row * 256 + byte] = (Remainder.bitWidth > 8 ? before << 8 : 0) ^ rows[Int(before >> top)]
            }
        }
        self.rows = rows
    }

    /// The least significant bit goes first; `polynomial` is written in that order too.
    init(reflectedPolynomial polynomial: Remainder) {
        var rows = [Remainder](repeating: 0, count: 16 * 256)
        for byte in 0..<256 {
            var value = Remainder(byte)
            for _ in 0..<8 {
                value = (value >> 1) ^ (value & 1 != 0 ? polynomial : 0)
            }
            rows[byte] = value
        }
        for row in 1..<16 {
            for byte in 0..<256 {
                let before = rows[(row - 1) * 256 + byte]
                rows[row * 256 + byte] = (before >> 8) ^ rows[Int(before & 0xFF)]
            }
        }
        self.rows = rows
    }
}

/// CRC-16 with x^16 + x^15 + x^2 + 1, most significant bit first: MPEG audio frames (ISO 11172-3, 2.4.3.1, from
/// 0xFFFF) and FLAC frames (RFC 9639, section 9.3, from 0).
enum CRC16 {
    private static let table = CRCTable<UInt16>(polynomial: 0x8005)

    static func update(_ remainder: UInt16, _ bytes: UnsafeRawBufferPointer) -> UInt16 {
        table.rows.withUnsafeBufferPointer { rows in
            var (crc, index) = slice(remainder, bytes, rows, place: { UInt64($0) << 48 })
            while index < bytes.count {
                crc = crc << 8 ^ rows[Int(crc >> 8) ^ Int(bytes[index])]
                index += 1
            }
            return crc
        }
    }

    /// The same over one byte.
    static func update(_ remainder: UInt16, byte: UInt8) -> UInt16 {
        remainder << 8 ^ table.rows[Int(remainder >> 8) ^ Int(byte)]
    }
}

/// CRC-16 with x^16 + x^15 + x^2 + 1, least significant bit first, from 0: the LAME tag's checksums ("Mp3 Info Tag
/// rev 1 specifications", "Music CRC").
enum ReflectedCRC16 {
    private static let table = CRCTable<UInt16>(reflectedPolynomial: 0xA001)

    static func update(_ remainder: UInt16, _ bytes: UnsafeRawBufferPointer) -> UInt16 {
        table.rows.withUnsafeBufferPointer { rows in
            // The low half of the remainder meets the first byte.
            var (crc, index) = slice(remainder, bytes, rows, place: { UInt64($0.byteSwapped) << 48 })
            while index < bytes.count {
                crc = crc >> 8 ^ rows[Int(crc & 0xFF) ^ Int(bytes[index])]
                index += 1
            }
            return crc
        }
    }
}

/// CRC-32 with 0x04C11DB7, most significant bit first, from 0: Ogg pages (RFC 3533, section 6).
enum OggCRC {
    private static let table = CRCTable<UInt32>(polynomial: 0x04C1_1DB7)

    static func update(_ remainder: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.rows.withUnsafeBufferPointer { rows in
            var (crc, index) = slice(remainder, bytes, rows, place: { UInt64($0) << 32 })
            while index < bytes.count {
                crc = crc << 8 ^ rows[Int(crc >> 24) ^ Int(bytes[index])]
                index += 1
            }
            return crc
        }
    }
}

/// CRC-8 with x^8 + x^2 + x + 1, from 0: FLAC frame headers (RFC 9639, section 9.1.8).
enum CRC8 {
    private static let table = CRCTable<UInt8>(polynomial: 0x07)

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt8 {
        table.rows.withUnsafeBufferPointer { rows in
            bytes.reduce(0) { rows[Int($0 ^ $1)] }
        }
    }
}

/// Goes over `bytes` in steps of sixteen, as far as they last; returns the remainder and where to go on.
///
/// Only the first bytes of a step, those that the remainder is added to, wait for the step before. The others are looked
/// up one step ahead, so that they are not in its way.
///
/// - Parameter place: puts a remainder where the bytes that it is added to stand in the step's first eight.
@inline(__always)
private func slice<Remainder: FixedWidthInteger>(
    _ remainder: Remainder,
    _ bytes: UnsafeRawBufferPointer,
    _ rows: UnsafeBufferPointer<Remainder>,
    place: (Remainder) -> UInt64
) -> (Remainder, Int) {
    guard bytes.count >= 16 else { return (remainder, 0) }
    let waiting = Remainder.bitWidth / 8
    var crc = remainder
    var first = bytes.bigEndian64(at: 0)
    var rest = lookUp(rows, first, waiting..<8, row: 15) ^ lookUp(rows, bytes.bigEndian64(at: 8), 0..<8, row: 7)
    var index = 16
    while index <= bytes.count &- 16 {
        let nextFirst = bytes.bigEndian64(at: index)
        let nextRest =
            lookUp(rows, nextFirst, waiting..<8, row: 15)
            ^ lookUp(rows, bytes.bigEndian64(at: index &+ 8), 0..<8, row: 7)
        crc = lookUp(rows, first ^ place(crc), 0..<waiting, row: 15) ^ rest
        first = nextFirst
        rest = nextRest
        index &+= 16
    }
    crc = lookUp(rows, first ^ place(crc), 0..<waiting, row: 15) ^ rest
    return (crc, index)
}

/// The remainders of some bytes of `word`, the first of which is looked up in `row`, each next one a row below.
@inline(__always)
private func lookUp<Remainder: FixedWidthInteger>(
    _ rows: UnsafeBufferPointer<Remainder>,
    _ word: UInt64,
    _ range: Range<Int>,
    row: Int
) -> Remainder {
    var result: Remainder = 0
    var byte = range.lowerBound
    while byte < range.upperBound {
        result ^= rows[(row &- byte) &* 256 &+ Int(truncatingIfNeeded: word >> UInt64(56 &- 8 &* byte) & 0xFF)]
        byte &+= 1
    }
    return result
}
