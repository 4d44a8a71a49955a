package import Recordings
package import Vault

/// Finds the bytes of a digest: in the work folder, in a published bag, or in quarantine.
package struct AudioLocations {
    private let vault: Vault
    private let day: Day
    private let bag: String
    private let blobs: String
    /// Relative to the bag.
    private var published: [Digest: String] = [:]

    /// - Parameter recordings: the day's published rows.
    package init(_ vault: Vault, _ day: Day, published recordings: [Recording]) {
        self.vault = vault
        self.day = day
        bag = vault.bag(day)
        blobs = vault.blobs(day)
        published.reserveCapacity(recordings.count)
        for recording in recordings { published[recording.sha256] = recording.path }
    }

    /// Where the bytes lie now, absolute; nil when they are nowhere.
    ///
    /// The day's own work folder comes first, then those of the neighbouring days and their quarantine: their archives can
    /// deliver recordings of this day.
    package func path(of digest: Digest) -> String? {
        for place in Place.allCases {
            if let path = path(of: digest, in: place), FileSystem.exists(path) { return path }
        }
        return nil
    }

    private enum Place: CaseIterable {
        case work, bag, quarantine, workOfTheDayBefore, quarantineOfTheDayBefore, workOfTheDayAfter
        case quarantineOfTheDayAfter
    }

    private func path(of digest: Digest, in place: Place) -> String? {
        switch place {
        case .work: "\(blobs)/\(digest.hex)"
        case .bag: published[digest].map { "\(bag)/\($0)" }
        case .quarantine: quarantine(digest, day)
        case .workOfTheDayBefore: vault.blob(digest, of: day.advanced(by: -1))
        case .workOfTheDayAfter: vault.blob(digest, of: day.advanced(by: 1))
        // What a neighbour's archive held back while this day was sealed.
        case .quarantineOfTheDayBefore: quarantine(digest, day.advanced(by: -1))
        case .quarantineOfTheDayAfter: quarantine(digest, day.advanced(by: 1))
        }
    }

    private func quarantine(_ digest: Digest, _ day: Day) -> String {
        "\(vault.root)/\(vault.quarantinePath(digest, of: day))"
    }
}
