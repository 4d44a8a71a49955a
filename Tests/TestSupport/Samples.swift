package import Recordings

/// Rows to be varied in tests.
package enum Samples {
    package static let day = sample(Day("2018-04-05"))

    /// A digest that nothing has, different for every `seed`.
    package static func digest(_ seed: UInt8) -> Digest {
        Digest(bytes: [UInt8](repeating: seed, count: 32))
    }

    package static func id(_ text: String) -> RecordingID { sample(RecordingID(text)) }

    package static func time(_ text: String) -> Timestamp { sample(Timestamp(rfc3339: text)) }

    /// A whole MP3 of five seconds.
    package static func recording(
        _ id: String,
        _ bytes: Digest,
        at start: String = "2018-04-05T08:11:09Z",
        from origin: StartOrigin = .api,
        sources: [Provenance]? = nil,
        day: Day = day
    ) -> Recording {
        let recordingID = self.id(id)
        let channel: Channel = sources == nil ? .queue : .dialer
        let startedAt = time(start)
        return Recording(
            recordingID: recordingID,
            startedAt: startedAt,
            startedAtFrom: origin,
            day: day,
            channel: channel,
            path: "data/\(channel.rawValue)/10/\(startedAt.compactDescription)_\(recordingID).mp3",
            sha256: bytes,
            sizeBytes: 15_000,
            audio: AudioFacts(
                container: "mp3",
                codec: "mp3",
                sampleRateHz: 8000,
                channels: 1,
                bitRateBps: 24_000,
                durationMs: 5000
            ),
            verdict: .verified,
            defects: [],
            sources: sources ?? [.api(recordingID: recordingID)]
        )
    }

    /// A delivery by an archive.
    package static func delivery(_ member: String, archive seed: UInt8, source: String = "outbound") -> Provenance {
        .archive(source: source, archive: "\(source).tar.gz", sha256: digest(seed), member: member)
    }

    private static func sample<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a sample is written wrongly") }
        return value
    }
}
