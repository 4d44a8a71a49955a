/// How a call came about, and with it the top folder of a day's tree.
package enum Channel: String, Codable, Hashable, Sendable, CaseIterable {
    /// Automated outbound: predictive or power dialer.
    case dialer
    /// Inbound through a queue.
    case queue
    /// Outbound, started one at a time.
    case clickToCall = "click-to-call"
}

/// What a recording's start was taken from, the most trusted first.
package enum StartOrigin: String, Codable, Hashable, Sendable, CaseIterable {
    case api
    case sidecar
    case filename
    case memberTime = "member-mtime"
    /// Nothing better is known than the archive's day: its local midnight.
    case day
}

/// One audio file with an identity, published once: a line of `manifest.jsonl`.
///
/// Absent values are unknown. Nothing in it depends on when it was archived, so the same inputs give the same line on
/// any machine.
package struct Recording: Hashable, Sendable {
    package var recordingID: RecordingID
    package var startedAt: Timestamp
    package var startedAtFrom: StartOrigin
    /// The local day on which the recording started, in the account's time zone.
    package var day: Day
    package var channel: Channel
    /// Where the audio lies, relative to the bag: `data/<channel>/<HH>/<time>_<id>.<ext>`.
    package var path: String
    package var sha256: Digest
    package var sizeBytes: Int64
    package var audio: AudioFacts
    package var verdict: Verdict
    package var defects: [Defect]
    package var declared: Declared?
    package var call: Call?
    package var agent: Agent?
    package var queue: String?
    package var campaign: String?
    package var leadID: String?
    package var tags: [String]
    /// Everywhere it came from, in the order of ``Provenance``.
    package var sources: [Provenance]

    package init(
        recordingID: RecordingID,
        startedAt: Timestamp,
        startedAtFrom: StartOrigin,
        day: Day,
        channel: Channel,
        path: String,
        sha256: Digest,
        sizeBytes: Int64,
        audio: AudioFacts,
        verdict: Verdict,
        defects: [Defect],
        sources: [Provenance]
    ) {
        self.recordingID = recordingID
        self.startedAt = startedAt
        self.startedAtFrom = startedAtFrom
        self.day = day
        self.channel = channel
        self.path = path
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.audio = audio
        self.verdict = verdict
        self.defects = defects
        self.tags = []
        self.sources = sources
    }
}

extension Recording {
    /// What the source said of the file before anyone looked at it.
    package struct Declared: Codable, Hashable, Sendable {
        package var contentType: String?
        package var durationMs: Int64?
        /// The unit in which the source gave the duration, as the audio itself decided: `ms` or `s`.
        package var durationUnit: DurationUnit?
        package var sizeBytes: Int64?

        package init(
            contentType: String? = nil,
            durationMs: Int64? = nil,
            durationUnit: DurationUnit? = nil,
            sizeBytes: Int64? = nil
        ) {
            self.contentType = contentType
            self.durationMs = durationMs
            self.durationUnit = durationUnit
            self.sizeBytes = sizeBytes
        }

        private enum CodingKeys: String, CodingKey {
            case contentType = "content_type"
            case durationMs = "duration_ms"
            case durationUnit = "duration_unit"
            case sizeBytes = "size_bytes"
        }
    }

    package enum DurationUnit: String, Codable, Hashable, Sendable {
        case milliseconds = "ms"
        case seconds = "s"
    }

    package struct Call: Codable, Hashable, Sendable {
        package var id: String?
        package var conversationID: String?
        package var direction: Direction?
        package var from: String?
        package var to: String?

        package init(
            id: String? = nil,
            conversationID: String? = nil,
            direction: Direction? = nil,
            from: String? = nil,
            to: String? = nil
        ) {
            self.id = id
            self.conversationID = conversationID
            self.direction = direction
            self.from = from
            self.to = to
        }

        private enum CodingKeys: String, CodingKey {
            case id
            case conversationID = "conversation_id"
            case direction, from, to
        }
    }

    package enum Direction: String, Codable, Hashable, Sendable {
        case inbound, outbound
    }

    package struct Agent: Codable, Hashable, Sendable {
        package var id: String?
        package var name: String?
        package var number: String?

        package init(id: String? = nil, name: String? = nil, number: String? = nil) {
            self.id = id
            self.name = name
            self.number = number
        }
    }
}

/// One delivery of a recording.
package enum Provenance: Hashable, Sendable {
    case api(recordingID: RecordingID)
    case archive(source: String, archive: String, sha256: Digest, member: String)

    /// The name under which the day's summary counts this delivery.
    package var sourceName: String {
        switch self {
        case .api: "api"
        case .archive(let source, _, _, _): source
        }
    }
}

extension Provenance: Comparable {
    /// The API first, then archives by source, name, digest and member: the first delivery is the one that counts as
    /// published, the others are its duplicates.
    package static func < (left: Provenance, right: Provenance) -> Bool {
        left.sortKey.lexicographicallyPrecedes(right.sortKey)
    }

    private var sortKey: [String] {
        switch self {
        case .api(let id): ["0", id.text]
        case .archive(let source, let archive, let sha256, let member): ["1", source, archive, sha256.hex, member]
        }
    }
}

extension Recording {
    /// The rows in the order of the manifest's lines: by start, then by id.
    package static func inManifestOrder(_ recordings: [Recording]) -> [Recording] {
        // The keys are sorted and not the rows: a row is large, and sorting copies what it sorts over and over.
        let keys = recordings.indices.map { (recordings[$0].startedAt, recordings[$0].recordingID, $0) }
        return keys.sorted(by: <).map { recordings[$0.2] }
    }
}
