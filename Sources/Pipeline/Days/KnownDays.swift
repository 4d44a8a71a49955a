package import Recordings

/// From which day on every day is expected to be archived. Values in, values out.
///
/// Not every bag is a beginning: of a day that somebody typed, long after its recordings were deleted, nothing was ever owed,
/// nor of the days since.
package struct KnownDays: Sendable {
    /// The first day of which there was something, or which was looked at while it was available; nil when there is none.
    package let first: Day?

    /// - Parameters:
    ///   - published: every day that has a bag that can be read.
    ///   - started: days that a run has looked at, whether or not it could publish them.
    ///   - sources: those that are configured.
    package init(
        published: [Day: DaySummary],
        started: Set<Day>,
        sources: [ConfiguredSource],
        clock: RetentionClock,
        bounds: DayBounds,
        now: Timestamp
    ) {
        let known = published.filter { $1.hadSomething || $1.wasLookedAtInTime(clock) }.map(\.key)
        let available = started.filter { day in sources.contains { !clock.isOver(day, at: $0.kind, now) } }
        first = (known + available).filter(bounds.contains).min()
    }

    /// Whether a day lies before everything that was ever expected.
    package func isBefore(_ day: Day) -> Bool { first.map { day < $0 } ?? true }
}

extension DaySummary {
    /// Whether anything was ever seen of the day.
    fileprivate var hadSomething: Bool {
        totals.recordings > 0 || totals.exceptions > 0
            || sources.contains { source in
                let lost = source.lost.map { $0.calls + $0.recordings } ?? 0
                return source.members > 0 || !source.archives.isEmpty || lost > 0
            }
    }

    /// Whether a run looked at the day before all of it was deleted. What comes of a day afterwards makes new revisions.
    fileprivate func wasLookedAtInTime(_ clock: RetentionClock) -> Bool {
        revision > 1 || sources.contains { !clock.isOver(day, at: $0.kind, publishedAt) }
    }
}
