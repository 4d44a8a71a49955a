import Recordings

extension AudioFormat {
    static let mpeg = AudioFormat(
        container: "mp3",
        fileExtensions: ["mp3", "mp2", "mp1", "mpa", "mpga"],
        mediaTypes: [
            "audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mp3", "audio/x-mpeg", "audio/x-mpeg-3", "audio/mpg",
            "audio/mpa", "audio/x-mpegaudio",
        ],
        notChecked: """
            Checksums are compared where the encoder wrote them: a frame's over its header and side information, LAME's over \
            all frames. Without them an altered frame whose header is right is not noticed.
            """,
        marks: [Mark([0xFF, 0xE0], mask: [0xFF, 0xE0])],
        recognise: { index, window, search in
            switch search.mpeg.look(at: index, in: window, frames: search.isAtStart ? 2 : 3) {
            case .frames: .yes
            case .nothing: .no
            case .undecided(let needed): .undecided(needed: needed)
            }
        },
        walk: { MPEGStream(log: $1) }
    )
}

/// Walks MPEG audio from frame to frame: an MP3 file from its first frame on, or what lies in a WAV file's `data` chunk.
///
/// A frame counts once the next header stands where the frame's own length says. So the payload is never looked at, other
/// than for the checksums that a stream may carry.
struct MPEGStream: FormatWalk {
    enum Place {
        /// At a frame whose header was checked.
        case frame
        /// At the very start or behind a tag: a tag, a frame or the end may follow.
        case boundary
        /// Passing bytes that are neither, in search of the next frame.
        case search(Search)
    }

    /// What is being passed over.
    struct Search: Sendable {
        /// The frame before, which is one only if no other begins inside it.
        var frame: (position: Int64, bits: UInt32, length: Int)?
        /// Where the bytes begin that cannot belong to that frame.
        var start: Int64
        var zeros = ZeroRunCount()
    }

    enum Step {
        case goOn(Int)
        /// So much from the current place on is done with, unseen.
        case pass(Int64)
        /// So many bytes from this place on are needed.
        case wait(Int, needed: Int)
    }

    var place = Place.boundary
    var sync = MPEGSync()
    var log: DefectLog
    /// The stream being walked; nil until the first frame.
    var current: MPEGParameters?
    /// The streams before it, in a file that was joined from several.
    var earlier = MPEGEarlierStreams()
    /// The latest tag, and where it ends.
    var tag: (name: StaticString, start: Int64, end: Int64)?

    /// - Parameter log: what was found wrong before the first frame.
    init(log: DefectLog = DefectLog()) {
        self.log = log
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            let step =
                switch place {
                case .frame: walkFrames(window, from: index)
                case .boundary: lookAround(window, at: index)
                case .search(let search): self.search(search, window, from: index)
                }
            switch step {
            case .goOn(let next): index = next
            case .pass(let length): return Advance(passing: Int64(index) + length, needed: 1)
            case .wait(let next, let needed): return Advance(consumed: next, needed: needed)
            }
        }
        return Advance(consumed: index, needed: 1)
    }

    /// Hops from header to header as long as nothing is out of the ordinary.
    private mutating func walkFrames(_ window: Window, from first: Int) -> Step {
        guard var parameters = current else {
            place = .boundary
            return .goOn(first)
        }
        // The first frame may be an info frame, and the first of audio says how many channels the others have; they are
        // settled apart.
        guard parameters.monoBits != nil else { return settleFrame(window, at: first) }
        let bytes = window.bytes
        let sideInformation = parameters.sideInformationLength
        var index = first
        var isOrdinary = true
        parameters.lengths.table.withUnsafeBufferPointer { lengths in
            while index + 4 <= bytes.count {
                let bits = bytes.bigEndian32(at: index)
                let length = Int(lengths[MPEGFrameLengths.index(bits)])
                let next = index + length
                guard next + 4 <= bytes.count else { break }
                isOrdinary =
                    parameters.continues(bytes.bigEndian32(at: next), lengths)
                    && !MPEGInfoFrame.mayStand(at: index, in: bytes, sideInformationLength: sideInformation)
                guard isOrdinary else { break }
                if bits & 0x0001_0000 == 0 { Self.check(&parameters, bits, at: index, length, window) }
                parameters.count(bits, length: length)
                index = next
            }
        }
        if let crc = parameters.musicCRC {
            parameters.musicCRC = ReflectedCRC16.update(crc, UnsafeRawBufferPointer(rebasing: bytes[first..<index]))
        }
        current = parameters
        return settleFrame(window, at: index)
    }

    /// Settles a frame that cannot simply be hopped over: the first, the last, one before a tag, damage or another stream,
    /// or one whose end is not in the window yet.
    private mutating func settleFrame(_ window: Window, at index: Int) -> Step {
        guard let parameters = current else { return .goOn(index) }
        let bytes = window.bytes
        guard index + 4 <= bytes.count else { return .wait(index, needed: 4) }
        let bits = bytes.bigEndian32(at: index)
        let length = parameters.length(bits)
        let next = index + length
        let frame = (position: window.position(index), bits: bits, length: length)
        let search = Search(frame: frame, start: window.position(next))
        guard next + 4 <= bytes.count || window.isEnd else { return .wait(index, needed: length + 4) }
        guard next <= bytes.count else { return beginSearch(search, from: index + 1) }
        if let step = takeInfoFrame(bits, at: index, next, window) { return step }
        guard next + 4 <= bytes.count else { return endFile(bits, at: index, next, window) }

        if parameters.continues(bytes.bigEndian32(at: next)) {
            accept(bits, at: index, length, window)
            return .goOn(next)
        }
        switch MPEGTag.look(at: next, in: window) {
        case .undecided(let needed): return .wait(index, needed: length + needed)
        case .tag:
            accept(bits, at: index, length, window)
            place = .boundary
            return .goOn(next)
        case .none: break
        }
        switch sync.look(at: next, in: window, frames: 3) {
        case .undecided(let needed): return .wait(index, needed: length + needed)
        case .frames(let header, let freeLength):
            accept(bits, at: index, length, window)
            begin(header, freeLength: freeLength, at: window.position(next))
            return .goOn(next)
        case .nothing: return beginSearch(search, from: index + 1)
        }
    }

    private mutating func beginSearch(_ search: Search, from index: Int) -> Step {
        place = .search(search)
        return .goOn(index)
    }

    /// Fewer than four bytes are left behind a whole frame.
    private mutating func endFile(_ bits: UInt32, at index: Int, _ next: Int, _ window: Window) -> Step {
        accept(bits, at: index, next - index, window)
        let rest = window.count - next
        guard rest > 0 else {
            place = .boundary
            return .goOn(next)
        }
        let bytes = window.bytes
        let known = (0..<rest).reduce(UInt32(0)) { $0 | UInt32(bytes[next + $1]) << UInt32(24 - 8 * $1) }
        let mask = MPEGHeader.streamMask & ~(UInt32.max >> UInt32(8 * rest))
        if known & mask == bits & mask {
            log.note(.truncated, "the last frame has \(rest) of its header's 4 bytes")
        } else {
            log.note(.trailingGarbage, "\(rest) bytes at byte \(window.position(next))")
        }
        place = .boundary
        return .goOn(window.count)
    }

    /// Counts a frame of audio that lies in the window.
    private mutating func accept(_ bits: UInt32, at index: Int, _ length: Int, _ window: Window) {
        guard var parameters = current else { return }
        parameters.fixMode(bits)
        if bits & 0x0001_0000 == 0 { Self.check(&parameters, bits, at: index, length, window) }
        parameters.count(bits, length: length)
        if let crc = parameters.musicCRC {
            let frame = UnsafeRawBufferPointer(rebasing: window.bytes[index..<index + length])
            parameters.musicCRC = ReflectedCRC16.update(crc, frame)
        }
        current = parameters
    }

    private static func check(
        _ parameters: inout MPEGParameters,
        _ bits: UInt32,
        at index: Int,
        _ length: Int,
        _ window: Window
    ) {
        guard
            let header = MPEGHeader(bits),
            let isGood = MPEGFrameCRC.agrees(header, at: index, length: length, in: window.bytes)
        else { return }
        parameters.countChecksum(isGood: isGood, at: window.position(index))
    }

    /// Takes the frame at `index`, which ends at `next`, if it carries figures instead of audio.
    private mutating func takeInfoFrame(_ bits: UInt32, at index: Int, _ next: Int, _ window: Window) -> Step? {
        guard
            let header = MPEGHeader(bits),
            let info = MPEGInfoFrame(header, at: index, length: next - index, in: window.bytes)
        else { return nil }
        if let parameters = current, parameters.frames > 0 || parameters.info != nil {
            begin(header, freeLength: parameters.freeLength, at: window.position(index))
        }
        current?.info = info
        current?.infoLength = Int64(next - index)
        current?.musicCRC = info.music == nil ? nil : 0
        let continues =
            next + 4 <= window.count && current?.continues(window.bytes.bigEndian32(at: next)) == true
        place = continues ? .frame : .boundary
        return .goOn(next)
    }
}

// MARK: - Finding frames

extension MPEGStream {
    /// Starts a stream with the frame at `position`, closing the one before.
    private mutating func begin(_ header: MPEGHeader, freeLength: Int, at position: Int64) {
        let parameters = MPEGParameters(header, freeLength: freeLength)
        if let before = current {
            if before.frames > 0 {
                log.note(
                    .headerMismatch,
                    "another stream begins at byte \(position): \(parameters.name), before it \(before.name)"
                )
            }
            close(before)
        }
        current = parameters
        place = .frame
    }

    private mutating func lookAround(_ window: Window, at index: Int) -> Step {
        switch MPEGTag.look(at: index, in: window) {
        case .undecided(let needed): return .wait(index, needed: needed)
        case .tag(let name, let length):
            tag = (name, window.position(index), window.position(index) + length)
            return .pass(length)
        case .none: break
        }
        switch sync.look(at: index, in: window, frames: 2) {
        case .undecided(let needed): return .wait(index, needed: needed)
        case .frames(let header, let freeLength):
            if current?.frames == 0, current?.info != nil, current?.continues(header.bits) == true {
                place = .frame
            } else {
                begin(header, freeLength: freeLength, at: window.position(index))
            }
            return .goOn(index)
        case .nothing: return beginSearch(Search(start: window.position(index)), from: index)
        }
    }

    private mutating func search(_ search: Search, _ window: Window, from first: Int) -> Step {
        var search = search
        let bytes = window.bytes
        for index in first..<bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0xFF:
                let known = current.map { (stream: $0.header.stream, freeLength: $0.freeLength) }
                var outcome = MPEGSync.Outcome.nothing
                if let known {
                    outcome = sync.look(
                        at: index,
                        in: window,
                        known: known.stream,
                        freeLength: known.freeLength,
                        frames: 2
                    )
                }
                if case .nothing = outcome { outcome = sync.look(at: index, in: window, frames: 4) }
                switch outcome {
                case .undecided(let needed):
                    place = .search(search)
                    return .wait(index, needed: needed)
                case .frames(let header, let freeLength):
                    end(search, at: window.position(index))
                    if current?.continues(header.bits) == true {
                        place = .frame
                    } else {
                        begin(header, freeLength: freeLength, at: window.position(index))
                    }
                    return .goOn(index)
                case .nothing: break
                }
            case UInt8(ascii: "A"), UInt8(ascii: "T"), UInt8(ascii: "L"):
                if let step = findTag(search, window, at: index) { return step }
            default: break
            }
            search.zeros.count(byte, at: window.position(index))
        }
        place = .search(search)
        return .goOn(bytes.count)
    }

    /// An APE tag's footer whose items are what was passed, a Lyrics3 tag, or an ID3v1 tag at the very end, after an
    /// extended one where there is one.
    private mutating func findTag(_ search: Search, _ window: Window, at index: Int) -> Step? {
        let bytes = window.bytes
        let mayBe = bytes.holds("TAG", at: index) || bytes.holds("APE", at: index) || bytes.holds("LYR", at: index)
        guard bytes.count - index >= 3 || window.isEnd else { return wait(search, at: index, needed: 3) }
        guard mayBe else { return nil }
        guard bytes.count - index >= 227 + 129 || window.isEnd else {
            return wait(search, at: index, needed: 227 + 129)
        }
        let position = window.position(index)
        let left = bytes.count - index
        let isID3v1 = window.isEnd && (left == 128 || (left == 227 + 128 && bytes.holds("TAG+", at: index)))
        if bytes.holds("TAG", at: index), isID3v1 {
            end(search, at: position)
        } else if bytes.holds("LYRICSBEGIN", at: index) {
            switch MPEGTag.look(at: index, in: window) {
            case .undecided(let needed): return wait(search, at: index, needed: needed)
            case .tag: end(search, at: position)
            case .none: return nil
            }
        } else if let ape = APETag(at: index, in: bytes), !ape.isHeader,
            position - ape.lengthBeforeFooter == search.start
        {
            var items = search
            items.start = position
            items.zeros = ZeroRunCount()
            end(items, at: position)
        } else {
            return nil
        }
        place = .boundary
        return .goOn(index)
    }

    private mutating func wait(_ search: Search, at index: Int, needed: Int) -> Step {
        place = .search(search)
        return .wait(index, needed: needed)
    }

    /// Ends a search at `position`, where a frame or a tag begins or the file ends, and tells what was passed.
    mutating func end(_ search: Search, at position: Int64, isEndOfFile: Bool = false) {
        var start = search.start
        if let frame = search.frame {
            if position >= search.start {
                current?.fixMode(frame.bits)
                current?.count(frame.bits, length: frame.length)
            } else if isEndOfFile {
                log.note(.truncated, "the last frame has \(position - frame.position) of \(frame.length) bytes")
                noteZeros(search.zeros)
                return
            } else {
                start = frame.position
            }
        }
        if search.frame != nil || current != nil { current?.musicCRC = nil }
        guard position > start else { return }
        let code: DefectCode = current == nil ? .leadingGarbage : isEndOfFile ? .trailingGarbage : .lostSync
        log.note(code, "\(position - start) bytes at byte \(start)")
        noteZeros(search.zeros)
    }

    private mutating func noteZeros(_ zeros: ZeroRunCount) {
        if zeros.isBlock { log.note(.zeroRun, "\(zeros.longest) zero bytes at byte \(zeros.start)") }
    }
}
