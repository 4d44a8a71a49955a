package import Recordings
package import Settings

/// Which days a run without days takes, soonest to expire first. Values in, values out.
package struct DuePlan: Sendable {
    private let published: [Day: DaySummary]
    private let started: Set<Day>
    private let openSources: OpenSources
    private let known: KnownDays
    private let bounds: DayBounds
    private let lookbackDays: Int
    private let now: Timestamp

    private var today: Day { bounds.today }

    /// - Parameters:
    ///   - published: every day that has a bag.
    ///   - started: days that a run has looked at, whether or not it could publish them.
    ///   - sources: those that are configured.
    package init(
        published: [Day: DaySummary],
        started: Set<Day>,
        sources: [ConfiguredSource],
        clock: RetentionClock,
        configuration: Configuration,
        now: Timestamp
    ) {
        self.published = published
        self.started = started
        openSources = OpenSources(sources: sources, clock: clock, now: now)
        let zone = configuration.timezone
        bounds = DayBounds(today: Day.localTime(at: now, in: zone).date, zone: zone)
        known = KnownDays(
            published: published,
            started: started,
            sources: sources,
            clock: clock,
            bounds: bounds,
            now: now
        )
        lookbackDays = configuration.lookbackDays
        self.now = now
    }

    /// The last `lookback_days` days, for late arrivals; every day of which something is missing, until it is said to be
    /// lost; every day that a run has begun; and every day without a bag since the first one known.
    ///
    /// - Parameter since: from which day on those without a bag are due; nil for the first one known.
    package func days(since: Day? = nil) -> [Day] {
        let recent = today.advanced(by: -max(1, lookbackDays))
        let first = since ?? [recent, known.first ?? recent].min() ?? recent
        let range = (min(first, recent).daysSinceEpoch..<today.daysSinceEpoch).map { Day(daysSinceEpoch: $0) }
        let due = Set(range).union(published.keys).union(started).compactMap { day -> (urgency: Int64, day: Day)? in
            guard day < today, bounds.contains(day), bounds.exists(day) else { return nil }
            return urgency(day, isWanted: day >= first || started.contains(day)).map { ($0, day) }
        }
        return due.sorted { ($0.urgency, $0.day) < ($1.urgency, $1.day) }.map(\.day)
    }

    /// When what is to be had of the day begins to be deleted, in milliseconds; nil when the day is not due.
    ///
    /// - Parameter isWanted: whether it is due when it has no bag.
    private func urgency(_ day: Day, isWanted: Bool) -> Int64? {
        let summary = published[day]
        let open = openSources.open(day, summary).filter { source in
            // What is lost is due once, to be said; by hand, a late archive is still taken in.
            source.isConfigured && !(source.state == .expired && source.isOver(now))
        }
        if let soonest = open.first(where: { !$0.isOver(now) }), summary != nil || isWanted {
            return soonest.deletion.lowerBound.millisecondsSinceEpoch
        }
        // Nothing of it can be had: that is only to be put down, after everything else.
        if summary == nil ? isWanted : !open.isEmpty { return .max }
        guard day >= today.advanced(by: -lookbackDays) else { return nil }
        let ends = openSources.sources.map { openSources.clock.deletion(of: day, at: $0.kind).lowerBound }
        return ends.min()?.millisecondsSinceEpoch ?? .max
    }
}
