import Recordings

extension AudioFormat {
    static let adts = AudioFormat(
        container: "aac",
        fileExtensions: ["aac", "adts"],
        mediaTypes: ["audio/aac", "audio/x-aac", "audio/aacp", "audio/x-hx-aac-adts", "audio/vnd.dlna.adts"],
        notChecked: """
            What is altered inside an ADTS frame is not noticed: its checksum, which hardly any encoder writes, covers parts \\
            that only a decoder can tell. Whether a stream doubles its rate (HE-AAC) is not read: rate and channels are the \\
            header's, the duration is right either way.
            """,
        marks: [Mark([0xFF, 0xF0], mask: [0xFF, 0xF6])],
        recognise: { index, window, search in
            ADTSWalk.look(at: index, in: window, frames: search.isAtStart ? 2 : 3)
        },
        walk: { ADTSWalk(log: $1) }
    )
}

/// Walks AAC in ADTS frames from header to header.
struct ADTSWalk: FormatWalk {
    private enum Place {
        case frame
        /// Passing bytes that are no frames, from `start` on.
        case search(start: Int64, zeros: ZeroRunCount)
    }

    private var log: DefectLog
    private var place = Place.frame
    private var header: ADTSHeader?
    private var samples: Int64 = 0
    private var audioBytes: Int64 = 0
    private var tag: (name: StaticString, start: Int64, end: Int64)?

    init(log: DefectLog) { self.log = log }

    /// Whether so many frames that agree follow one another from `start`, or all that the file has.
    static func look(at start: Int, in window: Window, stream: UInt32? = nil, frames: Int) -> Recognition {
        var place = start
        var first = stream
        for number in 0..<frames {
            guard place + ADTSHeader.length <= window.count || window.isEnd else {
                return .undecided(needed: place + ADTSHeader.length - start)
            }
            // A last frame may be followed by the end, if it is known from others how a frame looks.
            let isEnough = number >= 2 || (number == 1 && stream != nil)
            if place == window.count, window.isEnd { return Recognition(isEnough) }
            guard let header = ADTSHeader(at: place, in: window.bytes), first == nil || header.stream == first else {
                return .no
            }
            first = header.stream
            place += header.frameLength
        }
        return .yes
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            let advance: Advance? =
                switch place {
                case .frame: walk(window, at: &index)
                case .search(let start, let zeros): search(window, at: &index, from: start, zeros)
                }
            if let advance { return advance }
        }
        return Advance(consumed: index, needed: 1)
    }

    /// Goes from frame to frame. What follows a frame tells whether its length is right.
    private mutating func walk(_ window: Window, at index: inout Int) -> Advance? {
        let bytes = window.bytes
        while index < bytes.count {
            guard index + ADTSHeader.length <= bytes.count || window.isEnd else {
                return Advance(consumed: index, needed: ADTSHeader.length)
            }
            guard let header = ADTSHeader(at: index, in: bytes),
                self.header == nil || header.stream == self.header?.stream
            else { return leaveFrames(window, at: &index) }
            let next = index + header.frameLength
            guard next + ADTSHeader.length <= bytes.count || window.isEnd else {
                return Advance(consumed: index, needed: header.frameLength + ADTSHeader.length)
            }
            if next > bytes.count {
                log.note(.truncated, "the last frame has \(bytes.count - index) of \(header.frameLength) bytes")
                index = bytes.count
                return nil
            }
            if self.header == nil { self.header = header }
            // A header that is wrong about its length leads into another frame.
            if next < bytes.count, ADTSHeader(at: next, in: bytes)?.stream != header.stream {
                switch MPEGTag.look(at: next, in: window) {
                case .undecided(let needed): return Advance(consumed: index, needed: header.frameLength + needed)
                case .tag: break
                case .none:
                    if Self.isFrameInside(window, index, next, header.stream) {
                        beginSearch(window, at: &index)
                        return nil
                    }
                }
            }
            samples += Int64(header.samples)
            audioBytes += Int64(header.frameLength)
            index = next
        }
        return nil
    }

    /// Whether another frame of the stream begins inside the one from `start` to `end` and leads to a third.
    private static func isFrameInside(_ window: Window, _ start: Int, _ end: Int, _ stream: UInt32) -> Bool {
        (start + 1..<end).contains { place in
            guard let inner = ADTSHeader(at: place, in: window.bytes), inner.stream == stream else { return false }
            let next = place + inner.frameLength
            return next > end || ADTSHeader(at: next, in: window.bytes)?.stream == stream
        }
    }

    /// At what is no frame of the stream: a tag, or bytes to be passed.
    private mutating func leaveFrames(_ window: Window, at index: inout Int) -> Advance? {
        switch MPEGTag.look(at: index, in: window) {
        case .undecided(let needed): return Advance(consumed: index, needed: needed)
        case .tag(let name, let length):
            tag = (name, window.position(index), window.position(index) + length)
            return Advance(passing: Int64(index) + length, needed: 1)
        case .none:
            let left = window.count - index
            if left < ADTSHeader.length, window.bytes[index] == 0xFF,
                left == 1 || window.bytes[index + 1] & 0xF6 == 0xF0
            {
                log.note(.truncated, "the last frame has \(left) of its header's \(ADTSHeader.length) bytes")
                index = window.count
                return nil
            }
            beginSearch(window, at: &index)
            return nil
        }
    }

    private mutating func beginSearch(_ window: Window, at index: inout Int) {
        var zeros = ZeroRunCount()
        zeros.count(window.bytes[index], at: window.position(index))
        place = .search(start: window.position(index), zeros: zeros)
        index += 1
    }

    private mutating func search(
        _ window: Window,
        at index: inout Int,
        from start: Int64,
        _ counted: ZeroRunCount
    ) -> Advance? {
        var zeros = counted
        while index < window.count {
            if window.bytes[index] == 0xFF {
                switch Self.look(at: index, in: window, stream: header?.stream, frames: 2) {
                case .undecided(let needed):
                    place = .search(start: start, zeros: zeros)
                    return Advance(consumed: index, needed: needed)
                case .yes:
                    log.note(.lostSync, "\(window.position(index) - start) bytes at byte \(start)")
                    note(zeros)
                    place = .frame
                    return nil
                case .no: break
                }
            }
            zeros.count(window.bytes[index], at: window.position(index))
            index += 1
        }
        place = .search(start: start, zeros: zeros)
        return nil
    }

    private mutating func note(_ zeros: ZeroRunCount) {
        if zeros.isBlock { log.note(.zeroRun, "\(zeros.longest) zero bytes at byte \(zeros.start)") }
    }

    mutating func finish(size: Int64) -> AudioFindings {
        if case .search(let start, let zeros) = place {
            log.note(.trailingGarbage, "\(size - start) bytes at byte \(start)")
            note(zeros)
        }
        if let tag, tag.end > size {
            log.note(.truncated, "the \(tag.name) has \(size - tag.start) of \(tag.end - tag.start) bytes")
        }
        guard let header, samples > 0 else { return .broken("an ADTS header without audio") }
        let scaled = audioBytes * 8 * Int64(header.sampleRate)
        let facts = AudioFacts(
            container: "aac",
            codec: "aac",
            sampleRateHz: header.sampleRate,
            channels: header.channels,
            bitRateBps: Int((scaled + samples / 2) / samples),
            durationMs: milliseconds(samples: samples, rate: header.sampleRate)
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }
}
