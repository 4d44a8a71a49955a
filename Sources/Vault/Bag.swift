package import Foundation
package import Recordings

/// The names of a bag's files beside its audio.
package enum BagFile {
    package static let declaration = "bagit.txt"
    package static let info = "bag-info.txt"
    package static let payloadManifest = "manifest-sha256.txt"
    package static let tagManifest = "tagmanifest-sha256.txt"
    package static let summary = "day.json"
    package static let manifest = "manifest.jsonl"
    package static let exceptions = "exceptions.jsonl"

    /// Every one of them; beside `data` a bag has nothing else.
    static let all = [declaration, info, payloadManifest, tagManifest, summary, manifest, exceptions]
}

/// The rows of a day as the bytes that stand in its bag.
package struct DayRows: Sendable {
    package let recordings: [Recording]
    package let exceptions: [Exception]
    package let manifest: Data
    package let manifestSHA256: Digest
    let exceptionLines: Data

    /// Puts the rows in their order: recordings by start and id, exceptions by their line.
    package init(recordings: [Recording], exceptions: [Exception]) throws {
        self.recordings = Recording.inManifestOrder(recordings)
        manifest = try JSONLines.encode(self.recordings)
        manifestSHA256 = Digest(of: manifest)
        let lines = try exceptions.map { (exception: $0, line: try JSONLines.line($0)) }
            .sorted { $0.line.lexicographicallyPrecedes($1.line) }
        self.exceptions = lines.map(\.exception)
        exceptionLines = Data(lines.map(\.line).joined())
    }
}

/// The tag files of a BagIt 1.0 bag (RFC 8493) that holds one day.
struct Bag {
    let summary: DaySummary
    let rows: DayRows
    /// What the history keeps of it.
    let revisionFiles: RevisionFiles
    /// Every tag file's name and content; the tag manifest covers all the others (RFC 8493, section 2.2.1).
    let tagFiles: [(name: String, content: Data)]

    init(summary: DaySummary, rows: DayRows) throws {
        self.summary = summary
        self.rows = rows
        revisionFiles = RevisionFiles(
            summary: try JSONLines.line(summary),
            manifest: rows.manifest,
            exceptions: rows.exceptionLines
        )
        tagFiles = Self.tagFiles(summary, revisionFiles, rows.recordings)
    }

    /// The tag files that follow from a revision.
    static func tagFiles(
        _ summary: DaySummary,
        _ revision: RevisionFiles,
        _ recordings: [Recording]
    ) -> [(name: String, content: Data)] {
        let files = [
            (BagFile.info, Data(info(summary, recordings.count).utf8)),
            (BagFile.declaration, Data("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".utf8)),
            (BagFile.summary, revision.summary),
            (BagFile.exceptions, revision.exceptions),
            (BagFile.payloadManifest, Data(payloadManifest(recordings).utf8)),
            (BagFile.manifest, revision.manifest),
        ]
        let tagManifest = files.map { "\(Digest(of: $0.1))  \($0.0)\n" }.joined()
        return files + [(BagFile.tagManifest, Data(tagManifest.utf8))]
    }

    /// RFC 8493, section 2.2.2.
    private static func info(_ summary: DaySummary, _ files: Int) -> String {
        """
        Bag-Software-Agent: \(summary.software)
        Bagging-Date: \(summary.publishedAt.description.prefix(10))
        External-Identifier: \(summary.day) revision \(summary.revision)
        Payload-Oxum: \(summary.totals.sizeBytes).\(files)

        """
    }

    /// RFC 8493, section 2.1.3; sorted by path. No path that Dialvault makes needs its escapes.
    private static func payloadManifest(_ recordings: [Recording]) -> String {
        recordings.map { ($0.path, $0.sha256) }.sorted { $0.0 < $1.0 }.map { "\($0.1)  \($0.0)\n" }.joined()
    }
}
