import Foundation
import Recordings

/// Finds what a day published once and has no longer, though no named act took it out: rows of the history that the present
/// manifest does not have, that no exception names and that no neighbouring day has taken in.
///
/// Vaults that a version before 0.2 wrote can have lost recordings in that way.
struct LossInspection {
    private let vault: Vault
    private let day: Day
    /// The present revision: what is published while it is looked at is not older.
    private let revision: Int
    private let manifest: Data
    private let exceptions: Data

    /// - Parameters:
    ///   - revision: the number of the present one.
    ///   - manifest: the present `manifest.jsonl`.
    ///   - exceptions: the present `exceptions.jsonl`.
    init(_ vault: Vault, _ day: Day, revision: Int, manifest: Data, exceptions: Data) {
        self.vault = vault
        self.day = day
        self.revision = revision
        self.manifest = manifest
        self.exceptions = exceptions
    }

    /// The recordings that are in no later revision, each with the last one that had it.
    func findings(kinds: [String: SourceKind]) throws(Failure) -> [AuditFinding] {
        let former = try formerRevisions()
        guard !former.isEmpty else { return [] }
        let present = Index(try JSONLines.decode(HistoricRow.self, from: manifest, origin: BagFile.manifest))
        let named = Set(
            try JSONLines.decode(NamedException.self, from: exceptions, origin: BagFile.exceptions)
                .compactMap(\.identity)
        )
        var lost: [HistoricIdentity: (revision: Int, row: HistoricRow)] = [:]
        for (revision, rows) in former {
            for row in rows where !present.has(row) && !named.contains(row.identity) {
                lost[row.identity] = (revision, row)
            }
        }
        for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] where !lost.isEmpty {
            guard let data = try FileSystem.read("\(vault.bag(neighbour))/\(BagFile.manifest)"),
                let rows = readable({ () throws(Failure) in
                    try JSONLines.decode(HistoricRow.self, from: data, origin: BagFile.manifest)
                })
            else { continue }
            let there = Index(rows)
            lost = lost.filter { !there.has($0.value.row) }
        }
        return lost.values.sorted { ($0.row.path, $0.revision) < ($1.row.path, $1.revision) }
            .map { finding($0.row, $0.revision, kinds) }
    }

    /// The rows of every earlier revision that has not the present manifest. A file of the history that is damaged is a finding of
    /// its own, and left out here.
    private func formerRevisions() throws(Failure) -> [(Int, [HistoricRow])] {
        let digest = Digest(of: manifest)
        var former: [(Int, [HistoricRow])] = []
        for revision in try vault.revisionsInHistory(day) where revision < self.revision {
            let path = vault.history(day, revision: revision)
            let rows = readable { () throws(Failure) -> [HistoricRow]? in
                guard let (summary, _) = try vault.summaryInHistory(day, revision: revision),
                    summary.manifestSHA256 != digest,
                    let files = try vault.revisionFiles(day, revision: revision)
                else { return nil }
                return try JSONLines.decode(HistoricRow.self, from: files.content.manifest, origin: path)
            }
            if let rows { former.append((revision, rows)) }
        }
        return former
    }

    private func readable<Value>(_ read: () throws(Failure) -> Value?) -> Value? {
        do throws(Failure) { return try read() } catch { return nil }
    }

    private func finding(_ row: HistoricRow, _ revision: Int, _ kinds: [String: SourceKind]) -> AuditFinding {
        var finding = AuditFinding(
            .lost,
            day,
            row.path,
            "revision \(revision) published it as \(row.recordingID); no later one has it, and nothing says why"
        )
        finding.expectedSHA256 = row.sha256
        finding.recordingID = row.recordingID
        finding.origins = row.sources.map { delivery in
            AuditFinding.Origin(
                source: delivery.sourceName,
                kind: kinds[delivery.sourceName],
                archive: delivery.archiveName,
                member: delivery.memberName
            )
        }
        return finding
    }

    /// What a set of rows has.
    private struct Index {
        private let identities: Set<HistoricIdentity>
        private let deliveries: [Digest: Set<Provenance>]

        init(_ rows: [HistoricRow]) {
            identities = Set(rows.map(\.identity))
            deliveries = Dictionary(grouping: rows, by: \.sha256).mapValues { Set($0.flatMap(\.sources)) }
        }

        /// The recording itself, or the one to which it was joined: the same bytes, with a delivery in common.
        func has(_ row: HistoricRow) -> Bool {
            identities.contains(row.identity)
                || deliveries[row.sha256].map { !$0.isDisjoint(with: row.sources) } ?? false
        }
    }
}

/// What of a manifest's row tells which recording it is and where it came from.
private struct HistoricRow: Decodable, Sendable {
    let recordingID: RecordingID
    let sha256: Digest
    let path: String
    let sources: [Provenance]

    var identity: HistoricIdentity { HistoricIdentity(recordingID: recordingID, sha256: sha256) }

    private enum CodingKeys: String, CodingKey {
        case recordingID = "recording_id"
        case sha256, path, sources
    }
}

private struct HistoricIdentity: Hashable {
    let recordingID: RecordingID
    let sha256: Digest
}

private struct NamedException: Decodable, Sendable {
    let recordingID: RecordingID?
    let sha256: Digest?

    var identity: HistoricIdentity? {
        guard let recordingID, let sha256 else { return nil }
        return HistoricIdentity(recordingID: recordingID, sha256: sha256)
    }

    private enum CodingKeys: String, CodingKey {
        case recordingID = "recording_id"
        case sha256
    }
}

extension Provenance {
    fileprivate var archiveName: String? {
        if case .archive(_, let archive, _, _) = self { archive } else { nil }
    }

    fileprivate var memberName: String? {
        if case .archive(_, _, _, let member) = self { member } else { nil }
    }
}
