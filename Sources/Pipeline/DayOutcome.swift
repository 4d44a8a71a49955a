package import Recordings
package import Vault

/// How a day stands after a run.
package struct DayOutcome: Sendable {
    package let day: Day
    /// The published day; nil when it has no bag.
    package let summary: DaySummary?
    /// Whether this run published it.
    package let isNewRevision: Bool
    /// Why sources gave nothing.
    package let failures: [Failure]
    /// The day's seal: it was there, and nothing was done; or this run set it.
    package var seal: DaySeal?
    /// Why the day was not sealed, though that was asked for.
    package var refusal: Failure?
    /// What of the published day does not read back as it was published, so that nothing was built on it.
    package let damage: Failure?

    init(day: Day, summary: DaySummary?, isNewRevision: Bool, failures: [Failure], damage: Failure? = nil) {
        self.day = day
        self.summary = summary
        self.isNewRevision = isNewRevision
        self.failures = failures
        self.damage = damage
    }
}
