/// Finds out whether MPEG frames follow one another at a place.
struct MPEGSync: Sendable {
    /// Longest frame: free format, 640 kbit/s at 8 kHz, with room to spare.
    static let maximumFrameLength = 8192

    /// Headers in a row that have to agree where a free-format stream is looked for behind other bytes. Nothing but an equal
    /// distance ties them together there, and other coded audio, AAC foremost, has three such places in one file of two
    /// hundred.
    private static let freeFormatFrames = 6

    enum Outcome {
        case frames(MPEGHeader, freeLength: Int)
        case nothing
        /// It takes this many bytes, counted from the place, to say.
        case undecided(needed: Int)
    }

    /// Looking for the length of a free-format frame means looking at all its bytes; so many fruitless attempts are made
    /// in a file, and no more, so that time stays linear whatever the bytes.
    private var freeFormatAttempts = 64

    /// Whether a frame stands at `start` that others agree with.
    ///
    /// - Parameters:
    ///   - known: what the stream's headers have in common, where there is a stream already; others do not count then.
    ///   - freeLength: the stream's length of a free-format frame, 0 where it is not known.
    ///   - frames: how many headers in a row have to agree. Fewer do where the file ends, or a tag begins, exactly behind
    ///     the last: two in a new stream, one in a known stream.
    mutating func look(
        at start: Int,
        in window: Window,
        known: UInt32? = nil,
        freeLength: Int = 0,
        frames: Int
    ) -> Outcome {
        let bytes = window.bytes
        guard start + 4 <= bytes.count else { return window.isEnd ? .nothing : .undecided(needed: 4) }
        guard let first = MPEGHeader(bytes.bigEndian32(at: start)), known == nil || first.stream == known else {
            return .nothing
        }
        if first.isFreeFormat, freeLength == 0 {
            return lookForFreeFormat(at: start, first, in: window, known: known, frames: frames)
        }
        var place = start + first.length(freeLength: freeLength)
        var agreeing = 1
        while agreeing < frames {
            if place + 4 > bytes.count {
                guard window.isEnd else { return .undecided(needed: place + 4 - start) }
                let isEnough = agreeing >= 2 || (known != nil && place == bytes.count)
                return isEnough ? .frames(first, freeLength: freeLength) : .nothing
            }
            if agreeing >= 2 || known != nil, Self.tagMayBegin(at: place, in: bytes) {
                return .frames(first, freeLength: freeLength)
            }
            guard
                let header = MPEGHeader(bytes.bigEndian32(at: place)), header.stream == first.stream,
                !header.isFreeFormat || freeLength != 0
            else { return .nothing }
            agreeing += 1
            place += header.length(freeLength: freeLength)
        }
        return .frames(first, freeLength: freeLength)
    }

    /// Whether a free-format frame stands at `start` that others agree with, at a distance that is yet to be found.
    private mutating func lookForFreeFormat(
        at start: Int,
        _ first: MPEGHeader,
        in window: Window,
        known: UInt32?,
        frames: Int
    ) -> Outcome {
        guard freeFormatAttempts > 0 else { return .nothing }
        var outcome = freeFormatLength(from: start, first, in: window)
        if case .frames(_, let length) = outcome {
            let isSearched = known == nil && frames > 2
            let frames = isSearched ? Self.freeFormatFrames : frames
            outcome = look(at: start, in: window, known: known, freeLength: length, frames: frames)
        }
        if case .nothing = outcome { freeFormatAttempts -= 1 }
        return outcome
    }

    private static func tagMayBegin(at place: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.holds("TAG", at: place) || bytes.holds("APET", at: place) || bytes.holds("ID3", at: place)
            || bytes.holds("LYRICSB", at: place)
    }

    /// The distance at which free-format headers repeat (ISO/IEC 11172-3, 2.4.2.3: the length is constant, but for the
    /// padding slot).
    private func freeFormatLength(from start: Int, _ first: MPEGHeader, in window: Window) -> Outcome {
        let reach = 2 * (Self.maximumFrameLength + 8)
        guard start + reach <= window.count || window.isEnd else { return .undecided(needed: reach) }
        let bytes = window.bytes
        let mask = MPEGHeader.streamMask | MPEGHeader.protectionBit | 0xF000
        func agrees(_ place: Int) -> Bool {
            place + 4 <= bytes.count && bytes.bigEndian32(at: place) & mask == first.bits & mask
        }
        // Shorter than this is no frame: a header, the longest side information and something behind it.
        let lowest = start + 44
        let highest = min(start + Self.maximumFrameLength, bytes.count - 4)
        var place = lowest
        while place <= highest {
            defer { place += 1 }
            guard bytes[place] == 0xFF, agrees(place) else { continue }
            let length = place - start - (first.hasPadding ? first.slot : 0)
            let second = bytes.bigEndian32(at: place)
            let third = place + length + (second & 0x200 != 0 ? first.slot : 0)
            if agrees(third) || (window.isEnd && third == bytes.count) {
                return .frames(first, freeLength: length)
            }
        }
        return .nothing
    }
}
