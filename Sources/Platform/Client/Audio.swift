package typealias AudioEvent = FileEvent
package typealias AudioHead = FileHead

/// How fetching audio ended, where it ended at all.
package enum AudioOutcome: Hashable, Sendable {
    /// All bytes came, as many as the server announced.
    case received(AudioHead, bytes: Int64)
    /// It is not there, or not any more (404, 410).
    case gone(status: Int)
    /// The account may not have it (403), or another host wants credentials that it does not get (401, 403).
    case refused(status: Int)
    /// It is listed, and cannot be delivered; the detail is for people.
    case unavailable(detail: String)
    /// It could not be fetched, after all retries; whether others can be is for the next one to show.
    case troubled(FileTrouble)
}
