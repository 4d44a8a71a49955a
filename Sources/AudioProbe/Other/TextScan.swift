/// Whether all that was seen of a file is text. Uncompressed speech is soon not: it has every byte value.
///
/// Decided over the whole file, since a file of sound may begin like a text, and a text that turns into something else
/// may have lost what it was.
struct TextScan: Sendable {
    enum Outcome: Equatable, Sendable {
        case text
        case utf16
        case none
    }

    private enum Encoding { case undecided, bytes, utf16(isBig: Bool), none }

    private var encoding = Encoding.undecided
    private var count: Int64 = 0
    /// Bytes that are printable ASCII or white space.
    private var plain: Int64 = 0
    private var utf8 = UTF8Scan()
    /// Which of the values below 128 were seen, until there were eight.
    private var seen: (UInt64, UInt64) = (0, 0)
    private var hasVariety = false
    private var units = UTF16Scan()

    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            switch encoding {
            case .none: return
            case .undecided: decide(bytes[index])
            case .utf16(let isBig):
                units.consume(bytes[index], isBig: isBig)
                if units.isBroken { encoding = .none }
            case .bytes:
                let end = skipPlain(bytes, from: index)
                count += Int64(end - index)
                index = end
                guard index < bytes.count else { return }
                take(bytes[index])
            }
            index += 1
            count += 1
        }
    }

    /// Passes printable ASCII eight bytes at a time, once enough values were seen; returns where to go on.
    private mutating func skipPlain(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard hasVariety, !utf8.isCut else { return start }
        var index = start
        while index + 8 <= bytes.count {
            let word = bytes.littleEndian64(at: index)
            // In every byte the top bit stays clear unless it is below 0x20, 0x7F or above: a borrow or carry from a
            // neighbour only ever stops too early.
            let marks = word | (word &- 0x2020_2020_2020_2020) | (word &+ 0x0101_0101_0101_0101)
            guard marks & 0x8080_8080_8080_8080 == 0 else { break }
            index += 8
        }
        plain += Int64(index - start)
        return index
    }

    /// The first two bytes tell how the others are to be read.
    private mutating func decide(_ byte: UInt8) {
        if count == 0, byte == 0xFF || byte == 0xFE {
            seen.0 = UInt64(byte)
            return
        }
        if count == 1 {
            encoding = byte ^ UInt8(seen.0 & 0xFF) == 1 && byte >= 0xFE ? .utf16(isBig: byte == 0xFF) : .none
            return
        }
        encoding = .bytes
        take(byte)
    }

    private mutating func take(_ byte: UInt8) {
        utf8.consume(byte)
        if !hasVariety {
            if byte < 64 { seen.0 |= 1 << UInt64(byte) } else if byte < 128 { seen.1 |= 1 << UInt64(byte & 63) }
            hasVariety = seen.0.nonzeroBitCount + seen.1.nonzeroBitCount >= 8
        }
        let isPlain = byte >= 0x20 ? byte < 0x7F : (0x09...0x0D).contains(byte) || byte == 0x1B
        if isPlain { plain += 1 } else if byte < 0x80 { encoding = .none }
    }

    var outcome: Outcome {
        switch encoding {
        case .none, .undecided: return .none
        case .utf16: return units.isText ? .utf16 : .none
        case .bytes:
            // A telephone line that is silent is the same few bytes over and over, and some of those are letters.
            guard count < 64 || hasVariety else { return .none }
            // Of a long text the last character may be cut.
            let isUTF8 = !utf8.isBroken && plain > 0 && (!utf8.isCut || count >= 64)
            // UTF-8, or an eight-bit encoding of a language that is written in Latin letters.
            return isUTF8 || (plain * 100 >= count * 85 && hasVariety) ? .text : .none
        }
    }
}

/// Whether bytes are well-formed UTF-8 (RFC 3629, section 4).
private struct UTF8Scan: Sendable {
    private(set) var isBroken = false
    private var missing = 0
    /// Whether the last character is not all there.
    var isCut: Bool { missing > 0 }
    /// What the next byte may be.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    mutating func consume(_ byte: UInt8) {
        if missing > 0 {
            if !allowed.contains(byte) { isBroken = true }
            allowed = 0x80...0xBF
            missing -= 1
            return
        }
        switch byte {
        case ..<0x80: break
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { allowed = 0xA0...0xBF }
            if byte == 0xED { allowed = 0x80...0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { allowed = 0x90...0xBF }
            if byte == 0xF4 { allowed = 0x80...0x8F }
        default: isBroken = true
        }
    }
}

/// Whether the units after a byte order mark are text, most of it in letters of a European script.
private struct UTF16Scan: Sendable {
    private(set) var isBroken = false
    private var first: UInt8?
    private var count: Int64 = 0
    private var european: Int64 = 0
    private var isAfterHigh = false

    /// A unit or two of anything may look like text.
    var isText: Bool { !isBroken && !isAfterHigh && count >= 2 && european * 2 > count }

    mutating func consume(_ byte: UInt8, isBig: Bool) {
        guard let first else {
            self.first = byte
            return
        }
        self.first = nil
        let unit = isBig ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first)
        count += 1
        let isLow = (0xDC00...0xDFFF).contains(unit)
        if isLow != isAfterHigh { isBroken = true }
        isAfterHigh = (0xD800...0xDBFF).contains(unit)
        switch unit {
        case 0x09...0x0D, 0x20...0x7E, 0xA0...0x052F: european += 1
        case ..<0x20, 0x7F...0x9F, 0xFDD0...0xFDEF, 0xFFFE...0xFFFF: isBroken = true
        default: break
        }
    }
}
