package import Recordings
package import Settings

/// What a run is going to do, day by day: what is missing, until when it can be had, and what it takes. Values in, values
/// out: nobody is asked for it.
package struct RunPlan: Codable, Hashable, Sendable {
    /// In the order of the run.
    package var days: [Turn] = []
    /// From how many archived days the figures are estimated; 0 when there is none, and no figures.
    package var estimatedFromDays: Int
    package var requests: Int
    /// To be fetched.
    package var bytes: Int64
    /// At the configured pace.
    package var seconds: Int64
    /// The pace: requests to the platform a second.
    package var requestsPerSecond: Double
    /// What the disk has to have room for.
    package var neededBytes: Int64
    /// What it has room for; nil when it was not looked at.
    package var freeBytes: Int64?

    /// How many days of each source the estimate is made from.
    package static let basisDays = 14

    /// One day.
    package struct Turn: Codable, Hashable, Sendable {
        package var day: Day
        /// Seconds from now until it comes to its turn.
        package var startsAfterSeconds: Int64
        package var neededBytes: Int64
        package var sources: [Source]

        private enum CodingKeys: String, CodingKey {
            case day
            case startsAfterSeconds = "starts_after_seconds"
            case neededBytes = "needed_bytes"
            case sources
        }
    }

    /// What a source has to give.
    package struct Source: Codable, Hashable, Sendable {
        package var name: String
        package var kind: SourceKind
        package var state: SourceState
        package var expiresAt: Timestamp
        /// Whether it is expected to begin to be deleted before it comes to its turn.
        package var expiresBeforeItsTurn: Bool
        /// Whether all of it is deleted already.
        package var isLost: Bool
        /// Recordings that are expected of it; nil when that is not known.
        package var recordings: Int?
        package var requests: Int
        /// Nil when that is not known.
        package var bytes: Int64?

        private enum CodingKeys: String, CodingKey {
            case name, kind, state
            case expiresAt = "expires_at"
            case expiresBeforeItsTurn = "expires_before_its_turn"
            case isLost = "lost"
            case recordings, requests, bytes
        }
    }

    private enum CodingKeys: String, CodingKey {
        case days
        case estimatedFromDays = "estimated_from_days"
        case requests, bytes, seconds
        case requestsPerSecond = "requests_per_second"
        case neededBytes = "needed_bytes"
        case freeBytes = "free_bytes"
    }

    /// - Parameters:
    ///   - days: in the order of the run.
    ///   - published: what is known of these days, and of the last ones that were archived.
    ///   - bytesPerSecond: what downloads may take; nil for as much as comes.
    package init(
        days: [Day],
        published: [Day: DaySummary],
        sources: [ConfiguredSource],
        clock: RetentionClock,
        configuration: Configuration,
        bytesPerSecond: Double?,
        now: Timestamp
    ) {
        let estimates = DayEstimates(published, sources: sources, limit: Self.basisDays)
        let cost = SourceCost(configuration: configuration, estimates: estimates)
        estimatedFromDays = estimates.days
        requestsPerSecond = configuration.api.tpslimit
        (requests, bytes, seconds, neededBytes) = (0, 0, 0, 0)
        var elapsed = 0.0
        var largestDownload: Int64 = 0
        for day in days {
            var turn = Turn(day: day, startsAfterSeconds: Int64(elapsed), neededBytes: 0, sources: [])
            var total = SourceCost.Price(fetchedBytes: 0, keptBytes: 0)
            for source in sources {
                let known = published[day]?.sources.first { $0.name == source.name }
                let deletion = clock.deletion(of: day, at: source.kind)
                let isLost = deletion.upperBound <= now || known?.state == .expired
                let price = cost.price(of: source, known: known, isLost: isLost)
                total.add(price)
                var entry = Source(source, known, price, expiresAt: deletion.lowerBound)
                entry.isLost = !entry.state.isSettled && isLost
                let start = now.advanced(byMilliseconds: Int64(elapsed * 1000))
                entry.expiresBeforeItsTurn =
                    !entry.state.isSettled && !isLost && now < entry.expiresAt && entry.expiresAt < start
                turn.sources.append(entry)
            }
            turn.neededBytes = (total.keptBytes ?? 0) + total.downloadedBytes
            self.days.append(turn)
            requests += total.requests
            bytes += total.fetchedBytes ?? 0
            neededBytes += total.keptBytes ?? 0
            elapsed += max(
                Double(total.pacedRequests) / requestsPerSecond,
                bytesPerSecond.map { Double(total.fetchedBytes ?? 0) / $0 } ?? 0
            )
            // A day's archives go when the day is published.
            largestDownload = max(largestDownload, total.downloadedBytes)
        }
        neededBytes += largestDownload
        seconds = Int64(elapsed.rounded(.up))
    }
}

extension RunPlan.Source {
    fileprivate init(
        _ source: ConfiguredSource,
        _ known: DaySummary.Source?,
        _ price: SourceCost.Price,
        expiresAt: Timestamp
    ) {
        self.init(
            name: source.name,
            kind: source.kind,
            state: known?.state ?? .notAttempted,
            expiresAt: expiresAt,
            expiresBeforeItsTurn: false,
            isLost: false,
            recordings: price.recordings,
            requests: price.requests,
            bytes: price.fetchedBytes
        )
    }
}

extension SourceCost.Price {
    fileprivate mutating func add(_ other: Self) {
        requests += other.requests
        pacedRequests += other.pacedRequests
        fetchedBytes = (fetchedBytes ?? 0) + (other.fetchedBytes ?? 0)
        keptBytes = (keptBytes ?? 0) + (other.keptBytes ?? 0)
        downloadedBytes += other.downloadedBytes
    }
}
