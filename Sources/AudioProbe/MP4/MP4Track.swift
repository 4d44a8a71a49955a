/// One track of an MP4 file, as far as its boxes have been read (ISO/IEC 14496-12).
struct MP4Track: Sendable {
    /// `soun`, `vide`, …
    var handler = ""
    var timescale: Int = 0
    /// In units of ``timescale``; 0 where fragments hold the audio.
    var duration: Int64 = 0
    /// What an edit list leaves of it: from where, and how much in units of the movie's time scale.
    var edit: (mediaTime: Int64, movieDuration: Int64)?
    /// Whether the track plays as it is, or one stretch of it: then the movie's header repeats its length.
    private(set) var hasPlainEdits = true
    /// Samples and their length together, by the table of times; nil where that is longer than what was read of it.
    private var timed: (samples: Int64, duration: Double)?
    /// Samples by the table of sizes.
    private var sizedSamples: Int64?
    var codec: String?
    var channels: Int?
    var sampleRate: Int?

    /// `mdhd`, sections 8.4.2.2 and 8.4.2.3.
    mutating func readMediaHeader(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 20, let version = bytes.first else { return }
        if version == 1, bytes.count >= 32 {
            timescale = Int(bytes.bigEndian32(at: 20))
            duration = Int64(truncatingIfNeeded: bytes.bigEndian64(at: 24))
        } else {
            timescale = Int(bytes.bigEndian32(at: 12))
            duration = Int64(bytes.bigEndian32(at: 16))
            if duration == 0xFFFF_FFFF { duration = 0 }
        }
        if duration < 0 { duration = 0 }
    }

    /// `hdlr`, section 8.4.3.
    mutating func readHandler(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 12 else { return }
        handler = String(decoding: bytes[8..<12], as: UTF8.self)
    }

    /// `elst`, section 8.6.6: the first entry that shows media, where there is but one.
    mutating func readEdits(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8 else { return }
        let isLong = bytes[0] == 1
        let entryLength = isLong ? 20 : 12
        let count = Int(bytes.bigEndian32(at: 4))
        hasPlainEdits = count == 1
        for entry in 0..<min(count, 2) {
            let place = 8 + entry * entryLength
            guard place + entryLength <= bytes.count else { return }
            let duration = isLong ? bytes.bigEndian64(at: place) : UInt64(bytes.bigEndian32(at: place))
            let time =
                isLong
                ? Int64(bitPattern: bytes.bigEndian64(at: place + 8))
                : Int64(Int32(bitPattern: bytes.bigEndian32(at: place + 4)))
            if time < 0 { hasPlainEdits = false }
            if time >= 0, duration < 1 << 48 { edit = (time, Int64(duration)) }
        }
    }

    /// `stts`, section 8.6.1.2: how many samples last how long.
    mutating func readTimes(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8 else { return }
        let count = Int(bytes.bigEndian32(at: 4))
        guard count <= (bytes.count - 8) / 8 else { return }
        timed = (0..<count).reduce((0, 0)) { sum, entry in
            let samples = bytes.bigEndian32(at: 8 + entry * 8)
            let each = bytes.bigEndian32(at: 12 + entry * 8)
            return (sum.samples + Int64(samples), sum.duration + Double(samples) * Double(each))
        }
    }

    /// `stsz` and `stz2`, section 8.7.3: the count stands at the same place in both.
    mutating func readSizes(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 12 else { return }
        sizedSamples = Int64(bytes.bigEndian32(at: 8))
    }

    /// `stsd`, section 8.5.2, and the audio sample entry, section 12.2.3.
    mutating func readSampleDescription(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 44 else { return }
        let name = String(decoding: bytes[12..<16], as: UTF8.self)
        channels = Int(bytes.bigEndian16(at: 32))
        sampleRate = Int(bytes.bigEndian32(at: 40) >> 16)
        codec =
            switch name {
            case "mp4a": Self.objectCodec(bytes)
            case "samr": "amr_nb"
            case "sawb": "amr_wb"
            case "Opus": "opus"
            case "fLaC": "flac"
            case "ulaw": "pcm_mulaw"
            case "alaw": "pcm_alaw"
            case "sowt": "pcm_s16le"
            case "twos": "pcm_s16be"
            case "ac-3": "ac3"
            case ".mp3": "mp3"
            case "ms\0\u{02}": "adpcm_ms"
            case "ms\0\u{11}": "adpcm_ima_wav"
            default: name.trimmingTrailingSpaces
            }
        isKnownCoding = Self.codings.contains(name)
    }

    /// Whether samples are not coded, so that zero is silence.
    var isUncoded: Bool {
        guard let codec else { return false }
        return codec.hasPrefix("pcm_") || Self.uncoded.contains(codec)
    }

    private static let uncoded: Set<String> = [
        "raw", "NONE", "lpcm", "ipcm", "fpcm", "in24", "in32", "fl32", "fl64",
    ]

    /// Whether the sample description is of a kind that is registered for sound.
    private(set) var isKnownCoding = true
    /// Registered sample entries (MP4 registration authority), and those of QuickTime.
    private static let codings: Set<String> = [
        "mp4a", "m4ae", "alac", "samr", "sawb", "sawp", "sevc", "sqcp", "ssmv", "Opus", "fLaC", "ulaw", "alaw", "sowt",
        "twos", "raw ", "NONE", "lpcm", "ipcm", "fpcm", "in24", "in32", "fl32", "fl64", "ima4", "agsm", "ac-3", "ac-4",
        "ec-3", ".mp3", "g719", "g726", "dtsc", "dtse", "dtsh", "dtsl", "dtsx", "dtsy", "mha1", "mha2", "mhm1", "mhm2",
        "mlpa", "dra1", "enca", "QDM2", "QDMC", "MAC3", "MAC6", "ms\0\u{02}", "ms\0\u{11}", "ms\0U",
    ]

    /// Where the headers that repeat a length contradict one another by more than a length may be off: a second, or one in
    /// a hundred.
    func contradiction(movie: (timescale: Int, duration: Int64)?) -> String? {
        if let timed, let sizedSamples, timed.samples != sizedSamples {
            return "the index gives times to \(timed.samples) samples and sizes to \(sizedSamples)"
        }
        guard timescale > 0, duration > 0 else { return nil }
        let rate = Double(timescale)
        if let timed, Self.differ(timed.duration / rate, Double(duration) / rate) {
            return "the track's header and the times of its samples give different lengths"
        }
        guard let movie, movie.timescale > 0, hasPlainEdits,
            let played = durationMs(movieTimescale: movie.timescale)
        else { return nil }
        // An encoder's edits leave out what it put in front and behind: parts of a second. The two other lengths are in the
        // same unit, so a wrong unit shows in neither.
        if Self.differ(Double(played) / 1000, Double(duration) / rate) {
            return "the edit list plays \(played) of \(milliseconds(samples: duration, rate: timescale)) ms"
        }
        guard movie.duration > 0, Self.differ(Double(movie.duration) / Double(movie.timescale), Double(played) / 1000)
        else { return nil }
        return "the movie's header and its only track's give different lengths"
    }

    private static func differ(_ one: Double, _ other: Double) -> Bool { abs(one - other) > max(1, other / 100) }

    /// The object type in the `esds` descriptor (ISO/IEC 14496-1, table 5): 0x69 and 0x6B are MPEG audio in MP4.
    private static func objectCodec(_ bytes: UnsafeRawBufferPointer) -> String {
        for place in 44..<max(bytes.count - 20, 44) where bytes.holds("esds", at: place) {
            // Version and flags, then the ES descriptor (tag 3) and in it the decoder's (tag 4), each with a length of one
            // to four bytes; the object type comes first in the latter.
            var next = place + 8
            for (tag, skipped) in [(UInt8(3), 3), (UInt8(4), 0)] {
                guard next < bytes.count, bytes[next] == tag else { return "aac" }
                next += 1
                while next < bytes.count, bytes[next] & 0x80 != 0 { next += 1 }
                next += 1 + skipped
            }
            guard next < bytes.count else { return "aac" }
            return bytes[next] == 0x69 || bytes[next] == 0x6B ? "mp3" : "aac"
        }
        return "aac"
    }

    /// How long the track plays; nil when the headers do not say.
    func durationMs(movieTimescale: Int) -> Int64? {
        guard timescale > 0, duration > 0, duration < 1 << 48 else { return nil }
        let played = duration - (edit?.mediaTime ?? 0)
        guard played > 0 else { return nil }
        let whole = milliseconds(samples: played, rate: timescale)
        guard let edit, edit.movieDuration > 0, movieTimescale > 0 else { return whole }
        return min(whole, milliseconds(samples: edit.movieDuration, rate: movieTimescale))
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
