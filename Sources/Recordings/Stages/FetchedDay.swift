/// What the fetch stage leaves to the unpack stage: where each source's archives of the day lie.
package struct FetchedDay: Codable, Hashable, Sendable {
    package var day: Day
    package var sources: [FetchedSource]

    package init(day: Day, sources: [FetchedSource]) {
        self.day = day
        self.sources = sources
    }
}

/// One archive source's answer for one day.
package struct FetchedSource: Codable, Hashable, Sendable {
    package var name: String
    package var kind: SourceKind
    /// `complete` when the archives are there; never `partial`, which only reading them can tell.
    package var state: SourceState
    /// Why the source gave nothing, when it did not.
    package var failure: Failure?
    /// When the platform's retention ended, where that is why the state is `expired`.
    package var expiredAt: Timestamp?
    package var archives: [FetchedArchive]

    package init(
        name: String,
        kind: SourceKind,
        state: SourceState,
        failure: Failure? = nil,
        archives: [FetchedArchive] = []
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.failure = failure
        self.archives = archives
    }
}

/// One archive as a file that can be read.
package struct FetchedArchive: Codable, Hashable, Sendable {
    /// The archive's name at its source; data, never part of a path.
    package var name: String
    /// The file that holds it, absolute.
    package var path: String
    package var sizeBytes: Int64
    /// Changes when the archive does: size and time of last change of a file, the validator of a download.
    package var fingerprint: String
    /// Of the whole file, where it was taken while the file was received.
    package var sha256: Digest?

    package init(name: String, path: String, sizeBytes: Int64, fingerprint: String, sha256: Digest? = nil) {
        self.name = name
        self.path = path
        self.sizeBytes = sizeBytes
        self.fingerprint = fingerprint
        self.sha256 = sha256
    }
}
