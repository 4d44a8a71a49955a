package import Recordings

/// What became of an archive.
package struct ArchiveReport: Sendable, Hashable {
    package enum State: String, Codable, Sendable, Hashable {
        /// Read from its start to its end, and nothing speaks against there being all of it.
        case complete
        /// Something of it is missing or damaged; what could be had was handed over.
        case partial
        /// Nothing of it can be read.
        case unreadable
    }

    package var state: State
    /// Why it is not complete; nil when it is.
    package var detail: String?
    /// What else is worth knowing, for people: `12 bytes behind its end`, …
    package var remarks: [String]
    /// `tar`, `zip`, `7z` or `cab`; nil when it is none of them.
    package var format: String?
    /// The compressions around it, from the outside: `gzip`, `bzip2`, `xz`, `zstd`, `lz4`, `compress`.
    package var filters: [String]
    package var sizeBytes: Int64
    package var sha256: Digest
    /// Whether it is no archive at all, whole or damaged; its state is then `unreadable`.
    package var isNoArchive: Bool
    /// Entries seen, directories among them.
    package var entries: Int
    package var directories: Int
    package var unpackedBytes: Int64
    /// The archive's checksum does not match, or the archive ends before it: any of its members may be altered. Never set
    /// for formats whose members have checksums of their own.
    package var isSuspect: Bool
    /// Bytes behind the archive's end.
    package var trailingBytes: Int64
    /// Why encrypted entries could not be read; nil when there are none that could not.
    package var encryption: Encryption?

    package enum Encryption: String, Codable, Sendable, Hashable {
        /// They are encrypted, and no passphrase was given.
        case noPassphrase = "no-passphrase"
        /// They do not open with the passphrase that was given.
        case notOpened = "not-opened"
        /// Their format's encryption is not read, whatever the passphrase.
        case notSupported = "not-supported"
    }
}

extension ArchiveReport.Encryption {
    /// In words that follow "it is encrypted".
    var reason: String {
        switch self {
        case .noPassphrase: "and there is no passphrase for it"
        case .notOpened: "and does not open with the passphrase that is given"
        case .notSupported: "in a way that is not read"
        }
    }
}

/// Gathers a report while threads read.
struct Findings: Sendable {
    /// Reasons why the archive is not complete, the first few in words.
    private(set) var damages: [String] = []
    private(set) var damageCount = 0
    private(set) var remarks: [String] = []
    var isUnreadable = false
    var isNoArchive = false
    var isSuspect = false
    var trailingBytes: Int64 = 0
    var entries = 0
    var directories = 0
    var format: String?
    var filters: [String] = []
    var encryption: ArchiveReport.Encryption?

    mutating func damage(_ text: String) {
        damageCount += 1
        if damages.count < 5, !damages.contains(text) { damages.append(text) }
    }

    mutating func remark(_ text: String) {
        if remarks.count < 5, !remarks.contains(text) { remarks.append(text) }
    }

    mutating func unreadable(_ text: String) {
        isUnreadable = true
        damage(text)
    }

    mutating func merge(_ other: Findings) {
        for text in other.damages { damage(text) }
        damageCount += other.damageCount - other.damages.count
        for text in other.remarks { remark(text) }
        isUnreadable = isUnreadable || other.isUnreadable
        isNoArchive = isNoArchive || other.isNoArchive
        isSuspect = isSuspect || other.isSuspect
        trailingBytes += other.trailingBytes
        entries += other.entries
        directories += other.directories
        format = format ?? other.format
        filters += other.filters
        encryption = encryption ?? other.encryption
    }

    func report(sizeBytes: Int64, sha256: Digest, unpackedBytes: Int64) -> ArchiveReport {
        let hidden = damageCount - damages.count
        let detail = damages.joined(separator: "; ") + (hidden > 0 ? "; and \(hidden) more like that" : "")
        return ArchiveReport(
            state: isUnreadable ? .unreadable : damageCount > 0 ? .partial : .complete,
            detail: damageCount > 0 ? detail : nil,
            remarks: remarks,
            format: format,
            filters: filters,
            sizeBytes: sizeBytes,
            sha256: sha256,
            isNoArchive: isNoArchive,
            entries: entries,
            directories: directories,
            unpackedBytes: unpackedBytes,
            isSuspect: isSuspect,
            trailingBytes: trailingBytes,
            encryption: encryption
        )
    }
}
