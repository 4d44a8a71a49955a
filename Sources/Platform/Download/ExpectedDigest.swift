import Crypto
import Foundation
import Recordings

/// A digest that somebody says a file has.
package struct ExpectedDigest: Hashable, Sendable {
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case md5, sha1, sha256, sha512

        /// In bytes.
        package var length: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        }
    }

    var algorithm: Algorithm
    /// In lower case.
    var hex: String
    /// Who says so, for people.
    var origin: String
}

extension ExpectedDigest {
    /// The digests of the whole file that an answer's header carries: `Repr-Digest` (RFC 9530, section 3), `Digest`
    /// (RFC 3230, section 4.3.2) and, in a complete answer, `Content-MD5` (RFC 1864).
    static func read(_ headers: HeaderFields, status: Int) -> [ExpectedDigest] {
        var found: [ExpectedDigest] = []
        for name in ["Repr-Digest", "Digest"] {
            for member in headers.all(name).flatMap({ $0.split(separator: ",") }) {
                let parts = member.split(separator: "=", maxSplits: 1).map(\.trimmingSpaces)
                guard parts.count == 2, let algorithm = Algorithm(field: parts[0]) else { continue }
                // RFC 9530 has a structured field's byte sequence: base64 between colons.
                found += read(parts[1].filter { $0 != ":" }, algorithm, origin: "the server's \(name)")
            }
        }
        if status == 200, let text = headers["Content-MD5"] {
            found += read(text.trimmingSpaces, .md5, origin: "the server's Content-MD5")
        }
        return found
    }

    private static func read(_ base64: String, _ algorithm: Algorithm, origin: String) -> [ExpectedDigest] {
        guard let bytes = Data(base64Encoded: base64), bytes.count == algorithm.length else { return [] }
        return [ExpectedDigest(algorithm: algorithm, hex: hex(bytes), origin: origin)]
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension ExpectedDigest.Algorithm {
    /// By the names of RFC 9530, of the older registry, and of BSD's tools.
    package init?(field name: String) {
        let plain = name.lowercased().filter { $0 != "-" }
        // RFC 3230 calls SHA-1 `SHA`.
        self.init(rawValue: plain == "sha" ? "sha1" : plain)
    }

    /// By the length of the digest in hex.
    init?(hexLength: Int) {
        guard let match = Self.allCases.first(where: { $0.length * 2 == hexLength }) else { return nil }
        self = match
    }
}

/// A file of checksums, as `sha256sum` (GNU coreutils, "md5sum: Print or check MD5 digests") or BSD's `sha256` write it.
struct ChecksumFile: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var algorithm: ExpectedDigest.Algorithm
        var hex: String
        /// nil where a digest stands alone.
        var name: String?
    }

    let entries: [Entry]

    init(_ text: String) {
        entries = text.split(whereSeparator: \.isNewline).compactMap { Self.entry(String($0)) }
    }

    /// The entry of the file of that name; where the file of checksums has one entry only, that one, whatever its name.
    func digest(of name: String) -> ExpectedDigest? {
        let named = entries.last { $0.name.map { $0 == name || $0.hasSuffix("/" + name) } ?? false }
        guard let entry = named ?? (entries.count == 1 ? entries.first : nil) else { return nil }
        return ExpectedDigest(algorithm: entry.algorithm, hex: entry.hex, origin: "the checksum file")
    }

    private static func entry(_ line: String) -> Entry? {
        var line = line.trimmingSpaces
        if line.hasPrefix("#") { return nil }
        // A name with a backslash or a line's end in it is escaped, and the line says so at its start.
        let isEscaped = line.hasPrefix("\\")
        if isEscaped { line.removeFirst() }
        if let open = line.range(of: " ("), let close = line.range(of: ") = ", options: .backwards),
            open.upperBound <= close.lowerBound,
            let algorithm = ExpectedDigest.Algorithm(field: String(line[..<open.lowerBound]))
        {
            let name = String(line[open.upperBound..<close.lowerBound])
            return entry(String(line[close.upperBound...]), algorithm, name: unescaped(name, isEscaped))
        }
        let hex = String(line.prefix { $0.isHexDigit })
        let rest = line.dropFirst(hex.count)
        guard let algorithm = ExpectedDigest.Algorithm(hexLength: hex.utf8.count) else { return nil }
        guard !rest.isEmpty else { return entry(hex, algorithm, name: nil) }
        guard rest.hasPrefix(" ") || rest.hasPrefix("\t") else { return nil }
        var name = String(rest.dropFirst())
        // The second character is the mode: a space for text, a star for binary.
        if name.hasPrefix(" ") || name.hasPrefix("*") { name.removeFirst() }
        return entry(hex, algorithm, name: unescaped(name, isEscaped))
    }

    private static func entry(_ hex: String, _ algorithm: ExpectedDigest.Algorithm, name: String?) -> Entry? {
        let hex = hex.trimmingSpaces.lowercased()
        guard hex.utf8.count == algorithm.length * 2, hex.allSatisfy(\.isHexDigit) else { return nil }
        return Entry(algorithm: algorithm, hex: hex, name: name)
    }

    private static func unescaped(_ name: String, _ isEscaped: Bool) -> String {
        guard isEscaped else { return name }
        var result = ""
        var rest = name[...]
        while let character = rest.popFirst() {
            guard character == "\\", let escaped = rest.popFirst() else {
                result.append(character)
                continue
            }
            result.append(escaped == "n" ? "\n" : escaped == "r" ? "\r" : escaped)
        }
        return result
    }
}
