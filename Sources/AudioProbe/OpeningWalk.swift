import Recordings

/// Reads a file's beginning until it is known what the file is, and hands over to that format's walk.
///
/// What is no audio is read to its end all the same, since audio may stand behind other bytes.
struct OpeningWalk: FormatWalk {
    /// What is kept to name a file that is no audio.
    private static let headLength = 1024

    /// Of the marks that are searched for: `RIFF` and its kin, `OggS`, `fLaC`, `.snd`, `#!AMR`. An MP4 file's index points
    /// at places in the file, so one behind other bytes does not play.
    private static let firstBytesOfMarks = ByteSet("RBOf.#")

    private var head: [UInt8] = []
    private var isBinaryOther = false
    private var sync = MPEGSync()
    /// Behind the tags that stand in front.
    private var start: Int64 = 0
    private var isAtStart = true
    private var tag: (name: StaticString, start: Int64, end: Int64)?
    private var zeros = ZeroRunCount()
    private var isOnlyZeros = true

    mutating func advance(over window: Window) -> Advance {
        if isAtStart {
            guard window.count >= OtherFile.needed || window.isEnd else {
                return Advance(consumed: 0, needed: OtherFile.needed)
            }
            if let advance = open(window) { return advance }
        }
        return isBinaryOther ? pass(window) : search(window)
    }

    /// Decides at the file's first byte, or the first behind a tag; nil when audio has to be searched for.
    private mutating func open(_ window: Window) -> Advance? {
        if let walk = Self.walk(at: 0, in: window, log: DefectLog()) {
            return Advance(consumed: 0, needed: 1, next: walk)
        }
        switch MPEGTag.look(at: 0, in: window) {
        case .undecided(let needed): return Advance(consumed: 0, needed: needed)
        case .tag(let name, let length):
            keepHead(window, 0..<1)
            start = window.offset + length
            tag = (name, window.offset, start)
            isOnlyZeros = false
            return Advance(passing: length, needed: 1)
        case .none: break
        }
        switch sync.look(at: 0, in: window, frames: 2) {
        case .undecided(let needed): return Advance(consumed: 0, needed: needed)
        case .frames: return Advance(consumed: 0, needed: 1, next: MPEGStream())
        case .nothing: break
        }
        isAtStart = false
        isBinaryOther = OtherFile.binaryName(window.bytes) != nil
        return nil
    }

    /// The walk of the format whose mark stands at `index`.
    private static func walk(
        at index: Int,
        in window: Window,
        log: @autoclosure () -> DefectLog
    ) -> (any FormatWalk)? {
        let bytes = window.bytes
        if WaveWalk.begins(at: index, in: bytes) { return WaveWalk(start: window.position(index), log: log()) }
        if OggWalk.begins(at: index, in: bytes) { return OggWalk(log: log()) }
        if FLACWalk.begins(at: index, in: bytes) { return FLACWalk(start: window.position(index), log: log()) }
        if window.offset == 0, index == 0, MP4Walk.begins(at: index, in: bytes) {
            return MP4Walk(start: window.position(index), log: log())
        }
        if AUWalk.begins(at: index, in: bytes) { return AUWalk(start: window.position(index), log: log()) }
        return AMRWalk.walk(at: index, in: window, log: log())
    }

    /// Passes a file that is something else beyond doubt.
    private mutating func pass(_ window: Window) -> Advance {
        keepHead(window, 0..<window.count)
        isOnlyZeros = false
        return Advance(consumed: window.count, needed: 1)
    }

    /// Looks for the first place where audio begins.
    private mutating func search(_ window: Window) -> Advance {
        let bytes = window.bytes
        // A static value is looked for each time that it is used.
        let firstBytesOfMarks = Self.firstBytesOfMarks
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte == 0xFF {
                switch sync.look(at: index, in: window, frames: 3) {
                case .undecided(let needed):
                    keepHead(window, 0..<index)
                    return Advance(consumed: index, needed: needed)
                case .frames:
                    let walk = MPEGStream(log: garbageLog(endingAt: window.position(index)))
                    return Advance(consumed: index, needed: 1, next: walk)
                case .nothing: break
                }
            } else if firstBytesOfMarks.contains(byte) {
                guard bytes.count - index >= OtherFile.needed || window.isEnd else {
                    keepHead(window, 0..<index)
                    return Advance(consumed: index, needed: OtherFile.needed)
                }
                if let walk = Self.walk(at: index, in: window, log: garbageLog(endingAt: window.position(index))) {
                    return Advance(consumed: index, needed: 1, next: walk)
                }
            }
            if byte != 0 { isOnlyZeros = false }
            zeros.count(byte, at: window.position(index))
        }
        keepHead(window, 0..<bytes.count)
        return Advance(consumed: bytes.count, needed: 1)
    }

    private func garbageLog(endingAt position: Int64) -> DefectLog {
        var log = DefectLog()
        if position > start { log.note(.leadingGarbage, "\(position - start) bytes at byte \(start)") }
        if zeros.isBlock { log.note(.zeroRun, "\(zeros.longest) zero bytes at byte \(zeros.start)") }
        return log
    }

    private mutating func keepHead(_ window: Window, _ range: Range<Int>) {
        let missing = Self.headLength - head.count
        if missing > 0 { head.append(contentsOf: window.bytes[range].prefix(missing)) }
    }

    mutating func finish(size: Int64) -> AudioFindings {
        let name: String
        if size == 0 {
            name = "empty"
        } else if let tag, size <= max(tag.end, start) {
            name = "an \(tag.name) and nothing else"
        } else if isOnlyZeros {
            name = "only zeros"
        } else {
            name = head.withUnsafeBytes { OtherFile.name($0) } ?? "unknown data"
        }
        return AudioFindings(audio: nil, recognisedAs: name)
    }
}

/// A set of byte values that is asked once a byte.
struct ByteSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// - Parameter text: ASCII characters.
    init(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount {
            let byte = text.utf8Start[index]
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 != 0 : byte < 128 && high >> UInt64(byte & 63) & 1 != 0
    }
}
