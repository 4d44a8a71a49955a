extension Recording: Codable {
    /// The name and version of the line's format.
    package static let schema = "dialvault/recording/1"

    private enum CodingKeys: String, CodingKey {
        case agent, audio, call, campaign, channel, day, declared, defects
        case leadID = "lead_id"
        case path, queue
        case recordingID = "recording_id"
        case schema, sha256
        case sizeBytes = "size_bytes"
        case sources
        case startedAt = "started_at"
        case startedAtFrom = "started_at_from"
        case tags, verdict
    }

    package init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        let schema = try row.decode(String.self, forKey: .schema)
        guard schema == Self.schema else {
            throw DecodingError.dataCorruptedError(
                forKey: .schema,
                in: row,
                debugDescription: "expected \(Self.schema), found \(schema)"
            )
        }
        self.init(
            recordingID: try row.decode(RecordingID.self, forKey: .recordingID),
            startedAt: try row.decode(Timestamp.self, forKey: .startedAt),
            startedAtFrom: try row.decode(StartOrigin.self, forKey: .startedAtFrom),
            day: try row.decode(Day.self, forKey: .day),
            channel: try row.decode(Channel.self, forKey: .channel),
            path: try row.decode(String.self, forKey: .path),
            sha256: try row.decode(Digest.self, forKey: .sha256),
            sizeBytes: try row.decode(Int64.self, forKey: .sizeBytes),
            audio: try row.decode(AudioFacts.self, forKey: .audio),
            verdict: try row.decode(Verdict.self, forKey: .verdict),
            defects: try row.decode([Defect].self, forKey: .defects),
            sources: try row.decode([Provenance].self, forKey: .sources)
        )
        declared = try row.decodeIfPresent(Declared.self, forKey: .declared)
        call = try row.decodeIfPresent(Call.self, forKey: .call)
        agent = try row.decodeIfPresent(Agent.self, forKey: .agent)
        queue = try row.decodeIfPresent(String.self, forKey: .queue)
        campaign = try row.decodeIfPresent(String.self, forKey: .campaign)
        leadID = try row.decodeIfPresent(String.self, forKey: .leadID)
        tags = try row.decode([String].self, forKey: .tags)
    }

    package func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encodeIfPresent(agent, forKey: .agent)
        try row.encode(audio, forKey: .audio)
        try row.encodeIfPresent(call, forKey: .call)
        try row.encodeIfPresent(campaign, forKey: .campaign)
        try row.encode(channel, forKey: .channel)
        try row.encode(day, forKey: .day)
        try row.encodeIfPresent(declared, forKey: .declared)
        try row.encode(defects, forKey: .defects)
        try row.encodeIfPresent(leadID, forKey: .leadID)
        try row.encode(path, forKey: .path)
        try row.encodeIfPresent(queue, forKey: .queue)
        try row.encode(recordingID, forKey: .recordingID)
        try row.encode(Self.schema, forKey: .schema)
        try row.encode(sha256, forKey: .sha256)
        try row.encode(sizeBytes, forKey: .sizeBytes)
        try row.encode(sources, forKey: .sources)
        try row.encode(startedAt, forKey: .startedAt)
        try row.encode(startedAtFrom, forKey: .startedAtFrom)
        try row.encode(tags, forKey: .tags)
        try row.encode(verdict, forKey: .verdict)
    }
}

extension Provenance: Codable {
    private enum CodingKeys: String, CodingKey {
        case archive
        case archiveSHA256 = "archive_sha256"
        case kind, member
        case recordingID = "recording_id"
        case source
    }

    private enum Kind: String, Codable {
        case api
        case dialerArchive = "dialer-archive"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        switch try fields.decode(Kind.self, forKey: .kind) {
        case .api:
            self = .api(recordingID: try fields.decode(RecordingID.self, forKey: .recordingID))
        case .dialerArchive:
            self = .archive(
                source: try fields.decode(String.self, forKey: .source),
                archive: try fields.decode(String.self, forKey: .archive),
                sha256: try fields.decode(Digest.self, forKey: .archiveSHA256),
                member: try fields.decode(String.self, forKey: .member)
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .api(let recordingID):
            try fields.encode(Kind.api, forKey: .kind)
            try fields.encode(recordingID, forKey: .recordingID)
        case .archive(let source, let archive, let sha256, let member):
            try fields.encode(archive, forKey: .archive)
            try fields.encode(sha256, forKey: .archiveSHA256)
            try fields.encode(Kind.dialerArchive, forKey: .kind)
            try fields.encode(member, forKey: .member)
            try fields.encode(source, forKey: .source)
        }
    }
}
