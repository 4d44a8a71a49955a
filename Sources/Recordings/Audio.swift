/// What a file says of itself: measured from its bytes, never from its name.
package struct AudioFacts: Codable, Hashable, Sendable {
    /// Bits a second of the audio frames, without tags and headers; the mean where the rate varies.
    package var bitRateBps: Int?
    package var channels: Int?
    /// The coding, in FFmpeg's words: `mp3`, `pcm_s16le`, `pcm_alaw`, `opus`, …
    package var codec: String
    /// The wrapping, and with it the file's extension: `mp3`, `wav`, `ogg`, `flac`, `m4a`, `amr`, `au`.
    package var container: String
    /// What a decoder plays, in milliseconds, rounded half up; nil when only decoding would tell.
    package var durationMs: Int64?
    package var sampleRateHz: Int?

    package init(
        container: String,
        codec: String,
        sampleRateHz: Int? = nil,
        channels: Int? = nil,
        bitRateBps: Int? = nil,
        durationMs: Int64? = nil
    ) {
        self.container = container
        self.codec = codec
        self.sampleRateHz = sampleRateHz
        self.channels = channels
        self.bitRateBps = bitRateBps
        self.durationMs = durationMs
    }

    private enum CodingKeys: String, CodingKey {
        case bitRateBps = "bit_rate_bps"
        case channels, codec, container
        case durationMs = "duration_ms"
        case sampleRateHz = "sample_rate_hz"
    }
}

/// Something wrong with a recording that still plays.
package struct Defect: Codable, Hashable, Sendable {
    package var code: DefectCode
    /// Where and how much, for people: `last frame has 81 of 216 bytes`.
    package var detail: String

    package init(_ code: DefectCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// How far a recording can be trusted.
package enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// The audio is whole and agrees with what was declared.
    case verified
    /// It plays, with named defects.
    case degraded
    /// It is not playable audio.
    case rejected
}

/// What the probe found in one file.
package struct AudioFindings: Codable, Hashable, Sendable {
    /// What plays; nil when nothing does.
    package var audio: AudioFacts?
    /// What the file is when it is no audio at all, in a few words for people: `an HTML page`, `empty`, …
    package var recognisedAs: String?
    package var defects: [Defect]

    package init(audio: AudioFacts?, recognisedAs: String? = nil, defects: [Defect] = []) {
        self.audio = audio
        self.recognisedAs = recognisedAs
        self.defects = defects
    }

    package var verdict: Verdict {
        guard audio != nil else { return .rejected }
        return defects.isEmpty ? .verified : .degraded
    }

    private enum CodingKeys: String, CodingKey {
        case audio
        case recognisedAs = "recognised_as"
        case defects
    }
}
