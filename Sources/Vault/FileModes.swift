/// Who may read what the vault keeps: its owner and group, or its owner alone.
package struct FileModes: Hashable, Sendable, Codable {
    /// The mode of every directory.
    package let directory: UInt32
    /// The mode of what is never written again: published files, blobs, quarantine.
    package let sealed: UInt32
    /// The mode of what is still written: the ledger, work files, locks.
    package let working: UInt32

    package init(groupReadable: Bool) {
        directory = groupReadable ? 0o750 : 0o700
        sealed = groupReadable ? 0o440 : 0o400
        working = groupReadable ? 0o640 : 0o600
    }
}
