import Recordings
import Vault

/// What of the published day no part of this run has a word on, so that it stays as it is.
struct CarriedRecordings {
    /// Published rows, each with the deliveries that did not come again.
    let recordings: [Recording]
    private let published: [Recording]
    private let redeliveries: Redeliveries

    init(
        _ published: [Recording],
        fresh: [Recording],
        _ redeliveries: Redeliveries,
        _ movedAway: [Provenance: Day]
    ) {
        self.published = published
        self.redeliveries = redeliveries
        let counting = Set(fresh.lazy.flatMap(\.sources).filter { redeliveries.publishedRow(of: $0) != nil })
        // Where a redelivery does not count, the published row speaks for it.
        let replaced = redeliveries.published(for: counting)
        recordings = published.compactMap { recording in
            var carried = recording
            carried.sources.removeAll { replaced.contains($0) || movedAway[$0] != nil }
            return carried.sources.isEmpty ? nil : carried
        }
    }

    /// Published rows in whose place a source now gives other bytes under the same id: both are kept, one of them in
    /// quarantine.
    func superseded(by current: [Recording]) -> [Recording] {
        guard !published.isEmpty else { return [] }
        let bytes = Dictionary(grouping: current, by: \.recordingID).mapValues { Set($0.map(\.sha256)) }
        let carried = Set(recordings.map(\.recordingID))
        return published.filter { recording in
            guard let now = bytes[recording.recordingID], !carried.contains(recording.recordingID) else { return false }
            return !now.contains(recording.sha256)
        }
    }
}
