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
        for place in Place.allCases {
            if let path = path(of: digest, in: place), FileSystem.exists(path) { return path }
        }
        return nil
    }

    private enum Place: CaseIterable {
        case work, bag, quarantine, workOfTheDayBefore, workOfTheDayAfter
    }

    private func path(of digest: Digest, in place: Place) -> String? {
        switch place {
        case .work: vault.blob(digest, of: day)
        case .bag: published[digest]
        case .quarantine: "\(vault.root)/\(vault.quarantinePath(digest, of: day))"
        case .workOfTheDayBefore: vault.blob(digest, of: day.advanced(by: -1))
        case .workOfTheDayAfter: vault.blob(digest, of: day.advanced(by: 1))
        }
    }
}
