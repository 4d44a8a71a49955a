package import Recordings

/// Why one file could not be fetched, though its request was sent as often as retries allow: nothing is known yet of
/// whether any other file would fare better.
package struct FileTrouble: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case network(TransportError.Kind)
        /// A redirect that cannot be followed, or a circle of them.
        case redirect
        case status(Int)
    }

    package let kind: Kind
    /// The host that failed.
    package let host: String
    /// Whether that is the host which gets the account's credentials.
    package let isOwnHost: Bool
    package let failure: Failure
    /// How long the host asks to be left alone, in nanoseconds, where that was too long to wait.
    package var retryAfter: Int64?

    package init(_ kind: Kind, host: String, isOwnHost: Bool, _ failure: Failure) {
        self.kind = kind
        self.host = host
        self.isOwnHost = isOwnHost
        self.failure = failure
    }

    /// Whether both may have one cause.
    package func isLike(_ other: FileTrouble) -> Bool { kind == other.kind && host == other.host }
}
