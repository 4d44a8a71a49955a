package import Recordings

/// What tells whether a file on a server is still the same (RFC 9110, section 8.8); strong ones only, because parts of
/// the file are put together on their word.
package enum Validator: Codable, Hashable, Sendable {
    /// The field's value with its quotes.
    case etag(String)
    /// The field's value.
    case lastModified(String)

    /// The validator that an answer carries; nil when it has none that is strong.
    package init?(_ headers: HeaderFields, now: Timestamp) {
        if let tag = headers["etag"]?.trimmingSpaces, tag.hasPrefix("\""), tag.hasSuffix("\""), tag.utf8.count > 2 {
            self = .etag(tag)
            return
        }
        // Section 8.8.2.2: a date is strong when the file had been left alone for a second by the time of the answer.
        guard
            let written = headers["last-modified"]?.trimmingSpaces, let modified = HTTPDate.parse(written, now: now),
            let sent = headers["date"].flatMap({ HTTPDate.parse($0, now: now) }),
            sent.millisecondsSinceEpoch - modified.millisecondsSinceEpoch >= 1000
        else { return nil }
        self = .lastModified(written)
    }

    /// The fields that ask for the rest of the file from `offset` on, or for all of it when it is another one.
    package func resuming(at offset: Int64) -> HeaderFields {
        ["Range": "bytes=\(offset)-", "If-Range": text]
    }

    /// The field that asks for the file only when it is another one.
    package var unlessSame: HeaderFields {
        switch self {
        case .etag(let tag): ["If-None-Match": tag]
        case .lastModified(let date): ["If-Modified-Since": date]
        }
    }

    private var text: String {
        switch self {
        case .etag(let text), .lastModified(let text): text
        }
    }
}

/// `Content-Range` (RFC 9110, section 14.4).
struct ContentRange: Hashable, Sendable {
    /// nil in an answer that says only how long the file is (`bytes */1234`).
    var first: Int64?
    /// nil when the server does not know (`bytes 0-99/*`).
    var total: Int64?

    init?(_ field: String) {
        let words = field.trimmingSpaces.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        total = Int64(parts[1])
        guard total != nil || parts[1] == "*" else { return nil }
        if parts[0] == "*" { return }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, first <= last else { return nil }
        if let total, last >= total { return nil }
        self.first = first
    }
}
