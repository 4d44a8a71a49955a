import Crypto

/// The name that an archive gives a member: bytes, of which nothing on disk is ever made.
///
/// ``text`` can be shown and stored: UTF-8, at most 1,024 bytes. Different names never have the same text:
/// - bytes that are not UTF-8, control characters and characters that change how a line reads (Unicode categories Cc,
///   Cf, Zl and Zp) stand as `\xHH`, a byte each;
/// - a backslash stands for itself, unless `xHH` or `{` follows it: then it is `\x5c`;
/// - of a longer text the middle is left out; `\{…}` stands there with 32 hex digits of the whole name's SHA-256.
package struct MemberName: Hashable, Sendable {
    package let text: String
    /// The length of the name as the archive has it.
    package let byteCount: Int
    /// Whether the name is empty or climbs out of a folder (`..`). Such a member is refused, its bytes are kept.
    package let isUnsafe: Bool

    /// The most bytes that ``text`` can have.
    package static let textBytes = 1024

    package init(_ bytes: some Collection<UInt8>) {
        byteCount = bytes.count
        isUnsafe =
            bytes.isEmpty
            || bytes.split(omittingEmptySubsequences: true, whereSeparator: Self.isSeparator)
                .contains { $0.elementsEqual([UInt8(ascii: "."), UInt8(ascii: ".")]) }
        let isPlain = bytes.allSatisfy { (0x20...0x7e).contains($0) && $0 != Self.backslash }
        let shown = isPlain ? String(decoding: bytes, as: UTF8.self) : Self.escaped(Array(bytes))
        text = shown.utf8.count <= Self.textBytes ? shown : Self.shortened(shown, of: bytes)
    }

    private init(text: String, byteCount: Int, isUnsafe: Bool) {
        self.text = text
        self.byteCount = byteCount
        self.isUnsafe = isUnsafe
    }

    /// The name of what a compressed file holds: without the ending that its tools add, where it has it.
    package func withoutEnding(of compression: Compression) -> MemberName {
        let lowercased = text.lowercased()
        guard let ending = compression.nameEndings.first(where: { lowercased.hasSuffix($0) }) else { return self }
        let stem = text.dropLast(ending.count)
        // What is left must be a name still: `.gz` alone is one.
        guard let last = stem.last, last != "/", last != "\\" else { return self }
        return MemberName(text: String(stem), byteCount: byteCount - ending.utf8.count, isUnsafe: isUnsafe)
    }

    /// A text from outside, such as a path or another library's message, as names are shown.
    static func shown(_ text: String) -> String { MemberName(Array(text.utf8)).text }

    private static let backslash = UInt8(ascii: "\\")

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == backslash }

    private static func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            if first == backslash {
                text += startsLikeEscape(rest.dropFirst()) ? "\\x5c" : "\\"
                rest = rest.dropFirst()
            } else if let scalar = leadingScalar(rest) {
                let length = UTF8.width(scalar)
                text += isShown(scalar) ? String(scalar) : rest.prefix(length).map(hexEscape).joined()
                rest = rest.dropFirst(length)
            } else {
                text += hexEscape(first)
                rest = rest.dropFirst()
            }
        }
        return text
    }

    private static func startsLikeEscape(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "{") { return true }
        guard bytes.first == UInt8(ascii: "x"), bytes.count >= 3 else { return false }
        return bytes.dropFirst().prefix(2).allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
        }
    }

    /// The character that `bytes` begin with; nil when they begin with no UTF-8 (RFC 3629, section 4).
    private static func leadingScalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        var iterator = bytes.prefix(4).makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }

    private static func hexEscape(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }

    private static func shortened(_ text: String, of bytes: some Collection<UInt8>) -> String {
        var hasher = SHA256()
        hasher.update(data: Array(bytes))
        let mark = "\\{" + hasher.finalize().prefix(16).map { hexEscape($0).dropFirst(2) }.joined() + "}"
        let room = (textBytes - mark.utf8.count) / 2
        return whole(text.unicodeScalars, upTo: room) + mark
            + whole(text.unicodeScalars.reversed(), upTo: room, back: true)
    }

    /// As many characters from the start of `scalars` as `room` bytes hold.
    private static func whole(_ scalars: some Sequence<Unicode.Scalar>, upTo room: Int, back: Bool = false) -> String {
        var taken: [Unicode.Scalar] = []
        var size = 0
        for scalar in scalars {
            size += UTF8.width(scalar)
            guard size <= room else { break }
            taken.append(scalar)
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: back ? taken.reversed() : taken)
        return String(view)
    }
}
