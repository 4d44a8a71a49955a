package import Recordings

/// How a day stands after a run.
package struct DayOutcome: Sendable {
    package let day: Day
    /// The published day; nil when it has no bag.
    package let summary: DaySummary?
    /// Whether this run published it.
    package let isNewRevision: Bool
    /// Why sources gave nothing.
    package let failures: [Failure]
}
