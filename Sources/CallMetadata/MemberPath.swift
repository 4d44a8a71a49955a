/// A name inside an archive, taken apart: the nested archive that it is in, its folders and its base name.
struct MemberPath {
    /// Everything before the last `//`, where the names of nested archives end; empty in the outer one.
    let level: Substring
    /// The folders inside that archive, in lower case.
    let folders: [String]
    let base: String

    init(_ name: some StringProtocol) {
        var level = Substring("")
        var path = Substring(name)
        let bytes = path.utf8
        if let last = Self.lastDoubleSlash(bytes) {
            level = path[..<last]
            path = path[bytes.index(last, offsetBy: 2)...]
        }
        self.level = level
        let (folders, base) = Self.split(path)
        self.folders = folders
        self.base = base
    }

    private static func lastDoubleSlash(_ bytes: Substring.UTF8View) -> Substring.UTF8View.Index? {
        let slash = UInt8(ascii: "/")
        var end = bytes.endIndex
        while let last = bytes[..<end].lastIndex(of: slash), last > bytes.startIndex {
            let before = bytes.index(before: last)
            if bytes[before] == slash { return before }
            end = last
        }
        return nil
    }

    /// Splits at slashes and backslashes; parts that name no folder (`.`, `..`, a drive) are left out.
    static func split(_ path: Substring) -> (folders: [String], base: String) {
        var parts = path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.map {
            String(Substring($0))
        }
        let endsInFolder = path.utf8.last.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") } ?? true
        let base = endsInFolder ? "" : parts.popLast() ?? ""
        let folders = parts.filter { $0 != "." && $0 != ".." && !($0.utf8.count == 2 && $0.hasSuffix(":")) }
        return (folders.map { $0.lowercased() }, base)
    }
}

/// What a sidecar's cells call a recording: a base name, a path or a URL.
struct RowReference {
    /// In lower case; empty where only a base name is given.
    var folders: [String]
    var base: String

    /// Returns nil when the cell says nothing, or is longer than a name can be.
    ///
    /// - Parameter folder: what a column for the folder says.
    init?(_ cell: String, folder: String? = nil) {
        // A name may be long, a field that holds one may not: what is longer is not looked at.
        guard cell.utf8.count <= 4_096 else { return nil }
        let lowered = cell.prefix(8).lowercased()
        let isURL = lowered.hasPrefix("http://") || lowered.hasPrefix("https://")
        var path = cell[...]
        if isURL {
            if let query = path.utf8.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
                path = path[..<query]
            }
            path = Self.percentDecoded(path)[...]
        }
        var (folders, last) = MemberPath.split(path)
        guard let base = Values.plain(last) else { return nil }
        // A URL's first parts are its scheme and host.
        if isURL { folders.removeFirst(min(2, folders.count)) }
        if folders.isEmpty, let folder, folder.utf8.count <= 4_096 {
            var (outer, inner) = MemberPath.split(folder[...])
            inner = Values.plain(inner) ?? ""
            if !inner.isEmpty, inner != base { outer.append(inner.lowercased()) }
            folders = outer
        }
        self.folders = folders
        self.base = base
    }

    /// Equal for rows that name the same file.
    var key: String { (folders + [base.lowercased()]).joined(separator: "/") }

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
