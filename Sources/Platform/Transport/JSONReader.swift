/// Reads a JSON text (RFC 8259) from a server, and no more strictly than it must: one bad character in one name is not
/// to cost a whole listing.
///
/// A lone surrogate and bytes that are not UTF-8 become U+FFFD. A number that neither an `Int64` nor a `Double` holds
/// stays as it is written, as text. `NaN` and `Infinity`, which some writers produce, are null. What has no sense as JSON
/// at all is refused.
struct JSONReader {
    /// Deeper nesting is no answer of a platform but an attack on the stack.
    private static let depthLimit = 128

    private let bytes: [UInt8]
    private var index = 0

    /// Returns nil when the bytes are not JSON.
    static func read(_ bytes: [UInt8]) -> JSONValue? {
        var reader = JSONReader(bytes: bytes)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.index = 3 }
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipSpace()
        return reader.index == bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard depth < Self.depthLimit else { return nil }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return list(depth: depth)
        case UInt8(ascii: "\""): return text().map { .text($0) }
        case UInt8(ascii: "t"): return word("true", .bool(true))
        case UInt8(ascii: "f"): return word("false", .bool(false))
        case UInt8(ascii: "n"): return word("null", .null)
        case UInt8(ascii: "N"): return word("NaN", .null)
        case UInt8(ascii: "I"): return word("Infinity", .null)
        default: return word("-Infinity", .null) ?? number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) -> JSONValue? {
        let count = word.utf8CodeUnitCount
        let isHere = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard isHere else { return nil }
        index += count
        return value
    }

    private mutating func object(depth: Int) -> JSONValue? {
        index += 1
        var fields: [String: JSONValue] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(fields) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\""), let key = text() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
            fields[key] = value
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(fields) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func list(depth: Int) -> JSONValue? {
        index += 1
        var items: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .list(items) }
        while true {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            skipSpace()
            if take(UInt8(ascii: "]")) { return .list(items) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    // MARK: Numbers

    private mutating func number() -> JSONValue? {
        let start = index
        while let byte = next, Self.isPartOfNumber(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        // Both take forms that are no JSON, such as a sign in front of a number; those begin otherwise.
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || Self.isDigit(first) else { return nil }
        if let integer = Int64(text) { return .integer(integer) }
        guard let real = Double(text) else { return nil }
        let isWhole = text.utf8.dropFirst().allSatisfy(Self.isDigit)
        guard real.isFinite, !isWhole else { return .text(text) }
        // 3.0 and 1e3 are whole numbers too.
        if abs(real) < 9_007_199_254_740_992, let integer = Int64(exactly: real) { return .integer(integer) }
        return .real(real)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: isDigit(byte)
        }
    }

    // MARK: Texts

    private mutating func text() -> String? {
        index += 1
        var written: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: written, as: UTF8.self)
            case UInt8(ascii: "\\"): guard escape(into: &written) else { return nil }
            default: written.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into written: inout [UInt8]) -> Bool {
        guard let byte = next else { return false }
        index += 1
        switch byte {
        case UInt8(ascii: "b"): written.append(0x08)
        case UInt8(ascii: "f"): written.append(0x0c)
        case UInt8(ascii: "n"): written.append(0x0a)
        case UInt8(ascii: "r"): written.append(0x0d)
        case UInt8(ascii: "t"): written.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = codePoint() else { return false }
            written += Array(String(scalar).utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): written.append(byte)
        default: return false
        }
        return true
    }

    /// The character of one `\uXXXX`, or of two that make a pair; U+FFFD for half of a pair.
    private mutating func codePoint() -> Unicode.Scalar? {
        guard let unit = hexUnit() else { return nil }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let start = index
        if unit < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = hexUnit(),
            (0xdc00...0xdfff).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
        {
            return scalar
        }
        index = start
        return "\u{FFFD}"
    }

    private mutating func hexUnit() -> UInt16? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        index += 4
        return unit
    }
}
