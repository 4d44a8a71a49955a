import Recordings
import Settings

/// What it takes to ask a source for a day. Values in, values out.
struct SourceCost {
    let configuration: Configuration
    let estimates: DayEstimates

    struct Price {
        var recordings: Int?
        var requests = 0
        /// Of these, how many keep the account's pace.
        var pacedRequests = 0
        /// Nil when nobody knows.
        var fetchedBytes: Int64?
        var keptBytes: Int64?
        /// What lies in the work folder besides the audio, for a while.
        var downloadedBytes: Int64 = 0
    }

    /// - Parameters:
    ///   - known: what the source has given of the day; nil when nobody asked it yet.
    ///   - isLost: whether there is nothing to be had any more, and it is only asked.
    func price(of source: ConfiguredSource, known: DaySummary.Source?, isLost: Bool) -> Price {
        let average = estimates[source.name]
        var price = Price()
        let isNothingExpected = isLost || known?.state.isSettled ?? false
        price.recordings = isNothingExpected ? 0 : expected(average, known)
        let share = isNothingExpected ? 0 : share(of: price.recordings, average)
        price.fetchedBytes = isNothingExpected ? 0 : average.map { Int64($0.fetchedBytes * share) }
        price.keptBytes = isNothingExpected ? 0 : average.map { Int64($0.keptBytes * share) }
        let archives = isNothingExpected ? 0 : max(1, Int((average?.archives ?? 1).rounded(.up)))
        switch source.kind {
        case .directory: break
        case .https: price.requests = hasChecksum(source.name) && archives > 0 ? 2 : 1
        case .rclone: price.requests = 1 + archives
        case .files:
            price.requests = 1 + archives
            price.pacedRequests = price.requests
        case .api:
            price.requests = apiRequests(day: average?.recordings ?? 0, wanted: price.recordings ?? 0)
            price.pacedRequests = price.requests
        }
        if source.kind != .api, source.kind != .directory { price.downloadedBytes = price.fetchedBytes ?? 0 }
        return price
    }

    /// A day's average; where only some recordings of a day are missing, these.
    private func expected(_ average: DayEstimates.Average?, _ known: DaySummary.Source?) -> Int? {
        if let known, known.state == .partial, known.exceptions > 0 { return known.exceptions }
        return average.map { max(0, Int($0.recordings.rounded()) - (known?.published ?? 0)) }
    }

    private func share(of recordings: Int?, _ average: DayEstimates.Average?) -> Double {
        guard let recordings, let average, average.recordings > 0 else { return 1 }
        return min(1, Double(recordings) / average.recordings)
    }

    private func hasChecksum(_ name: String) -> Bool {
        configuration.dialer.sources.contains { source in
            if source.name == name, case .https(let place) = source.access { place.checksumURL != nil } else { false }
        }
    }

    /// The pages of the list; and where something is to be fetched, the call log's and the audio.
    private func apiRequests(day: Double, wanted: Int) -> Int {
        let pages = max(1, Int((day / Double(configuration.api.pageSize)).rounded(.up)))
        guard wanted > 0 else { return pages }
        let perRequest = configuration.api.download == .bulk ? configuration.api.bulkSize : 1
        return pages + pages + (wanted + perRequest - 1) / perRequest
    }
}
