import Recordings

/// Says of sources that owe something of a day which the platform has deleted that it can no longer be had. Values in,
/// values out.
struct SourceExpiry {
    let day: Day
    let clock: RetentionClock
    let now: Timestamp

    /// - Parameter parts: what this run's stages found. A source that could not be asked, or not to its end, is not given
    ///   up: what it has may still be there.
    func applied(to sources: [DaySummary.Source], after parts: [DayPart]) -> [DaySummary.Source] {
        let asked = Dictionary(parts.flatMap(\.sources).map { ($0.name, $0) }) { first, _ in first }
        return sources.map { source in
            guard source.state == .partial, clock.isOver(day, at: source.kind, now), let part = asked[source.name],
                part.hasAnswered, part.failure == nil, source.kind != .api || part.detail == nil
            else { return source }
            var expired = source
            let end = clock.deletion(of: day, at: source.kind).upperBound
            expired.state = .expired
            expired.expiredAt = end
            let lost = "what is missing of it could be had until \(end)"
            expired.detail = source.detail.map { "\($0); \(lost)" } ?? lost
            return expired
        }
    }
}
