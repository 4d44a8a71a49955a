/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hex digits.
package struct Digest: Hashable, Comparable, Sendable {
    /// 64 lower-case hex digits.
    package let hex: String

    /// Returns nil unless `hex` is 64 hex digits; upper case is folded.
    package init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(\.isHexDigit) else { return nil }
        let hasUpperCase = hex.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) }
        self.hex = hasUpperCase ? hex.lowercased() : hex
    }

    /// - Parameter bytes: the 32 bytes of a SHA-256 digest, as a hash function hands them out.
    package init(bytes: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        precondition(text.count == 64, "a SHA-256 digest has 32 bytes")
        hex = String(decoding: text, as: UTF8.self)
    }

    package static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
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
    /// Whether this is the ASCII code of `0`–`9`, `a`–`f` or `A`–`F`.
    var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
