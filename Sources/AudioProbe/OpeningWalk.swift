import Recordings

/// Reads a file's beginning until it is known what the file is, and hands over to that format's walk.
///
/// A file that does not begin as audio is searched to its end, since audio may follow other bytes.
struct OpeningWalk: FormatWalk {
    /// What is kept to name a file that does not play.
    private static let headLength = 4096
    private static let formatsAtStart = FormatTable(AudioFormat.all)
    private static let formatsInside = FormatTable(AudioFormat.all.filter(\.isSoughtInside))

    private var head: [UInt8] = []
    private var text = TextScan()
    private var isPassed = false
    private var formats = FormatSearch()
    /// After the tags in front.
    private var start: Int64 = 0
    private var tag: (name: StaticString, start: Int64, end: Int64)?
    private var zeros = ZeroRunCount()
    private var isOnlyZeros = true

    mutating func advance(over window: Window) -> Advance {
        if formats.isAtStart {
            guard window.count >= OtherFile.needed || window.isEnd else {
                return Advance(consumed: 0, needed: OtherFile.needed)
            }
            if let advance = open(window) { return advance }
        }
        return isPassed ? pass(window) : search(window)
    }

    /// Decides at the file's first byte, or the first behind a tag; nil when audio has to be searched for.
    private mutating func open(_ window: Window) -> Advance? {
        if window.count > 0 {
            switch Self.formatsAtStart.look(at: 0, in: window, &formats) {
            case .undecided(let needed): return Advance(consumed: 0, needed: needed)
            case .found(let format):
                return Advance(consumed: 0, needed: 1, next: format.walk(window.offset, DefectLog()))
            case .none: break
            }
        }
        switch MPEGTag.look(at: 0, in: window) {
        case .undecided(let needed): return Advance(consumed: 0, needed: needed)
        case .tag(let name, let length):
            start = window.offset + length
            tag = (name, window.offset, start)
            isOnlyZeros = false
            return Advance(passing: length, needed: 1)
        case .none: break
        }
        formats.isAtStart = false
        isPassed = OtherFile.isSomethingElse(window.bytes)
        return nil
    }

    /// Passes a file that is something else beyond doubt.
    private mutating func pass(_ window: Window) -> Advance {
        keep(window, window.count)
        isOnlyZeros = false
        return Advance(consumed: window.count, needed: 1)
    }

    /// Looks for the first place where audio begins.
    private mutating func search(_ window: Window) -> Advance {
        let bytes = window.bytes
        // A static value is looked for each time that it is used.
        let table = Self.formatsInside
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if table.isCandidate[Int(byte)] {
                switch table.look(at: index, in: window, &formats) {
                case .undecided(let needed):
                    keep(window, index)
                    return Advance(consumed: index, needed: needed)
                case .found(let format):
                    let walk = format.walk(window.position(index), garbageLog(endingAt: window.position(index)))
                    return Advance(consumed: index, needed: 1, next: walk)
                case .none: break
                }
            }
            if byte != 0 { isOnlyZeros = false }
            zeros.count(byte, at: window.position(index))
        }
        keep(window, bytes.count)
        return Advance(consumed: bytes.count, needed: 1)
    }

    private func garbageLog(endingAt position: Int64) -> DefectLog {
        var log = DefectLog()
        if position > start { log.note(.leadingGarbage, "\(position - start) bytes at byte \(start)") }
        if zeros.isBlock { log.note(.zeroRun, "\(zeros.longest) zero bytes at byte \(zeros.start)") }
        return log
    }

    /// Takes the first `count` bytes of `window` into account before they go.
    private mutating func keep(_ window: Window, _ count: Int) {
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<count])
        let missing = Self.headLength - head.count
        if missing > 0 { head.append(contentsOf: bytes.prefix(missing)) }
        text.consume(bytes)
    }

    /// The one place that decides what a file without audio is.
    mutating func finish(size: Int64) -> AudioFindings {
        if size == 0 { return AudioFindings(audio: nil, recognisedAs: "empty", kind: .unrecognised) }
        let content = head.withUnsafeBytes { OtherFile.look($0, size: size - start, text: text.outcome) }
        if let tag {
            // Somebody tagged it as audio. Only other audio is believed in its place.
            if size <= max(tag.end, start) { return .broken("an \(tag.name) and nothing else") }
            if let content, content.kind == .unsupportedAudio { return content.findings }
            return .broken("an \(tag.name) and nothing that plays")
        }
        if isOnlyZeros { return AudioFindings(audio: nil, recognisedAs: "only zeros", kind: .unrecognised) }
        return content?.findings ?? AudioFindings(audio: nil, recognisedAs: "unknown data", kind: .unrecognised)
    }
}
