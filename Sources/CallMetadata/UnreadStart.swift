package import Recordings

/// A start that a sidecar's column or a name gives, and that could not be read.
///
/// Evidence that was there: what is taken in its place is worse, and a recording has to say so.
package struct UnreadStart: Codable, Hashable, Sendable {
    /// Where it is given: `sidecar` or `filename`.
    package var origin: StartOrigin
    /// The column's heading; nil in a name.
    package var column: String?
    /// What is written there, cut to 80 characters.
    package var text: String
    /// Why it is not read: the end of a sentence.
    package var reason: String

    package init(origin: StartOrigin, column: String? = nil, text: String, reason: String) {
        self.origin = origin
        self.column = column
        self.text = String(text.unicodeScalars.prefix(80).map(Character.init))
        self.reason = reason
    }
}

extension UnreadStart: CustomStringConvertible {
    /// `the sidecar's column "start_time" gives "x" as the start, which is not read: it is not a time`.
    package var description: String {
        let place = column.map { "the sidecar's column \($0.debugDescription)" } ?? "the file name"
        return "\(place) gives \(text.debugDescription) as the start, which is not read: \(reason)"
    }
}
