/// The identity of a recording: what makes two deliveries of it one.
///
/// Either the platform's id (lower case, without hyphens) or, for a dialer file that carries none, `dlr-` and 32 hex
/// digits made from the bytes and the name. It stands in file names, so nothing but `a`–`z`, `0`–`9`, `-` and `_` is
/// in it, 64 characters at most.
package struct RecordingID: Hashable, Comparable, Sendable {
    package let text: String

    /// Takes an id as the platform or a file name writes it: UUIDs lose their hyphens, letters their case.
    ///
    /// Returns nil when what remains is empty, over 64 characters or holds a character that an id cannot have.
    package init?(_ written: String) {
        var text = written.lowercased()
        if !text.hasPrefix(Self.derivedPrefix) {
            text.removeAll { $0 == "-" }
        }
        let isAllowed: (UInt8) -> Bool = {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard !text.isEmpty, text.utf8.count <= 64, text.utf8.allSatisfy(isAllowed) else { return nil }
        self.text = text
    }

    /// The id of a dialer file that carries none.
    ///
    /// - Parameter digest: SHA-256 over "`<sha256 of the file's bytes, hex>` newline `<base name>`".
    package init(derivedFrom digest: Digest) {
        text = Self.derivedPrefix + digest.hex.prefix(32)
    }

    /// Whether the id was made from bytes and name because the source gave none.
    package var isDerived: Bool { text.hasPrefix(Self.derivedPrefix) }

    private static let derivedPrefix = "dlr-"

    package static func < (left: RecordingID, right: RecordingID) -> Bool { left.text < right.text }
}

extension RecordingID: CustomStringConvertible, Codable {
    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = RecordingID(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a recording id: \(text)")
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
