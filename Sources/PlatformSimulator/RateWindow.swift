/// Counts the requests of the last second; what is over the limit is refused and not counted.
struct RateWindow: Sendable {
    private static let second: Int64 = 1_000_000_000
    /// The times of the newest requests, oldest first, from `head` on.
    private var admitted: [Int64] = []
    private var head = 0

    /// - Parameter nanoseconds: the time of arrival, which never goes back.
    /// - Returns: whether the request may pass.
    mutating func admit(at nanoseconds: Int64, limit: Account.RateLimit) -> Bool {
        while head < admitted.count, admitted[head] <= nanoseconds - Self.second { head += 1 }
        if head > 1024 {
            admitted.removeFirst(head)
            head = 0
        }
        guard admitted.count - head < limit.perSecond + limit.burst else { return false }
        admitted.append(nanoseconds)
        return true
    }
}
