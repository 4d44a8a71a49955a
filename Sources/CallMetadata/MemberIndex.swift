/// The archive's members by everything that a sidecar may call them.
struct MemberIndex {
    private let names: Set<String>
    private let folded: [String: [String]]
    private let stems: [String: [String]]

    init(_ names: Set<String>) {
        self.names = names
        folded = Dictionary(grouping: names.sorted()) { $0.lowercased() }
        stems = Dictionary(grouping: names.sorted()) { Self.stem($0) }
    }

    struct Match {
        var members: [String]
        /// A whole file name, or a long one without its extension: no other column's value looks like it by chance.
        var isStrong: Bool
    }

    /// The members that a cell names: by base name, by a path or URL that ends in it, or without extension and VICIdial's
    /// suffix, with which one name stands for both sides of a call.
    func match(_ cell: String) -> Match? {
        guard let value = Values.plain(lastComponent(cell)) else { return nil }
        if names.contains(value) { return Match(members: [value], isStrong: value.utf8.contains(UInt8(ascii: "."))) }
        if let found = folded[value.lowercased()] { return Match(members: found, isStrong: true) }
        let stem = Self.stem(value)
        guard let found = stems[stem] else { return nil }
        return Match(members: found, isStrong: stem.utf8.count >= 12)
    }

    static func stem(_ name: String) -> String {
        FilenameReader.stem(of: name[...]).lowercased()
    }

    private func lastComponent(_ cell: String) -> Substring {
        var value = cell[...]
        // A name may be long, a field that holds one may not: what is longer is not looked at.
        guard value.utf8.count <= 4_096 else { return "" }
        let isURL =
            value.utf8.contains(UInt8(ascii: ":")) && (value.hasPrefix("http://") || value.hasPrefix("https://"))
        if isURL, let query = value.utf8.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            value = value[..<query]
        }
        if let slash = value.utf8.lastIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) {
            value = value[value.utf8.index(after: slash)...]
        }
        return isURL ? Substring(Self.percentDecoded(value)) : value
    }

    /// RFC 3986, section 2.1; a percent sign without two hexadecimal digits stands for itself.
    private static func percentDecoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes[index...].dropFirst().prefix(2)
            if bytes[index] == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                decoded.append(value)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
