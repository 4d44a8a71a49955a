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
    /// What the reader saw, to be held against what becomes of the members. Archives in the archive are not in it: who opens
    /// them adds them.
    package var tally: ArchiveTally
    /// How many entries the archive itself says it has (zip, 7z, cab); nil where the format does not say, or it cannot be
    /// told.
    package var statedEntries: Int64?
    /// Whether it is a compressed file that holds no archive, whose content was handed on as its one member
    /// (``ArchiveReader/Options/singleFile``).
    package var isSingleFile: Bool
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

extension ArchiveReport {
    /// Entries seen, directories among them.
    package var entries: Int { tally.entries }
    package var directories: Int { tally.directories }
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
