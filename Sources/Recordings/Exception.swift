/// Anything seen or expected that is not published, with the reason: a line of `exceptions.jsonl`.
package struct Exception: Hashable, Sendable {
    package var day: Day
    /// The source's name as the day's summary has it.
    package var source: String
    package var reason: Reason
    /// What happened, for people.
    package var detail: String
    /// The archive's name, where it came from one.
    package var archive: String?
    package var archiveSHA256: Digest?
    /// The member's name as it can be shown: escaped, bounded in length.
    package var member: String?
    package var recordingID: RecordingID?
    package var sha256: Digest?
    package var sizeBytes: Int64?
    /// Where the bytes that were received lie, relative to the vault.
    package var quarantinePath: String?

    package init(day: Day, source: String, reason: Reason, detail: String) {
        self.day = day
        self.source = source
        self.reason = reason
        self.detail = detail
    }

    /// The closed list of reasons.
    package enum Reason: String, Codable, Hashable, Sendable, CaseIterable {
        case unreadableArchive = "unreadable-archive"
        case rejectedAudio = "rejected-audio"
        case rejectedMember = "rejected-member"
        case unreadableMember = "unreadable-member"
        case notAudio = "not-audio"
        case unsupportedAudio = "unsupported-audio"
        case notDelivered = "not-delivered"
        case pending
        case unavailable
        case deletedUpstream = "deleted-upstream"
        case notSelected = "not-selected"
        case conflict
        case erased
        case sealedDay = "sealed-day"
    }
}

extension Exception.Reason {
    /// Whether a day with this exception can be complete all the same: nothing that should be there is missing.
    package var isSettled: Bool {
        switch self {
        case .notAudio, .notSelected, .erased: true
        case .unreadableArchive, .rejectedAudio, .rejectedMember, .unreadableMember, .unsupportedAudio, .notDelivered,
            .pending, .unavailable, .deletedUpstream, .conflict, .sealedDay:
            false
        }
    }

    /// Whether it speaks of one member or item, and so counts among its source's members.
    package var concernsMember: Bool { self != .unreadableArchive && self != .notDelivered }

    /// One sentence for the schema and for people.
    package var meaning: String {
        switch self {
        case .unreadableArchive: "The archive cannot be read, from its start or from some point on."
        case .rejectedAudio: "The file does not play, and nothing shows that it is not a recording."
        case .rejectedMember: "The archive's entry is refused: a link, a device, an unsafe name, or over a limit."
        case .unreadableMember: "The archive's entry is damaged or cut; what could be read is in quarantine."
        case .notAudio: "The file is known to be something else: a text, an image, a document, a system's own file."
        case .unsupportedAudio: "The file is audio in a format that is recognised and not read."
        case .notDelivered: "A sidecar, or the platform's own total, lists it, and it did not come."
        case .pending: "The platform has not stored the recording yet; later runs look for it again."
        case .unavailable: "The platform lists the recording and cannot deliver it."
        case .deletedUpstream: "The platform has deleted the recording."
        case .notSelected: "The configuration leaves it out."
        case .conflict: "Another recording with the same id and other bytes is published; this one is in quarantine."
        case .erased: "It was erased on request."
        case .sealedDay:
            "It started on a neighbouring day that is sealed or damaged; it is in quarantine until that takes it in."
        }
    }
}

extension Exception: Codable {
    /// The name and version of the line's format.
    package static let schema = "dialvault/exception/1"

    private enum CodingKeys: String, CodingKey {
        case archive
        case archiveSHA256 = "archive_sha256"
        case day, detail, member
        case quarantinePath = "quarantine_path"
        case reason
        case recordingID = "recording_id"
        case schema, sha256
        case sizeBytes = "size_bytes"
        case source
    }

    package init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            day: try row.decode(Day.self, forKey: .day),
            source: try row.decode(String.self, forKey: .source),
            reason: try row.decode(Reason.self, forKey: .reason),
            detail: try row.decode(String.self, forKey: .detail)
        )
        archive = try row.decodeIfPresent(String.self, forKey: .archive)
        archiveSHA256 = try row.decodeIfPresent(Digest.self, forKey: .archiveSHA256)
        member = try row.decodeIfPresent(String.self, forKey: .member)
        recordingID = try row.decodeIfPresent(RecordingID.self, forKey: .recordingID)
        sha256 = try row.decodeIfPresent(Digest.self, forKey: .sha256)
        sizeBytes = try row.decodeIfPresent(Int64.self, forKey: .sizeBytes)
        quarantinePath = try row.decodeIfPresent(String.self, forKey: .quarantinePath)
    }

    package func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encodeIfPresent(archive, forKey: .archive)
        try row.encodeIfPresent(archiveSHA256, forKey: .archiveSHA256)
        try row.encode(day, forKey: .day)
        try row.encode(detail, forKey: .detail)
        try row.encodeIfPresent(member, forKey: .member)
        try row.encodeIfPresent(quarantinePath, forKey: .quarantinePath)
        try row.encode(reason, forKey: .reason)
        try row.encodeIfPresent(recordingID, forKey: .recordingID)
        try row.encode(Self.schema, forKey: .schema)
        try row.encodeIfPresent(sha256, forKey: .sha256)
        try row.encodeIfPresent(sizeBytes, forKey: .sizeBytes)
        try row.encode(source, forKey: .source)
    }
}
