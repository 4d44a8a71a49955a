package import Recordings

/// A source that is configured, whether or not it was asked.
package struct ConfiguredSource: Hashable, Sendable {
    package let name: String
    package let kind: SourceKind

    package init(name: String, kind: SourceKind) {
        self.name = name
        self.kind = kind
    }
}

/// Tells of which sources something is still expected, or was lost. Values in, values out.
struct OpenSources: Sendable {
    let sources: [ConfiguredSource]
    let clock: RetentionClock
    let now: Timestamp

    /// A source that has not given everything.
    struct Open {
        let name: String
        let kind: SourceKind
        let state: SourceState
        let deletion: Range<Timestamp>
        /// Whether it is configured, so that a run asks it.
        let isConfigured: Bool
        let lost: DaySummary.Loss?

        /// Whether nothing of it can be had any more.
        func isOver(_ now: Timestamp) -> Bool { deletion.upperBound <= now }
    }

    /// The soonest to expire first.
    ///
    /// - Parameter summary: the published day; nil when it has no bag.
    func open(_ day: Day, _ summary: DaySummary?) -> [Open] {
        let configured = Set(sources.map(\.name))
        let known = (summary?.sources ?? []).filter { !$0.state.isSettled }
            .map { source in
                Open(
                    name: source.name,
                    kind: source.kind,
                    state: source.state,
                    deletion: clock.deletion(of: day, at: source.kind),
                    isConfigured: configured.contains(source.name),
                    lost: source.lost
                )
            }
        let mentioned = Set(summary?.sources.map(\.name) ?? [])
        let unknown = sources.filter { !mentioned.contains($0.name) }
            .map { source in
                Open(
                    name: source.name,
                    kind: source.kind,
                    state: .notAttempted,
                    deletion: clock.deletion(of: day, at: source.kind),
                    isConfigured: true,
                    lost: nil
                )
            }
            // A source that was configured after the day had gone from it never owed the vault anything.
            .filter { summary == nil || !$0.isOver(now) }
        return (known + unknown)
            .sorted { ($0.deletion.lowerBound, $0.name) < ($1.deletion.lowerBound, $1.name) }
    }
}
