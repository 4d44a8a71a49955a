package import ArchiveReader
import Foundation
package import Recordings
package import Vault

/// What is to be unpacked, where to, and how far it may go.
package struct UnpackRequest: Codable, Sendable, Hashable {
    /// The archive file, absolute.
    package var archivePath: String
    /// The archive's name, as rows and messages have it.
    package var archiveName: String
    /// Where the members' bytes go, each under its SHA-256; created when it is missing.
    package var blobsFolder: String
    /// Where the rows go, one ``Member`` a line; on the same file system as the blobs. Replaced when it is there.
    package var rowsPath: String
    package var modes: FileModes
    package var limits = ArchiveLimits()
    /// For encrypted zip entries. A request reaches its worker through a socket and is written nowhere else.
    package var passphrase: String?
    /// The IANA name of the zone of times that formats give without one.
    package var timeZone = "UTC"
    /// How many members of a zip are read at the same time.
    package var lanes = 2
    package var allowsRAR = false
    /// The archive's digest, where it is known already.
    package var archiveSHA256: Digest?
    /// How much memory a worker process may take, in bytes (`RLIMIT_DATA`).
    package var memoryBytes: Int64 = 1 << 30
    /// How much processor time a worker process may take, in seconds (`RLIMIT_CPU`). The default is good for 200 GiB.
    package var cpuSeconds: Int64 = 6 * 3600

    package init(archivePath: String, archiveName: String, blobsFolder: String, rowsPath: String, modes: FileModes) {
        self.archivePath = archivePath
        self.archiveName = archiveName
        self.blobsFolder = blobsFolder
        self.rowsPath = rowsPath
        self.modes = modes
    }

    /// Where files lie until they are whole; removed at the end.
    var incomingFolder: String { rowsPath + ".incoming" }

    var readerOptions: ArchiveReader.Options {
        var options = ArchiveReader.Options()
        options.limits = limits
        options.passphrase = passphrase
        options.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        options.lanes = lanes
        options.allowsRAR = allowsRAR
        options.sha256 = archiveSHA256
        return options
    }
}

/// What became of an archive: the sum of its rows.
package struct UnpackedArchive: Codable, Sendable, Hashable {
    package var archive: String
    package var sha256: Digest
    package var sizeBytes: Int64
    package var state: ArchiveReport.State
    /// Why it is not complete, for people; nil when it is.
    package var detail: String?
    /// What else is worth knowing, for people.
    package var remarks: [String] = []
    /// `tar`, `zip`, `7z` or `cab`; nil when it is none.
    package var format: String?
    /// The compressions around it, from the outside.
    package var filters: [String] = []
    /// Lines in the rows file.
    package var rows = 0
    /// The archive's checksum does not match, or the archive ends before it: any of its recordings may be altered.
    package var crcMismatch = false
    package var unpackedBytes: Int64 = 0
    /// Bytes behind the archive's end.
    package var trailingBytes: Int64 = 0
    /// Archives inside the archive whose members are among the rows, in place of a row of their own.
    package var openedArchives = 0
    /// What the reader saw, counted from the archive's own records, archives in the archive included; nil where the reading
    /// was lost, and in records from before this was written down.
    package var tally: ArchiveTally?
    /// Why encrypted members could not be read; nil when there are none that could not.
    package var encryption: ArchiveReport.Encryption?

    package init(archive: String, sha256: Digest, sizeBytes: Int64, state: ArchiveReport.State, detail: String? = nil) {
        self.archive = archive
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.state = state
        self.detail = detail
    }

    private enum CodingKeys: String, CodingKey {
        case archive, sha256
        case sizeBytes = "size_bytes"
        case state, detail, remarks, format, filters, rows
        case crcMismatch = "crc_mismatch"
        case unpackedBytes = "unpacked_bytes"
        case trailingBytes = "trailing_bytes"
        case openedArchives = "opened_archives"
        case tally, encryption
    }
}
