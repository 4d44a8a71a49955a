import Recordings

/// What a day of each source holds, by the days that were archived last. Values in, values out.
struct DayEstimates {
    /// What one source's day holds on average.
    struct Average {
        var recordings = 0.0
        var archives = 0.0
        /// Bytes of the archives as they are fetched; of the API, of its audio.
        var fetchedBytes = 0.0
        /// Bytes of audio, as it is kept.
        var keptBytes = 0.0
    }

    private var averages: [String: Average] = [:]
    /// How many days the figures come from.
    private(set) var days = 0

    /// - Parameter limit: how many days of each source are looked at, the last ones.
    init(_ published: [Day: DaySummary], sources: [ConfiguredSource], limit: Int) {
        let latest = published.values.sorted { $0.day > $1.day }
        for source in sources {
            let settled = latest.filter { summary in
                summary.sources.contains { $0.name == source.name && $0.state.isSettled }
            }.prefix(limit)
            guard !settled.isEmpty else { continue }
            days = max(days, settled.count)
            var sum = Average()
            for summary in settled {
                for part in summary.sources where part.name == source.name { sum.add(part, of: summary.totals) }
            }
            averages[source.name] = sum.divided(by: Double(settled.count))
        }
    }

    subscript(name: String) -> Average? { averages[name] }
}

extension DayEstimates.Average {
    /// A day's totals are of all its sources; a recording of any of them is taken to be as large as the others.
    fileprivate mutating func add(_ part: DaySummary.Source, of totals: DaySummary.Totals) {
        let size = totals.recordings == 0 ? 0 : Double(totals.sizeBytes) / Double(totals.recordings)
        let audio = size * Double(part.published)
        recordings += Double(part.published)
        archives += Double(part.archives.count)
        keptBytes += audio
        fetchedBytes += part.kind == .api ? audio : part.archives.reduce(0) { $0 + Double($1.sizeBytes) }
    }

    fileprivate func divided(by count: Double) -> Self {
        Self(
            recordings: recordings / count,
            archives: archives / count,
            fetchedBytes: fetchedBytes / count,
            keptBytes: keptBytes / count
        )
    }
}
