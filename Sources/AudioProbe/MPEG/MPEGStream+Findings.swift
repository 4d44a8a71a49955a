import Recordings

/// The streams of a joined file that have ended, added up.
struct MPEGEarlierStreams: Sendable {
    var durationMs: Int64 = 0
    var audioBits: Int64 = 0
    var first: MPEGParameters?
}

extension MPEGStream {
    /// Adds up a stream that has ended, and compares it with what its info frame says.
    mutating func close(_ stream: MPEGParameters) {
        if stream.frames > 0 {
            if earlier.first == nil { earlier.first = stream }
            earlier.durationMs += milliseconds(samples: stream.playedSamples, rate: stream.header.sampleRate)
            earlier.audioBits += stream.audioBytes * 8
        }
        tellChecksums(stream)
        if let info = stream.info { compare(stream, with: info) }
    }

    mutating func finish(size: Int64) -> AudioFindings {
        endWalk(size: size)
        guard let first = earlier.first else {
            return .broken("MPEG audio of fewer than two frames")
        }
        let isAlone = current.map { $0.frames == first.frames && $0.audioBytes * 8 == earlier.audioBits } ?? false
        let mean = earlier.durationMs > 0 ? Int(earlier.audioBits * 1000 / earlier.durationMs) : nil
        let facts = AudioFacts(
            container: "mp3",
            codec: first.header.codec,
            sampleRateHz: first.header.sampleRate,
            channels: first.monoBits == 0xC0 ? 1 : 2,
            bitRateBps: isAlone ? first.bitRate : mean,
            durationMs: earlier.durationMs
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }

    /// Ends what is being walked where the file, or the chunk that holds the stream, ends.
    private mutating func endWalk(size: Int64) {
        if case .search(let search) = place { end(search, at: size, isEndOfFile: true) }
        place = .boundary
        if let tag, tag.end > size {
            log.note(.truncated, "the \(tag.name) has \(size - tag.start) of \(tag.end - tag.start) bytes")
        }
        if let current { close(current) }
    }

    private mutating func tellChecksums(_ stream: MPEGParameters) {
        // An encoder that sets the flag and does not fill the field makes every checksum wrong; damage never does.
        let isUnused = stream.checksummedFrames == stream.badChecksums && stream.checksummedFrames == stream.frames
        guard stream.badChecksums > 0, !isUnused else { return }
        for position in stream.firstBadChecksums {
            log.note(.badCRC, "frame at byte \(position)")
        }
        let untold = stream.badChecksums - Int64(stream.firstBadChecksums.count)
        if untold > 0 { log.note(.badCRC, "and \(untold) more of \(stream.checksummedFrames) frames") }
    }

    private mutating func compare(_ stream: MPEGParameters, with info: MPEGInfoFrame) {
        if info.isTagIntact == false { log.note(.badCRC, "the LAME tag in the first frame") }
        // What is damaged already needs no second reason for not adding up.
        guard !log.has(.lostSync), !log.has(.truncated) else { return }
        let length = stream.infoLength + stream.audioBytes
        if let music = info.music, music.length == length, let crc = stream.musicCRC, crc != music.crc {
            log.note(.badCRC, "the LAME tag's checksum over \(stream.frames) frames")
        }
        if let declared = info.frames {
            // Encoders other than LAME's kin are not at one on whether the info frame counts itself.
            let isExact = info.gap != nil
            let agrees = declared == stream.frames || (!isExact && declared == stream.frames + 1)
            if !agrees {
                let code: DefectCode = declared > stream.frames ? .truncated : .headerMismatch
                return log.note(code, "the info frame counts \(declared) frames, the file has \(stream.frames)")
            }
        }
        if let declared = info.bytes, declared != length, declared != stream.audioBytes, declared != 0 {
            log.note(.headerMismatch, "the info frame counts \(declared) bytes, the file has \(length)")
        }
    }
}
