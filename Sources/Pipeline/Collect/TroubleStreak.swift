import Platform
import Recordings

/// Tells one file's trouble from the platform's, by what becomes of the files after it. Values in, values out.
struct TroubleStreak {
    /// So many different files in a row that fail alike are no chance.
    static let limit = 4

    /// The trouble that the last files had alike, and how many of them.
    private var last: FileTrouble?
    private var count = 0
    private var hasDelivered = false

    /// Takes what became of the next file. Returns the platform's trouble, once that is what it is.
    mutating func take(_ delivery: SingleDownload.Delivery) -> FileTrouble? {
        guard case .trouble(let trouble) = delivery else {
            (last, count) = (nil, 0)
            hasDelivered = true
            return nil
        }
        count = last.map(trouble.isLike) ?? false ? count + 1 : 1
        last = trouble
        return count >= Self.limit ? trouble : nil
    }

    /// What of the files, all of which were asked for, is to be said of the platform: that it answered none of several.
    var verdict: FileTrouble? { count >= 2 && !hasDelivered ? last : nil }
}
