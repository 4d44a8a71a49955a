package import Recordings
package import Vault

/// Finds the bytes of a digest: in the work folder, in a published bag, or in quarantine.
package struct AudioLocations {
    private let vault: Vault
    private let day: Day
    private var published: [Digest: String] = [:]

    /// - Parameter recordings: the day's published rows.
    package init(_ vault: Vault, _ day: Day, published recordings: [Recording]) {
        self.vault = vault
        self.day = day
        for recording in recordings {
            published[recording.sha256] = "\(vault.bag(day))/\(recording.path)"
        }
    }

    /// Where the bytes lie now, absolute; nil when they are nowhere.
    ///
    /// The day's own work folder comes first, then those of the neighbouring days, whose archives can deliver
    /// recordings of this day.
    package func path(of digest: Digest) -> String? {
        let candidates =
            [vault.blob(digest, of: day)] + [published[digest]].compactMap(\.self)
            + ["\(vault.root)/\(vault.quarantinePath(digest, of: day))"]
            + [vault.blob(digest, of: day.advanced(by: -1)), vault.blob(digest, of: day.advanced(by: 1))]
        return candidates.first(where: FileSystem.exists)
    }
}
