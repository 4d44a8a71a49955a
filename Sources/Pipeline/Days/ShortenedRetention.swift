package import Recordings

/// That the platform keeps recordings for less time than it did, and what that puts at stake. Values in, values out.
package struct ShortenedRetention: Sendable {
    private let before: RetentionClock
    private let after: RetentionClock
    private let open: OpenSources
    private let now: Timestamp

    package init(before: RetentionClock, after: RetentionClock, sources: [ConfiguredSource], now: Timestamp) {
        self.before = before
        self.after = after
        open = OpenSources(sources: sources, clock: after, now: now)
        self.now = now
    }

    /// - Parameter published: every day that has a bag. Those between them that have none are at stake as a whole.
    package func warning(_ published: [Day: DaySummary]) -> String {
        var sooner: [Day] = []
        var gone: [Day] = []
        for day in days(published) {
            let sources = open.open(day, published[day]).filter { source in
                source.isConfigured && source.state != .expired
                    && source.deletion.lowerBound < before.deletion(of: day, at: source.kind).lowerBound
            }
            guard !sources.isEmpty else { continue }
            if sources.contains(where: { $0.deletion.lowerBound <= now }) {
                gone.append(day)
            } else {
                sooner.append(day)
            }
        }
        let change = "the account keeps recordings for \(after.days(.api)) days, and not for \(before.days(.api))"
        var stakes: [String] = []
        if !gone.isEmpty { stakes.append("what is missing of \(names(gone)) is being deleted, or is lost") }
        if !sooner.isEmpty { stakes.append("less time is left for \(names(sooner))") }
        return ([change] + (stakes.isEmpty ? ["no day is at stake"] : stakes)).joined(separator: "; ")
    }

    private func days(_ published: [Day: DaySummary]) -> [Day] {
        guard let first = published.keys.min(), let last = published.keys.max() else { return [] }
        return (first.daysSinceEpoch...last.daysSinceEpoch).map { Day(daysSinceEpoch: $0) }
    }

    private func names(_ days: [Day]) -> String {
        let shown = days.prefix(10).map(\.description).joined(separator: ", ")
        return days.count > 10 ? "\(shown) and \(days.count - 10) more days" : shown
    }
}
