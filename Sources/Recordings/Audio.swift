/// What a file says of itself: measured from its bytes, never from its name.
package struct AudioFacts: Codable, Hashable, Sendable {
    /// Bits a second of the audio frames, without tags and headers; the mean where the rate varies.
    package var bitRateBps: Int?
    package var channels: Int?
    /// The coding, in FFmpeg's words: `mp3`, `pcm_s16le`, `pcm_alaw`, `opus`, …
    package var codec: String
    /// The wrapping, and with it the file's extension: `mp3`, `wav`, `ogg`, `flac`, `m4a`, `aac`, `aiff`, …
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
    /// What a file is, as far as that settles whether a recording may be missing.
    ///
    /// Only ``notAudio`` and ``systemFile`` are known not to be recordings. Everything else that does not play may be one.
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// It plays, whole or with defects.
        case audio
        /// A format that is read, and nothing in the file plays: a header without audio, an impossible header.
        case brokenAudio = "broken-audio"
        /// Audio, or a container of audio, in a format that is recognised and not read.
        case unsupportedAudio = "unsupported-audio"
        /// Known to be something else: a text, an image, a document, a program.
        case notAudio = "not-audio"
        /// What an operating system leaves beside other files, whatever the name ends in: AppleDouble, `.DS_Store`.
        case systemFile = "system-file"
        /// An archive, or data that is compressed, encrypted or in base64: what it holds is known only to who opens it.
        case archive
        /// Nothing that is known, an empty file and one of zeros included.
        case unrecognised
    }

    /// What plays; nil when nothing does.
    package var audio: AudioFacts?
    /// What the file is when nothing in it plays, in a few words: `an HTML page`, `empty`, …
    package var recognisedAs: String?
    package var defects: [Defect]
    /// What was found of a file that does not play; nil when it plays, and in rows from before this was recorded.
    private var unplayableKind: Kind?

    /// - Parameter kind: what a file is that does not play; without it, it counts as not recognised.
    package init(
        audio: AudioFacts?,
        recognisedAs: String? = nil,
        defects: [Defect] = [],
        kind: Kind? = nil
    ) {
        self.audio = audio
        self.recognisedAs = recognisedAs
        self.defects = defects
        unplayableKind = audio == nil ? kind : nil
    }

    /// What the file is. A row that does not say is not recognised: what is not understood is never the settled case.
    package var kind: Kind { audio != nil ? .audio : unplayableKind ?? .unrecognised }

    /// Whether the file is known not to be a recording, so that it leaves nothing open.
    ///
    /// - Parameter isNamedAsAudio: whether its name promises audio. An error page in place of a recording settles nothing;
    ///   what a system leaves beside a recording has the recording's name and does.
    package func isKnownNotToBeRecording(isNamedAsAudio: Bool) -> Bool {
        switch kind {
        case .systemFile: true
        case .notAudio: !isNamedAsAudio
        case .audio, .brokenAudio, .unsupportedAudio, .archive, .unrecognised: false
        }
    }

    /// ``kind`` as rows hold it: absent when the file plays or the row is from before it was recorded.
    var recordedKind: Kind? { unplayableKind }

    package var verdict: Verdict {
        guard audio != nil else { return .rejected }
        return defects.isEmpty ? .verified : .degraded
    }

    private enum CodingKeys: String, CodingKey {
        case audio
        case recognisedAs = "recognised_as"
        case defects
        case unplayableKind = "kind"
    }
}
