import Foundation

/// Reads JSON in the one form in which the vault writes it: no white space, keys in a known order, no escapes.
///
/// It knows nothing else, and gives up at the first byte that is different: then `JSONDecoder` reads the line.
struct CanonicalReader {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    /// Whether these bytes come next; then it stands behind them.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - place >= count, let start = bytes.baseAddress,
            memcmp(start + place, text.utf8Start, count) == 0
        else { return false }
        place += count
        return true
    }

    /// A text in quotation marks; nil when it has an escape, which somebody else has to read.
    mutating func string() -> String? {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\""), let start = bytes.baseAddress,
            let quote = memchr(start + place + 1, Int32(UInt8(ascii: "\"")), bytes.count - place - 1)
        else { return nil }
        let end = UnsafeRawPointer(quote) - start
        let content = UnsafeRawBufferPointer(rebasing: bytes[(place + 1)..<end])
        // A quotation mark behind a backslash is found here too, because the text then ends with the backslash.
        guard content.isEmpty || memchr(start + place + 1, Int32(UInt8(ascii: "\\")), content.count) == nil else {
            return nil
        }
        // JSON has control characters as escapes only.
        guard !content.contains(where: { $0 < 0x20 }) else { return nil }
        place = end + 1
        return String(validating: content, as: UTF8.self)
    }

    mutating func integer() -> Int64? {
        let start = place
        var isNegative = false
        if place < bytes.count, bytes[place] == UInt8(ascii: "-") {
            isNegative = true
            place += 1
        }
        var value: Int64 = 0
        let digits = place
        while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]), place - start < 18 {
            value = value * 10 + Int64(bytes[place] - UInt8(ascii: "0"))
            place += 1
        }
        // A zero in front of other digits is no JSON.
        guard place > digits, bytes[digits] != UInt8(ascii: "0") || place == digits + 1 else { return nil }
        return isNegative ? -value : value
    }

    /// The members of an object that may be absent: reads `"key":` and what is behind it, and a comma before it unless it is
    /// the first.
    mutating func member<Value>(
        _ key: StaticString,
        _ isFirst: inout Bool,
        _ read: (inout CanonicalReader) -> Value?
    ) throws(Mismatch) -> Value? {
        let start = place
        if !isFirst, !skip(",") { return nil }
        guard skip(key) else {
            place = start
            return nil
        }
        guard let value = read(&self) else { throw Mismatch() }
        isFirst = false
        return value
    }

    /// An object, whose members `read` reads.
    mutating func object<Value>(
        _ read: (inout CanonicalReader, inout Bool) throws(Mismatch) -> Value?
    ) -> Value? {
        guard skip("{") else { return nil }
        var isFirst = true
        do throws(Mismatch) {
            guard let value = try read(&self, &isFirst), skip("}") else { return nil }
            return value
        } catch {
            return nil
        }
    }

    /// The elements of an array.
    mutating func array<Value>(_ read: (inout CanonicalReader) -> Value?) -> [Value]? {
        guard skip("[") else { return nil }
        if skip("]") { return [] }
        var values: [Value] = []
        while let value = read(&self) {
            values.append(value)
            if skip("]") { return values }
            guard skip(",") else { return nil }
        }
        return nil
    }

    /// Something that comes next is not what the vault writes there.
    struct Mismatch: Error {}
}

/// A type of which the vault has so many lines that reading and writing them is worth a way of its own.
protocol CanonicalLine {
    /// - Returns: nil when the line is not in the form that the vault writes; it can be right all the same.
    static func read(_ reader: inout CanonicalReader) -> Self?

    func write(to writer: inout CanonicalWriter)
}
