package import Recordings

/// The named acts by which a published recording may be missing from the next revision of its day. There are no others: a
/// source that says less, later or nothing takes nothing out.
package enum Removal: Hashable, Sendable {
    /// It is published on another day, on which it started.
    case moved(to: Day)
    /// Somebody took it out by name, with a reason; its bytes are in quarantine.
    case dropped
    /// Its file is gone from the vault and its bytes are nowhere; an exception says so.
    case lost
    /// It was erased for good.
    case erased
    /// It has lived as long as the vault's own retention says.
    case pruned
}

/// One recording with its bytes, as a revision publishes it.
package struct PublishedIdentity: Hashable, Sendable {
    package let recordingID: RecordingID
    package let sha256: Digest

    package init(recordingID: RecordingID, sha256: Digest) {
        self.recordingID = recordingID
        self.sha256 = sha256
    }

    package init(_ recording: Recording) {
        recordingID = recording.recordingID
        sha256 = recording.sha256
    }
}

/// Publication is monotonic: what a revision published is in the next one, with its bytes, unless a named act removes it.
///
/// This is looked at below everything, just before a bag is built, and every act is checked on the disk.
struct Continuity {
    let vault: Vault
    let published: PublishedDay
    let rows: DayRows
    let removals: [PublishedIdentity: Removal]

    /// - Throws: `Failure` with code `corrupt` that names the first recording that would be missing without a reason.
    func check() throws(Failure) {
        let kept = Set(rows.recordings.map { PublishedIdentity($0) })
        let missing = published.recordings.filter { !kept.contains(PublishedIdentity($0)) }
        guard !missing.isEmpty else { return }
        let deliveries = Dictionary(grouping: rows.recordings, by: \.sha256).mapValues { same in
            Set(same.flatMap(\.sources))
        }
        let named = Dictionary(grouping: rows.exceptions.filter { $0.recordingID != nil }, by: \.recordingID)
        for recording in missing {
            // Joined to the recording of the API that it is: the same bytes, and every delivery of it, under one id.
            if deliveries[recording.sha256]?.isSuperset(of: recording.sources) == true { continue }
            let exceptions = named[recording.recordingID]?.filter { $0.sha256 == recording.sha256 } ?? []
            guard try isExplained(recording, exceptions) else { throw refusal(recording, missing.count) }
        }
    }

    private func isExplained(_ recording: Recording, _ exceptions: [Exception]) throws(Failure) -> Bool {
        switch removals[PublishedIdentity(recording)] {
        case .erased, .pruned:
            return true
        case .lost:
            guard !exceptions.isEmpty else { return false }
            return try vault.intactFile(of: recording) == nil
        case .moved(let day):
            guard day != recording.day, let other = try vault.publishedDay(day), !other.isBagMissing else {
                return false
            }
            for row in other.recordings where row.isSameFile(as: recording) {
                if try vault.intactFile(of: row) != nil { return true }
            }
            return false
        case .dropped, nil:
            // Of two with one id, both are kept: one published, the other in quarantine.
            let isDropped = removals[PublishedIdentity(recording)] == .dropped
            guard exceptions.contains(where: { $0.reason == .conflict || isDropped }) else { return false }
            if try vault.isInQuarantine(recording.sha256, of: recording.day) { return true }
            // What was damaged before cannot be kept; that its bytes are gone is named by the exception.
            return try vault.intactFile(of: recording) == nil
        }
    }

    private func refusal(_ recording: Recording, _ count: Int) -> Failure {
        Failure(
            .corrupt,
            "revision \(published.summary.revision + 1) of \(recording.day) would leave out \(count) published "
                + "recordings for no named reason, such as \(recording.recordingID)",
            advice: "This is a defect of dialvault; nothing was published and nothing removed. "
                + "Please report it with the work folder"
        )
    }
}

extension Recording {
    /// Whether both rows are about one file: the same bytes, and the same id or a delivery in common.
    package func isSameFile(as other: Recording) -> Bool {
        sha256 == other.sha256
            && (recordingID == other.recordingID || !Set(sources).isDisjoint(with: other.sources))
    }
}
