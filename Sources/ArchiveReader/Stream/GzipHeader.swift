/// Reads the header of a gzip member (RFC 1952, section 2.3), a piece at a time. Only what must be understood is looked at.
struct GzipHeader {
    enum Progress: Equatable {
        case goesOn
        case done
        case damaged(String)
    }

    private enum Field {
        case fixed
        /// Two bytes, the low one first.
        case extraLength, extraLengthHigh
        case extra
        case name
        case comment
        case checksum
    }

    static let magic: [UInt8] = [0x1f, 0x8b]
    /// The one method that there is.
    static let deflate: UInt8 = 8

    private static let hasChecksum: UInt8 = 1 << 1
    private static let hasExtra: UInt8 = 1 << 2
    private static let hasName: UInt8 = 1 << 3
    private static let hasComment: UInt8 = 1 << 4
    private static let reserved: UInt8 = 0b1110_0000

    private var field = Field.fixed
    /// Bytes of the field that have been read, or are left.
    private var count = 0
    private var flags: UInt8 = 0

    /// Takes bytes off the front of `bytes` until the header is done, or damaged, or there are none.
    mutating func read(_ bytes: inout UnsafeRawBufferPointer) -> Progress {
        var used = 0
        defer { bytes = UnsafeRawBufferPointer(rebasing: bytes[used...]) }
        while used < bytes.count {
            let progress = take(bytes[used])
            used += 1
            guard progress == .goesOn else { return progress }
        }
        return .goesOn
    }

    private mutating func take(_ byte: UInt8) -> Progress {
        switch field {
        case .fixed:
            return takeFixed(byte)
        case .extraLength:
            count = Int(byte)
            field = .extraLengthHigh
            return .goesOn
        case .extraLengthHigh:
            count |= Int(byte) << 8
            field = .extra
            return count > 0 ? .goesOn : next()
        case .extra:
            count -= 1
            return count > 0 ? .goesOn : next()
        case .name, .comment:
            return byte == 0 ? next() : .goesOn
        case .checksum:
            count += 1
            return count < 2 ? .goesOn : .done
        }
    }

    private mutating func takeFixed(_ byte: UInt8) -> Progress {
        switch count {
        case 0, 1:
            guard byte == Self.magic[count] else { return .damaged("incorrect header check") }
        case 2:
            guard byte == Self.deflate else { return .damaged("unknown compression method") }
        case 3:
            guard byte & Self.reserved == 0 else { return .damaged("unknown header flags set") }
            flags = byte
        default:
            break
        }
        count += 1
        return count < 10 ? .goesOn : next()
    }

    /// Goes to the next field that the flags announce; each mark is taken away with its field.
    private mutating func next() -> Progress {
        count = 0
        if flags & Self.hasExtra != 0 {
            flags &= ~Self.hasExtra
            field = .extraLength
        } else if flags & Self.hasName != 0 {
            flags &= ~Self.hasName
            field = .name
        } else if flags & Self.hasComment != 0 {
            flags &= ~Self.hasComment
            field = .comment
        } else if flags & Self.hasChecksum != 0 {
            flags &= ~Self.hasChecksum
            field = .checksum
        } else {
            return .done
        }
        return .goesOn
    }
}
