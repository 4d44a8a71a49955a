/// A published day in figures: `day.json`.
package struct DaySummary: Codable, Hashable, Sendable {
    /// The name and version of the file's format.
    package static let schema = "dialvault/day/1"

    package var schema = DaySummary.schema
    package var day: Day
    /// The account's IANA time zone.
    package var timezone: String
    /// The day's first moment.
    package var start: Timestamp
    /// The first moment after the day.
    package var end: Timestamp
    /// 1 for the first publication; every change of the day's content makes the next.
    package var revision: Int
    /// Counts publications in the whole vault, from 1.
    package var sequence: Int64
    package var state: State
    package var totals: Totals
    package var sources: [Source]
    package var manifestSHA256: Digest
    package var previousManifestSHA256: Digest?
    package var publishedAt: Timestamp
    package var software: String

    package enum State: String, Codable, Hashable, Sendable {
        /// Every source answered and everything listed is published.
        case complete
        /// Every source answered: there was nothing.
        case empty
        case incomplete
    }

    private enum CodingKeys: String, CodingKey {
        case schema, day, timezone, start, end, revision, sequence, state, totals, sources
        case manifestSHA256 = "manifest_sha256"
        case previousManifestSHA256 = "previous_manifest_sha256"
        case publishedAt = "published_at"
        case software
    }

    package init(
        day: Day,
        timezone: String,
        interval: Range<Timestamp>,
        revision: Int,
        sequence: Int64,
        state: State,
        totals: Totals,
        sources: [Source],
        manifestSHA256: Digest,
        previousManifestSHA256: Digest?,
        publishedAt: Timestamp,
        software: String
    ) {
        self.day = day
        self.timezone = timezone
        self.start = interval.lowerBound
        self.end = interval.upperBound
        self.revision = revision
        self.sequence = sequence
        self.state = state
        self.totals = totals
        self.sources = sources
        self.manifestSHA256 = manifestSHA256
        self.previousManifestSHA256 = previousManifestSHA256
        self.publishedAt = publishedAt
        self.software = software
    }
}

extension DaySummary {
    /// What is in the bag, added up.
    package struct Totals: Codable, Hashable, Sendable {
        package var recordings = 0
        package var verified = 0
        package var degraded = 0
        package var exceptions = 0
        /// Published here, delivered by a neighbouring day's archive; counted there as `moved`.
        package var movedIn = 0
        /// Bytes of audio under `data/`.
        package var sizeBytes: Int64 = 0
        /// Milliseconds of audio, of the recordings whose length is known.
        package var durationMs: Int64 = 0

        package init() {}

        private enum CodingKeys: String, CodingKey {
            case recordings, verified, degraded, exceptions
            case movedIn = "moved_in"
            case sizeBytes = "size_bytes"
            case durationMs = "duration_ms"
        }
    }

    /// One source's part in the day. `members` is the sum of the four counts behind it, always.
    package struct Source: Codable, Hashable, Sendable {
        package var name: String
        package var kind: SourceKind
        package var state: SourceState
        /// Why the state is what it is, where it is not `complete` or `empty`.
        package var detail: String?
        /// When the last of what is missing could be had, where the state is `expired` by the platform's retention.
        package var expiredAt: Timestamp?
        /// What is known of that which can no longer be had.
        package var lost: Loss?
        package var archives: [Archive] = []
        /// Archive entries other than directories and recognised sidecars, or the items that the API lists.
        package var members = 0
        package var published = 0
        package var duplicates = 0
        package var moved = 0
        package var exceptions = 0
        /// Metadata files in the archives that were recognised as such; not among the members.
        package var sidecars = 0

        package init(name: String, kind: SourceKind, state: SourceState) {
            self.name = name
            self.kind = kind
            self.state = state
        }

        private enum CodingKeys: String, CodingKey {
            case name, kind, state, detail
            case expiredAt = "expired_at"
            case lost, archives, members, published, duplicates, moved, exceptions, sidecars
        }
    }

    /// What the call log, which outlives the audio, says of a day that a source had and has no longer.
    package struct Loss: Codable, Hashable, Sendable {
        /// The day's answered calls of the source's kind: the dialer's, or all others.
        package var calls: Int
        /// Recordings of these calls that the log names and that are not archived.
        package var recordings: Int

        package init(calls: Int, recordings: Int) {
            self.calls = calls
            self.recordings = recordings
        }
    }

    package struct Archive: Codable, Hashable, Sendable, Comparable {
        package var name: String
        package var sizeBytes: Int64
        package var sha256: Digest

        package init(name: String, sizeBytes: Int64, sha256: Digest) {
            self.name = name
            self.sizeBytes = sizeBytes
            self.sha256 = sha256
        }

        package static func < (left: Archive, right: Archive) -> Bool {
            (left.name, left.sha256) < (right.name, right.sha256)
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case sizeBytes = "size_bytes"
            case sha256
        }
    }
}

/// Where recordings come from.
package enum SourceKind: String, Codable, Hashable, Sendable, CaseIterable {
    case directory, https, rclone, files, api
}

/// How far a source has delivered a day.
package enum SourceState: String, Codable, Hashable, Sendable, CaseIterable {
    /// It answered, and every recording of it is published or settled.
    case complete
    /// It answered: there is nothing.
    case empty
    /// It answered, and something of it is missing.
    case partial
    /// It answered that the day's archive is not there yet.
    case notReady = "not-ready"
    /// Nobody asked it yet.
    case notAttempted = "not-attempted"
    /// It could not be asked, or what it gave cannot be used.
    case failed
    /// It has deleted what it had.
    case expired
}

extension SourceState {
    /// Whether nothing more is expected of the source.
    package var isSettled: Bool { self == .complete || self == .empty }
}
