import Foundation
import Recordings

/// Which deliveries of the published day came again in this run, and as what.
///
/// An archive is told by its digest, so the same archive has the same members for ever. What is read of it in another way,
/// with other names for its members, other ids or another start, is the same delivery all the same: the member of the same
/// name with the same bytes, or else, where names are written otherwise now, one with the same bytes.
struct Redeliveries {
    /// The day of each published delivery's present row.
    private var days: [Provenance: Day] = [:]
    /// By present delivery, the row under which it is published, and as which delivery of it.
    private var rows: [Provenance: (row: Recording, delivery: Provenance)] = [:]

    /// By bytes and path, the id under which an archive's member is published.
    private var ids: [MemberContent: RecordingID] = [:]

    /// A path in an archive, with the bytes that it has there.
    private struct MemberContent: Hashable {
        let sha256: Digest
        let path: String
    }

    init(of published: [Recording], in fresh: [Recording]) {
        guard !published.isEmpty, !fresh.isEmpty else { return }
        var present: [Provenance: Recording] = [:]
        for recording in fresh { for delivery in recording.sources { present[delivery] = recording } }
        var unmatched: [(Provenance, Recording)] = []
        for recording in published {
            for delivery in recording.sources {
                if let path = delivery.member, !recording.isFromAPI {
                    ids[MemberContent(sha256: recording.sha256, path: path)] = recording.recordingID
                }
                if let again = present[delivery], delivery.isAPI || again.sha256 == recording.sha256 {
                    note(delivery, recording, again, as: delivery)
                } else if delivery.archiveSHA256 != nil {
                    unmatched.append((delivery, recording))
                }
            }
        }
        if !unmatched.isEmpty { matchRenamed(unmatched, fresh) }
    }

    private mutating func matchRenamed(_ unmatched: [(Provenance, Recording)], _ fresh: [Recording]) {
        let taken = Set(rows.keys)
        var free: [Content: [(Provenance, Recording)]] = [:]
        for recording in fresh {
            for delivery in recording.sources where !taken.contains(delivery) {
                guard let archive = delivery.archiveSHA256 else { continue }
                free[Content(archive: archive, sha256: recording.sha256), default: []].append((delivery, recording))
            }
        }
        for (delivery, recording) in unmatched.sorted(by: { $0.0 < $1.0 }) {
            guard let archive = delivery.archiveSHA256 else { continue }
            let content = Content(archive: archive, sha256: recording.sha256)
            guard var same = free[content], !same.isEmpty else { continue }
            let (again, row) = same.removeFirst()
            free[content] = same
            note(delivery, recording, row, as: again)
        }
    }

    private mutating func note(
        _ delivery: Provenance,
        _ published: Recording,
        _ again: Recording,
        as present: Provenance
    ) {
        days[delivery] = again.day
        rows[present] = (published, delivery)
    }

    /// The bytes of one member of one archive.
    private struct Content: Hashable {
        let archive: Digest
        let sha256: Digest
    }

    /// The id under which the same bytes are published that had the same path in another archive; nil for none.
    func id(ofSame recording: Recording, in delivery: Provenance) -> RecordingID? {
        delivery.member.flatMap { ids[MemberContent(sha256: recording.sha256, path: $0)] }
    }

    /// Whether a published delivery came again.
    func includes(_ delivery: Provenance) -> Bool { days[delivery] != nil }

    /// The day to which a published delivery belongs by what is known of it now; nil when it did not come again.
    func day(of delivery: Provenance) -> Day? { days[delivery] }

    /// The published row of which a delivery of this run is one, with the same bytes where it is an archive's.
    func publishedRow(of delivery: Provenance) -> Recording? { rows[delivery]?.row }

    /// The published deliveries that deliveries of this run are.
    func published(for present: Set<Provenance>) -> Set<Provenance> {
        Set(present.compactMap { rows[$0]?.delivery })
    }
}

extension Provenance {
    var isAPI: Bool {
        if case .api = self { true } else { false }
    }

    /// The archive's digest; nil for the API.
    var archiveSHA256: Digest? {
        if case .archive(_, _, let sha256, _) = self { sha256 } else { nil }
    }

    /// The member's name as its row has it; nil for the API.
    var member: String? {
        if case .archive(_, _, _, let member) = self { member } else { nil }
    }
}

extension Recording {
    var isFromAPI: Bool { sources.contains(where: \.isAPI) }

    /// The same row under another id, with the path that follows from it.
    func renamed(to id: RecordingID) -> Recording {
        var renamed = self
        renamed.recordingID = id
        if let range = path.range(of: "_\(recordingID).", options: .backwards) {
            renamed.path.replaceSubrange(range, with: "_\(id).")
        }
        return renamed
    }
}
