/// One track of an MP4 file, as far as its boxes have been read (ISO/IEC 14496-12).
struct MP4Track: Sendable {
    /// `soun`, `vide`, …
    var handler = ""
    var timescale: Int = 0
    /// In units of ``timescale``; 0 where fragments hold the audio.
    var duration: Int64 = 0
    /// What an edit list leaves of it: from where, and how much in units of the movie's time scale.
    var edit: (mediaTime: Int64, movieDuration: Int64)?
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
        for entry in 0..<min(Int(bytes.bigEndian32(at: 4)), 2) {
            let place = 8 + entry * entryLength
            guard place + entryLength <= bytes.count else { return }
            let duration = isLong ? bytes.bigEndian64(at: place) : UInt64(bytes.bigEndian32(at: place))
            let time =
                isLong
                ? Int64(bitPattern: bytes.bigEndian64(at: place + 8))
                : Int64(Int32(bitPattern: bytes.bigEndian32(at: place + 4)))
            if time >= 0, duration < 1 << 48 { edit = (time, Int64(duration)) }
        }
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
            default: name.trimmingTrailingSpaces
            }
    }

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
