import Recordings
import Vault

// A day's archives can hold recordings that started on a neighbouring day. When that day is sealed, nothing is published
// there any more: what its bag does not have yet is named on the archive's own day, which is incomplete with it, and its
// bytes are kept. Nothing gets lost; once the neighbour is reopened, the next run publishes it there.
extension MergeStage {
    /// The parts, with an exception in the place of each recording that a sealed neighbour would have to take in.
    ///
    /// - Parameter merged: what the neighbour would be with these recordings.
    func withholding(
        _ parts: [DayPart],
        of day: Day,
        merged: (_ neighbour: Day, _ recordings: [Recording]) throws -> [Recording]
    ) throws -> [DayPart] {
        var late: Set<Provenance> = []
        for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] where try vault.seal(of: neighbour) != nil {
            let moved = parts.flatMap(\.recordings).filter { $0.day == neighbour }
            guard !moved.isEmpty else { continue }
            let published = Set((try vault.publishedDay(neighbour)?.recordings ?? []).map(\.identity))
            // What would only be a further delivery of something that is there is no loss.
            let present = try merged(neighbour, moved).filter { published.contains($0.identity) }.flatMap(\.sources)
            late.formUnion(Set(moved.flatMap(\.sources)).subtracting(present))
        }
        guard !late.isEmpty else { return parts }
        return parts.map { part in
            var part = part
            part.exceptions += part.recordings.filter { !late.isDisjoint(with: $0.sources) }.flatMap {
                $0.exceptions(on: day)
            }
            part.recordings.removeAll { !late.isDisjoint(with: $0.sources) }
            return part
        }
    }
}

/// What makes a published recording the same: its id and its bytes.
private struct PublishedIdentity: Hashable {
    let id: RecordingID
    let sha256: Digest
}

extension Recording {
    fileprivate var identity: PublishedIdentity { PublishedIdentity(id: recordingID, sha256: sha256) }

    /// One for each delivery, as each is a member of an archive.
    fileprivate func exceptions(on archiveDay: Day) -> [Exception] {
        sources.compactMap { delivery in
            guard case .archive(let source, let archive, let archiveSHA256, let member) = delivery else { return nil }
            var exception = Exception(
                day: archiveDay,
                source: source,
                reason: .sealedDay,
                detail:
                    "it started on \(day), which is sealed; to take it in: dialvault run --reopen \(day) \(archiveDay)"
            )
            exception.archive = archive
            exception.archiveSHA256 = archiveSHA256
            exception.member = member
            exception.recordingID = recordingID
            exception.sha256 = sha256
            exception.sizeBytes = sizeBytes
            return exception
        }
    }
}
