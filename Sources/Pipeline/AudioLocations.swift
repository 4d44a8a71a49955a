package import Recordings
package import Vault

/// Finds the bytes of a digest: in a published bag, in the work folder, or in quarantine.
package struct AudioLocations: Sendable {
    private let vault: Vault
    private let day: Day
    private let audio: PublishedAudio
    private var published: [Digest: [Recording]] = [:]

    /// - Parameter recordings: the day's published rows.
    package init(_ vault: Vault, _ day: Day, published recordings: [Recording]) {
        self.vault = vault
        self.day = day
        published.reserveCapacity(recordings.count)
        audio = PublishedAudio(vault, day)
        for recording in recordings { published[recording.sha256, default: []].append(recording) }
    }

    /// Where the bytes are now, absolute; nil when they are nowhere.
    ///
    /// What is published and intact comes first, so that it stays the same file. The neighbouring days' work folders and
    /// quarantines come last: their archives can deliver recordings of this day. A file in quarantine counts only when it has
    /// been read and has the digest; whoever publishes from it can rely on that.
    ///
    /// - Throws: `Failure` when the system does not tell what is in one of the places.
    package func path(of digest: Digest) throws(Failure) -> String? {
        for recording in published[digest] ?? [] {
            if let path = try audio.file(of: recording) { return path }
        }
        let days = [day, day.advanced(by: -1), day.advanced(by: 1)]
        for place in days {
            let blob = vault.blob(digest, of: place)
            if FileSystem.exists(blob), try isBelieved(blob, digest, of: place) { return blob }
            if place == day, try vault.isInQuarantine(digest, of: place) {
                return vault.quarantineFile(digest, of: place)
            }
        }
        // What a neighbour's archive held back while this day was sealed.
        for neighbour in days.dropFirst() where try vault.isInQuarantine(digest, of: neighbour) {
            return vault.quarantineFile(digest, of: neighbour)
        }
        return nil
    }

    /// Whether a blob is what its name says. It was hashed when it got its name; one that was written to since, as its time
    /// beside that of its folder shows, is read again.
    private func isBelieved(_ blob: String, _ digest: Digest, of day: Day) throws(Failure) -> Bool {
        guard let written = FileSystem.attributes(blob)?.modifiedNanoseconds,
            let named = FileSystem.modified(vault.blobs(day)), written <= named
        else { return try vault.digest(of: blob) == digest }
        return true
    }
}
