package import Recordings
package import Settings

/// How a day stands now: what is archived of it, what is still open, and how long that can be had.
package struct DayStanding: Codable, Hashable, Sendable {
    package var day: Day
    package var mark: Mark
    /// Nil when the day has no bag.
    package var revision: Int?
    package var recordings: Int
    package var exceptions: Int
    package var sizeBytes: Int64
    /// The sources of which something is still expected, the soonest to expire first.
    package var open: [OpenSource]

    package enum Mark: String, Codable, Hashable, Sendable, CaseIterable {
        case complete, empty, incomplete
        /// Nothing is late: the day's archives are not due yet.
        case waiting
        /// Something of it is not archived and expires soon.
        case atRisk = "at-risk"
        /// Something of it was never archived, and the platform has deleted it.
        case lost
        case notAttempted = "not-attempted"
        /// Declared finished: runs leave it alone.
        case sealed
        /// What was published of it does not read back as it was published.
        case damaged
        /// Nothing is known of it but that its recordings, if there were any, were deleted before a run looked at it.
        case unknown

        /// One character, told apart without colour.
        package var character: Character {
            switch self {
            case .complete: "C"
            case .empty: "-"
            case .incomplete: "i"
            case .waiting: "w"
            case .atRisk: "!"
            case .lost: "X"
            case .notAttempted: "?"
            case .sealed: "S"
            case .damaged: "D"
            case .unknown: "u"
            }
        }
    }

    package struct OpenSource: Codable, Hashable, Sendable {
        package var name: String
        package var state: SourceState
        /// When the platform begins to delete what it has of the day.
        package var expiresAt: Timestamp
        /// What is known of that which can no longer be had.
        package var lost: DaySummary.Loss?

        private enum CodingKeys: String, CodingKey {
            case name, state
            case expiresAt = "expires_at"
            case lost
        }
    }

    private enum CodingKeys: String, CodingKey {
        case day, mark, revision, recordings, exceptions
        case sizeBytes = "size_bytes"
        case open
    }
}

/// Tells how days stand. Values in, values out.
package struct DayStandings: Sendable {
    private let openSources: OpenSources
    private let readyBy: Int64
    private let configuration: Configuration
    private let now: Timestamp
    private let horizonMs: Int64

    /// - Parameters:
    ///   - sources: those that are configured.
    ///   - horizonMs: how far ahead something that expires is at risk, in milliseconds.
    package init(
        sources: [ConfiguredSource],
        clock: RetentionClock,
        configuration: Configuration,
        now: Timestamp,
        horizonMs: Int64
    ) {
        openSources = OpenSources(sources: sources, clock: clock, now: now)
        self.configuration = configuration
        readyBy = Int64(configuration.dialer.readyBy.hour * 60 + configuration.dialer.readyBy.minute) * 60_000
        self.now = now
        self.horizonMs = horizonMs
    }

    /// - Parameter summary: the published day; nil when it has no bag.
    package func standing(of day: Day, _ summary: DaySummary?) -> DayStanding {
        let open = openSources.open(day, summary)
        return DayStanding(
            day: day,
            mark: mark(day, summary, open),
            revision: summary?.revision,
            recordings: summary?.totals.recordings ?? 0,
            exceptions: summary?.totals.exceptions ?? 0,
            sizeBytes: summary?.totals.sizeBytes ?? 0,
            open: open.map {
                .init(name: $0.name, state: $0.state, expiresAt: $0.deletion.lowerBound, lost: $0.lost)
            }
        )
    }

    private func mark(_ day: Day, _ summary: DaySummary?, _ open: [OpenSources.Open]) -> DayStanding.Mark {
        if open.contains(where: { $0.state == .expired || $0.isOver(now) }) { return .lost }
        guard let soonest = open.first?.deletion.lowerBound else {
            return switch summary?.state {
            case .complete: .complete
            case .empty: .empty
            case .incomplete, nil: .incomplete
            }
        }
        if soonest.millisecondsSinceEpoch - now.millisecondsSinceEpoch < horizonMs { return .atRisk }
        let ready = day.interval(in: configuration.timezone).upperBound.advanced(byMilliseconds: readyBy)
        let isUnanswered = open.allSatisfy { $0.state == .notReady || $0.state == .notAttempted }
        if isUnanswered, now < ready { return .waiting }
        return summary == nil ? .notAttempted : .incomplete
    }
}

extension DialerSource {
    /// As the day's summary names it.
    package var kind: SourceKind {
        switch access {
        case .directory: .directory
        case .https: .https
        case .rclone: .rclone
        case .files: .files
        }
    }
}
