/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hex digits.
///
/// It is kept as its 32 bytes: a large day has hundreds of thousands, which are compared and looked up over and over.
package struct Digest: Hashable, Sendable {
    /// Eight bytes each, the first highest.
    private let first, second, third, fourth: UInt64

    private init(_ words: (UInt64, UInt64, UInt64, UInt64)) { (first, second, third, fourth) = words }

    /// Returns nil unless `hex` is 64 hex digits; upper case is folded.
    package init?(hex: String) {
        var digits = hex.utf8.makeIterator()
        guard let first = Self.word(&digits), let second = Self.word(&digits), let third = Self.word(&digits),
            let fourth = Self.word(&digits), digits.next() == nil
        else { return nil }
        self.init((first, second, third, fourth))
    }

    /// - Parameter bytes: the 32 bytes of a SHA-256 digest, as a hash function hands them out.
    package init(bytes: some Sequence<UInt8>) {
        var rest = bytes.makeIterator()
        func word() -> UInt64 {
            (0..<8).reduce(0) { word, _ in
                guard let byte = rest.next() else { preconditionFailure("a SHA-256 digest has 32 bytes, not fewer") }
                return word << 8 | UInt64(byte)
            }
        }
        self.init((word(), word(), word(), word()))
        precondition(rest.next() == nil, "a SHA-256 digest has 32 bytes, not more")
    }

    /// 64 lower-case hex digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 64) { text in
            for (place, word) in [first, second, third, fourth].enumerated() {
                for digit in 0..<16 {
                    let value = UInt8(truncatingIfNeeded: word >> (60 - 4 * digit)) & 15
                    text[16 * place + digit] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                }
            }
            return 64
        }
    }

    /// The next 16 hex digits; nil when there are none.
    private static func word(_ digits: inout String.UTF8View.Iterator) -> UInt64? {
        var word: UInt64 = 0
        for _ in 0..<16 {
            guard let value = digits.next()?.hexValue else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }
}

extension Digest: Comparable {
    package static func < (left: Digest, right: Digest) -> Bool {
        (left.first, left.second, left.third, left.fourth) < (right.first, right.second, right.third, right.fourth)
    }
}

extension Digest: CustomStringConvertible, Codable {
    package var description: String { hex }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Digest(hex: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a SHA-256 digest: \(text)")
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

extension UInt8 {
    /// What the ASCII code of `0`–`9`, `a`–`f` or `A`–`F` stands for; nil for any other.
    fileprivate var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
