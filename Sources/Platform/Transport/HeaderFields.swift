/// The header fields of a request or an answer, in their order; names are compared without regard to case
/// (RFC 9110, section 5.1).
package struct HeaderFields: Sendable, ExpressibleByDictionaryLiteral {
    private var fields: [(name: String, value: String)]

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { ($0.0, $0.1) }
    }

    package init(_ fields: some Sequence<(name: String, value: String)>) {
        self.fields = Array(fields)
    }

    /// The first field of that name; setting replaces all of that name.
    package subscript(_ name: String) -> String? {
        get { fields.first { Self.isSame($0.name, name) }?.value }
        set {
            fields.removeAll { Self.isSame($0.name, name) }
            if let newValue { fields.append((name, newValue)) }
        }
    }

    /// All fields of that name, in their order.
    package func all(_ name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// Adds `other`'s fields, replacing those of the same name.
    package mutating func merge(_ other: HeaderFields) {
        for field in other.fields { self[field.name] = field.value }
    }

    package var pairs: [(name: String, value: String)] { fields }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
    }
}

extension HeaderFields {
    /// `Content-Length` in bytes, when it is there and a number (RFC 9110, section 8.6).
    package var contentLength: Int64? {
        self["content-length"].flatMap { Int64($0.trimmingSpaces) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// The media type in lower case without its parameters: `audio/mpeg`.
    package var mediaType: String? {
        self["content-type"]
            .map { String($0.prefix { $0 != ";" }).trimmingSpaces.lowercased() }
            .flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether the body says of itself that it is text for people or programs, and so neither audio nor an archive.
    package var claimsText: Bool {
        guard let mediaType else { return false }
        return mediaType.hasPrefix("text/") || mediaType == "application/json" || mediaType.hasSuffix("+json")
            || mediaType == "application/xml" || mediaType.hasSuffix("+xml")
    }
}

extension StringProtocol {
    /// Without the spaces and tabs at both ends: what HTTP calls optional whitespace (RFC 9110, section 5.6.3).
    var trimmingSpaces: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
