import Foundation
import Recordings

extension Shape<URL> {
    /// The root of the platform's API. A URL is never shown: people put passwords into them.
    static let baseURL = Shape(expected: "a URL such as https://services.babelforce.com", showsValue: false) {
        scalar throws(Mismatch) in
        var text = scalar.text
        while text.hasSuffix("/") { text.removeLast() }
        if let complaint = WebAddress.complaint(about: text) { throw Mismatch(text: complaint) }
        guard !text.contains("?") else { throw Mismatch(text: "must not have a query") }
        guard let url = URL(string: text) else { throw Mismatch() }
        return url
    }
}

/// What a URL has to be.
enum WebAddress {
    /// What is wrong, in words that follow the key; nil when nothing is.
    static func complaint(about text: String) -> String? {
        let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        guard isClean, let parts = URLComponents(string: text) else { return "is not a URL" }
        guard let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http" else {
            return "must be a URL that begins with https://"
        }
        guard parts.user == nil, parts.password == nil else {
            return "must not hold credentials; give them as username and password_file"
        }
        guard let host = parts.host, !host.isEmpty else { return "has no host" }
        guard (1...65_535).contains(parts.port ?? 443) else { return "has a port outside 1 to 65535" }
        guard parts.fragment == nil else { return "must not have a fragment (#)" }
        return nil
    }

    /// Whether what travels can be read on the way: plain HTTP to anything but this machine.
    static func isExposed(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), parts.scheme?.lowercased() == "http" else { return false }
        let host = parts.host?.lowercased() ?? ""
        let isNumeric = host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        return !(host == "localhost" || host == "::1" || host == "[::1]" || isNumeric && host.hasPrefix("127."))
    }
}

/// The account's zone under the name that was written.
struct NamedZone {
    let name: String
    let zone: TimeZone
}

extension Shape<NamedZone> {
    static let timezone = Shape(expected: "an IANA time zone such as Europe/Berlin") { scalar throws(Mismatch) in
        let name = scalar.text
        // Foundation also takes abbreviations and offsets, which are ambiguous or know no summer time.
        let isName = name.contains("/") || withoutSlash.contains(name)
        if isName, let zone = TimeZone(identifier: name) { return NamedZone(name: name, zone: zone) }
        let known = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") } + withoutSlash
        let nearest = Nearest.match(name, in: known).map { "; the nearest is \($0)" } ?? "; one is Europe/Berlin"
        throw Mismatch(text: "must be an IANA time zone\(instead(of: scalar))\(nearest)")
    }

    private static var withoutSlash: [String] { ["UTC", "GMT", "CET", "EET", "MET", "WET"] }
}

extension Shape<DatePattern> {
    /// Names of files, date tokens and wildcards; a slash where there are folders.
    static func filePattern(allowsFolders: Bool) -> Shape {
        Shape(expected: "text") { scalar throws(Mismatch) in
            let pattern = try datePattern(scalar.text)
            guard allowsFolders || !scalar.text.contains("/") else {
                throw Mismatch(text: "must be a file's name without folders; those belong into `path`")
            }
            guard Glob(scalar.text) != nil else { throw Mismatch(text: "has a [ without its ], or an empty set") }
            return pattern
        }
    }

    static let query = Shape(expected: "text") { scalar throws(Mismatch) in try datePattern(scalar.text) }

    static func url(_ use: DatePattern.Use) -> Shape {
        Shape(expected: "a URL", showsValue: false) { scalar throws(Mismatch) in
            let pattern = try datePattern(scalar.text, for: use)
            guard let day = sampleDay else { return pattern }
            let sample = pattern.expanded(for: day, in: .gmt, url: "https://example.com/a.zip")
            if let complaint = WebAddress.complaint(about: sample) { throw Mismatch(text: complaint) }
            return pattern
        }
    }

    private static func datePattern(_ text: String, for use: DatePattern.Use = .archive) throws(Mismatch)
        -> DatePattern
    {
        do {
            return try DatePattern(text, for: use)
        } catch {
            throw Mismatch(text: error.text)
        }
    }
}

/// Any day: what a URL looks like once its tokens are filled in.
private let sampleDay = Day(year: 2018, month: 4, dayOfMonth: 5)
