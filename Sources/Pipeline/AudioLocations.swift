package import Recordings
package import Vault

/// Finds the bytes of a digest: in a published bag, in the work folder, or in quarantine.
package struct AudioLocations {
    private let vault: Vault
    private let day: Day
    private let blobs: String
    private let audio: PublishedAudio
    private var published: [Digest: Recording] = [:]

    /// - Parameter recordings: the day's published rows.
    package init(_ vault: Vault, _ day: Day, published recordings: [Recording]) {
        self.vault = vault
        self.day = day
        blobs = vault.blobs(day)
        published.reserveCapacity(recordings.count)
        audio = PublishedAudio(vault, day)
        for recording in recordings { published[recording.sha256] = recording }
    }

    /// Where the bytes lie now, absolute; nil when they are nowhere.
    ///
    /// What is published and intact comes first, so that it stays the same file. The neighbouring days' work folders and
    /// quarantines come last: their archives can deliver recordings of this day.
    package func path(of digest: Digest) -> String? {
        for place in Place.allCases {
            if place == .bag, let recording = published[digest] {
                // What is published counts only while it is what was published.
                if let path = audio.file(of: recording) { return path }
                continue
            }
            if let path = path(of: digest, in: place), FileSystem.exists(path) { return path }
        }
        return nil
    }

    private enum Place: CaseIterable {
        case bag, work, quarantine, workOfTheDayBefore, quarantineOfTheDayBefore, workOfTheDayAfter
        case quarantineOfTheDayAfter
    }

    private func path(of digest: Digest, in place: Place) -> String? {
        switch place {
        case .work: "\(blobs)/\(digest.hex)"
        case .bag: nil
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
