import Platform
import Recordings

/// Says of every call of a day what became of its recordings. Values in, values out.
///
/// It claims no more than is known. A call has a recording when the call log names one, or when one in the vault is its own;
/// of other calls nobody can say.
struct CoverageAccount {
    let day: Day
    let calls: [CallLogEntry]
    /// The vault's, of the day and, as far as they were read, of its neighbours.
    let recordings: [Recording]
    let exceptions: [Exception]
    /// What the platform lists; nil when it was not asked.
    var listing: Listing?
    let now: Timestamp
    /// From when to when the platform deletes what started on a moment's day.
    let deletion: (Timestamp) -> Range<Timestamp>

    /// The recordings that the call log names and of which only the platform can say what has become.
    var openIDs: [RecordingID] {
        let published = Set(recordings.map(\.recordingID))
        let leftOut = Set(exceptions.filter(\.isOnPurpose).compactMap(\.recordingID))
        return calls.flatMap(\.recordings).filter { !published.contains($0) && !leftOut.contains($0) }
    }

    func rows() -> [CallCoverage] {
        let published = Set(recordings.map(\.recordingID))
        let named = Set(calls.flatMap(\.recordings))
        let matching = CallMatching(
            calls.filter { $0.recordings.isEmpty },
            recordings.filter { !named.contains($0.recordingID) }
        )
        let reasons = Dictionary(exceptions.compactMap { row in row.recordingID.map { ($0, row) } }) { first, second in
            first.isOnPurpose ? first : second
        }
        let listed = Dictionary((listing?.items ?? []).map { ($0.id, $0) }) { first, _ in first }
        return calls.map { call in
            var row = CallCoverage(
                day,
                id: call.id,
                startedAt: call.dateCreated,
                source: call.source,
                recordings: call.recordings
            )
            if let match = matching.matches[call.id] {
                row.state = .archived
                row.matchedBy = match.evidence
                row.recordings = match.recordings
            } else if !call.recordings.isEmpty {
                let fates = call.recordings.map { id in
                    published.contains(id) ? Fate(.archived) : fate(id, of: call, reasons[id], listed[id])
                }
                if let worst = fates.min(by: { $0.rank < $1.rank }) { row.take(worst) }
            }
            return row
        }
    }

    /// What became of one recording.
    struct Fate {
        let state: CallCoverage.State
        var until: Timestamp?
        var detail: String?

        init(_ state: CallCoverage.State, until: Timestamp? = nil, _ detail: String? = nil) {
            self.state = state
            self.until = until
            self.detail = detail
        }

        /// The worst comes first: a call is what its worst recording is.
        var rank: Int {
            switch state {
            case .lost: 0
            case .open: 1
            case .pending: 2
            case .archived: 3
            case .leftOut: 4
            case .unnamed: 5
            }
        }
    }

    private func fate(_ id: RecordingID, of call: CallLogEntry, _ exception: Exception?, _ item: ListedRecording?)
        -> Fate
    {
        if let exception, exception.isOnPurpose { return Fate(.leftOut, exception.detail) }
        let kept = deletion(item?.dateCreated ?? call.dateCreated)
        let until = now < kept.lowerBound ? kept.lowerBound : nil
        switch item?.availability {
        case .stored:
            return Fate(.open, until: until, exception?.detail)
        case .pending(let state):
            return Fate(.pending, until: until, "the platform says: \(state)")
        case .deleted:
            return Fate(.lost, "the platform has deleted it")
        case .failed(let state):
            return Fate(.lost, "the platform says: \(state)")
        case nil: break
        }
        if let exception, exception.reason == .sealedDay { return Fate(.open, exception.detail) }
        guard let listing, listing.isConsistent, !listing.isTruncated else {
            let doubt = "the platform's list could not be read to its end"
            return now < kept.upperBound
                ? Fate(.open, until: until, doubt) : Fate(.lost, "its time is over since \(kept.upperBound)")
        }
        return Fate(.lost, now < kept.lowerBound ? "the platform does not list it" : "the platform lists it no longer")
    }
}

extension Exception {
    /// Whether somebody decided that it is not in the vault.
    fileprivate var isOnPurpose: Bool { reason == .erased || reason == .notSelected }
}

extension CallCoverage {
    fileprivate mutating func take(_ fate: CoverageAccount.Fate) {
        state = fate.state
        until = fate.until
        detail = fate.detail
        if fate.state == .archived { matchedBy = .recordingID }
    }
}
