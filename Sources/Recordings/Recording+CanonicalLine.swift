// The order of the keys is that of `encode(to:)`, sorted. A line with another key, or in another order, is `JSONDecoder`'s.
extension Recording: CanonicalLine {
    static func read(_ reader: inout CanonicalReader) -> Recording? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in try members(&reader, &isFirst) }
    }

    private static func members(
        _ reader: inout CanonicalReader,
        _ isFirst: inout Bool
    ) throws(CanonicalReader.Mismatch) -> Recording? {
        let agent = try reader.member(#""agent":"#, &isFirst) { Agent.read(&$0) }
        guard let audio = try reader.member(#""audio":"#, &isFirst, { AudioFacts.read(&$0) }) else { return nil }
        let call = try reader.member(#""call":"#, &isFirst) { Call.read(&$0) }
        let campaign = try reader.member(#""campaign":"#, &isFirst) { $0.string() }
        guard
            let channel = try reader.member(#""channel":"#, &isFirst, { $0.string().flatMap(Channel.init) }),
            let day = try reader.member(#""day":"#, &isFirst, { $0.string().flatMap { Day($0) } })
        else { return nil }
        let declared = try reader.member(#""declared":"#, &isFirst) { Declared.read(&$0) }
        guard
            let defects = try reader.member(#""defects":"#, &isFirst, { $0.array { Defect.read(&$0) } })
        else { return nil }
        let leadID = try reader.member(#""lead_id":"#, &isFirst) { $0.string() }
        guard let path = try reader.member(#""path":"#, &isFirst, { $0.string() }) else { return nil }
        let queue = try reader.member(#""queue":"#, &isFirst) { $0.string() }
        guard
            let id = try reader.member(#""recording_id":"#, &isFirst, { $0.string().flatMap { RecordingID($0) } }),
            try reader.member(#""schema":"#, &isFirst, { $0.string() }) == schema,
            let sha256 = try reader.member(#""sha256":"#, &isFirst, { $0.string().flatMap { Digest(hex: $0) } }),
            let size = try reader.member(#""size_bytes":"#, &isFirst, { $0.integer() }),
            let sources = try reader.member(#""sources":"#, &isFirst, { $0.array { Provenance.read(&$0) } }),
            let start = try reader.member(
                #""started_at":"#,
                &isFirst,
                { $0.string().flatMap { Timestamp(rfc3339: $0) } }
            ),
            let origin = try reader.member(#""started_at_from":"#, &isFirst, { $0.string().flatMap(StartOrigin.init) }),
            let tags = try reader.member(#""tags":"#, &isFirst, { $0.array { $0.string() } }),
            let verdict = try reader.member(#""verdict":"#, &isFirst, { $0.string().flatMap(Verdict.init) })
        else { return nil }
        var recording = Recording(
            recordingID: id,
            startedAt: start,
            startedAtFrom: origin,
            day: day,
            channel: channel,
            path: path,
            sha256: sha256,
            sizeBytes: size,
            audio: audio,
            verdict: verdict,
            defects: defects,
            sources: sources
        )
        recording.agent = agent
        recording.call = call
        recording.campaign = campaign
        recording.declared = declared
        recording.leadID = leadID
        recording.queue = queue
        recording.tags = tags
        return recording
    }

    func write(to writer: inout CanonicalWriter) {
        writer.object { line in
            if let agent { line.key(#""agent":"#); agent.write(to: &line) }
            line.key(#""audio":"#)
            audio.write(to: &line)
            if let call { line.key(#""call":"#); call.write(to: &line) }
            line.member(#""campaign":"#, campaign)
            line.member(#""channel":"#, channel.rawValue)
            line.member(#""day":"#, day.description)
            if let declared { line.key(#""declared":"#); declared.write(to: &line) }
            line.key(#""defects":"#)
            line.array(defects) { $1.write(to: &$0) }
            line.member(#""lead_id":"#, leadID)
            line.member(#""path":"#, path)
            line.member(#""queue":"#, queue)
            line.member(#""recording_id":"#, recordingID.text)
            line.member(#""schema":"#, Self.schema)
            line.member(#""sha256":"#, sha256.hex)
            line.member(#""size_bytes":"#, sizeBytes)
            line.key(#""sources":"#)
            line.array(sources) { $1.write(to: &$0) }
            line.member(#""started_at":"#, startedAt.description)
            line.member(#""started_at_from":"#, startedAtFrom.rawValue)
            line.key(#""tags":"#)
            line.array(tags) { $0.string($1) }
            line.member(#""verdict":"#, verdict.rawValue)
        }
    }
}

extension Recording.Agent {
    fileprivate static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            var agent = Self()
            agent.id = try reader.member(#""id":"#, &isFirst) { $0.string() }
            agent.name = try reader.member(#""name":"#, &isFirst) { $0.string() }
            agent.number = try reader.member(#""number":"#, &isFirst) { $0.string() }
            return agent
        }
    }

    fileprivate func write(to writer: inout CanonicalWriter) {
        writer.object {
            $0.member(#""id":"#, id)
            $0.member(#""name":"#, name)
            $0.member(#""number":"#, number)
        }
    }
}

extension Recording.Call {
    fileprivate static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            var call = Self()
            call.conversationID = try reader.member(#""conversation_id":"#, &isFirst) { $0.string() }
            call.direction = try reader.member(#""direction":"#, &isFirst) {
                $0.string().flatMap(Recording.Direction.init)
            }
            call.from = try reader.member(#""from":"#, &isFirst) { $0.string() }
            call.id = try reader.member(#""id":"#, &isFirst) { $0.string() }
            call.to = try reader.member(#""to":"#, &isFirst) { $0.string() }
            return call
        }
    }

    fileprivate func write(to writer: inout CanonicalWriter) {
        writer.object {
            $0.member(#""conversation_id":"#, conversationID)
            $0.member(#""direction":"#, direction?.rawValue)
            $0.member(#""from":"#, from)
            $0.member(#""id":"#, id)
            $0.member(#""to":"#, to)
        }
    }
}

extension Recording.Declared {
    fileprivate static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            var declared = Self()
            declared.contentType = try reader.member(#""content_type":"#, &isFirst) { $0.string() }
            declared.durationMs = try reader.member(#""duration_ms":"#, &isFirst) { $0.integer() }
            declared.durationUnit = try reader.member(#""duration_unit":"#, &isFirst) {
                $0.string().flatMap(Recording.DurationUnit.init)
            }
            declared.sizeBytes = try reader.member(#""size_bytes":"#, &isFirst) { $0.integer() }
            return declared
        }
    }

    fileprivate func write(to writer: inout CanonicalWriter) {
        writer.object {
            $0.member(#""content_type":"#, contentType)
            $0.member(#""duration_ms":"#, durationMs)
            $0.member(#""duration_unit":"#, durationUnit?.rawValue)
            $0.member(#""size_bytes":"#, sizeBytes)
        }
    }
}

extension AudioFacts {
    static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            let bitRate = try reader.member(#""bit_rate_bps":"#, &isFirst) { $0.integer() }
            let channels = try reader.member(#""channels":"#, &isFirst) { $0.integer() }
            guard let codec = try reader.member(#""codec":"#, &isFirst, { $0.string() }),
                let container = try reader.member(#""container":"#, &isFirst, { $0.string() })
            else { return nil }
            let duration = try reader.member(#""duration_ms":"#, &isFirst) { $0.integer() }
            let rate = try reader.member(#""sample_rate_hz":"#, &isFirst) { $0.integer() }
            return AudioFacts(
                container: container,
                codec: codec,
                sampleRateHz: rate.map { Int($0) },
                channels: channels.map { Int($0) },
                bitRateBps: bitRate.map { Int($0) },
                durationMs: duration
            )
        }
    }

    func write(to writer: inout CanonicalWriter) {
        writer.object {
            $0.member(#""bit_rate_bps":"#, bitRateBps.map(Int64.init))
            $0.member(#""channels":"#, channels.map(Int64.init))
            $0.member(#""codec":"#, codec)
            $0.member(#""container":"#, container)
            $0.member(#""duration_ms":"#, durationMs)
            $0.member(#""sample_rate_hz":"#, sampleRateHz.map(Int64.init))
        }
    }
}

extension Defect {
    static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            guard let code = try reader.member(#""code":"#, &isFirst, { $0.string().flatMap(DefectCode.init) }),
                let detail = try reader.member(#""detail":"#, &isFirst, { $0.string() })
            else { return nil }
            return Defect(code, detail)
        }
    }

    func write(to writer: inout CanonicalWriter) {
        writer.object {
            $0.member(#""code":"#, code.rawValue)
            $0.member(#""detail":"#, detail)
        }
    }
}

extension Provenance {
    fileprivate static func read(_ reader: inout CanonicalReader) -> Self? {
        reader.object { (reader, isFirst) throws(CanonicalReader.Mismatch) in
            if reader.skip(#""kind":"api","recording_id":"#) {
                return reader.string().flatMap { RecordingID($0) }.map { .api(recordingID: $0) }
            }
            guard
                let archive = try reader.member(#""archive":"#, &isFirst, { $0.string() }),
                let sha256 = try reader.member(
                    #""archive_sha256":"#,
                    &isFirst,
                    { $0.string().flatMap { Digest(hex: $0) } }
                ),
                try reader.member(#""kind":"#, &isFirst, { $0.string() }) == "dialer-archive",
                let member = try reader.member(#""member":"#, &isFirst, { $0.string() }),
                let source = try reader.member(#""source":"#, &isFirst, { $0.string() })
            else { return nil }
            return .archive(source: source, archive: archive, sha256: sha256, member: member)
        }
    }

    fileprivate func write(to writer: inout CanonicalWriter) {
        writer.object {
            switch self {
            case .api(let recordingID):
                $0.member(#""kind":"#, "api")
                $0.member(#""recording_id":"#, recordingID.text)
            case .archive(let source, let archive, let sha256, let member):
                $0.member(#""archive":"#, archive)
                $0.member(#""archive_sha256":"#, sha256.hex)
                $0.member(#""kind":"#, "dialer-archive")
                $0.member(#""member":"#, member)
                $0.member(#""source":"#, source)
            }
        }
    }
}
