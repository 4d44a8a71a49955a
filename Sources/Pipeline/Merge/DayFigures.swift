import Recordings
import Vault

extension DaySummary.State {
    /// What the sources and the exceptions make of the day.
    init(sources: [DaySummary.Source], rows: DayRows) {
        guard sources.allSatisfy(\.state.isSettled), rows.exceptions.allSatisfy(\.reason.isSettled) else {
            self = .incomplete
            return
        }
        let isEmpty = rows.recordings.isEmpty && rows.exceptions.isEmpty && sources.allSatisfy { $0.members == 0 }
        self = isEmpty ? .empty : .complete
    }
}

extension DaySummary.Totals {
    init(_ rows: DayRows) {
        self.init()
        recordings = rows.recordings.count
        exceptions = rows.exceptions.count
        for recording in rows.recordings {
            switch recording.verdict {
            case .verified: verified += 1
            case .degraded, .rejected: degraded += 1
            }
            sizeBytes += recording.sizeBytes
            durationMs += recording.audio.durationMs ?? 0
        }
    }
}

extension DaySummary {
    /// Whether both say the same of the day, apart from when and by which software it was published.
    func hasSameContent(as published: DaySummary) -> Bool {
        var comparable = self
        comparable.revision = published.revision
        comparable.sequence = published.sequence
        comparable.publishedAt = published.publishedAt
        comparable.software = published.software
        comparable.previousManifestSHA256 = published.previousManifestSHA256
        return comparable == published
    }
}
