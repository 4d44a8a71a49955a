import ArchiveReader
import Foundation
package import Recordings
import Synchronization
import Vault

/// Unpacks one archive in this process.
///
/// One pass: every regular member goes through SHA-256 and the audio probe into `<blobs>/<sha256>` as its bytes come, and
/// becomes a row. No name in the archive is ever part of a path. Doing it again gives the same files and rows.
package struct ArchiveUnpacker: Sendable {
    private let request: UnpackRequest
    private let counters = UnpackCounters()

    package init(_ request: UnpackRequest) { self.request = request }

    /// How far it is: from any thread, at any time.
    package var progress: UnpackProgress {
        UnpackProgress(
            readBytes: counters.reading.bytesRead.load(ordering: .relaxed),
            unpackedBytes: counters.unpackedBytes.load(ordering: .relaxed),
            members: counters.members.load(ordering: .relaxed),
            activity: counters.reading.activity.load(ordering: .relaxed)
        )
    }

    /// - Throws: `Failure` when the disk is full, or the system refuses to read or write: it is not the archive's fault.
    package func run() throws(Failure) -> UnpackedArchive {
        try FileSystem.createFolders(FileSystem.folder(of: request.rowsPath), mode: request.modes.directory)
        let folders = try BlobFolders(request)
        let rows = try RowFile(request.rowsPath, mode: request.modes.working)
        let fingerprint = Fingerprint(isTakenAlong: true)
        let sink = UnpackSink(request, rows: rows, folders: folders, progress: counters, fingerprint: fingerprint)
        var options = request.readerOptions
        options.fingerprint = fingerprint
        let report = try ArchiveReader(options, progress: counters.reading).read(
            request.archivePath,
            into: sink
        )
        try rows.sort()
        try FileSystem.removeTree(request.incomingFolder)
        return summary(report, sink.nestedFindings, rows: rows.count)
    }

    private func summary(_ report: ArchiveReport, _ nested: UnpackSink.Nested, rows: Int) -> UnpackedArchive {
        var archive = UnpackedArchive(
            archive: request.archiveName,
            sha256: report.sha256,
            sizeBytes: report.sizeBytes,
            state: report.state,
            detail: report.detail
        )
        if !nested.damages.isEmpty {
            if archive.state == .complete { archive.state = .partial }
            let parts = [report.detail].compactMap(\.self) + nested.damages
            archive.detail = parts.joined(separator: "; ")
        }
        archive.remarks = report.remarks
        archive.format = report.format
        archive.filters = report.filters
        archive.rows = rows
        archive.crcMismatch = report.isSuspect || nested.isSuspect
        archive.unpackedBytes = report.unpackedBytes
        archive.trailingBytes = report.trailingBytes
        archive.openedArchives = nested.opened
        // New field of UnpackedArchive: ArchiveTally?
        var tally = report.tally
        tally.add(nested.tally)
        archive.tally = tally
        archive.encryption = report.encryption ?? nested.encryption
        return archive
    }
}

/// How far the unpacking of an archive is.
package struct UnpackProgress: Codable, Sendable, Hashable {
    /// Bytes of the archive that were read.
    package var readBytes: Int64
    package var unpackedBytes: Int64
    /// Members that are done, those of archives in the archive included.
    package var members: Int
    /// Grows as long as anything goes on.
    package var activity: Int64
}

extension FileSystem {
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
