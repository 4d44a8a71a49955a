import Recordings

extension AudioFormat {
    static let amr = AudioFormat(
        container: "amr",
        fileExtensions: ["amr", "awb"],
        mediaTypes: ["audio/amr", "audio/amr-wb", "audio/x-amr"],
        notChecked: "An AMR file has no checksums: what is altered inside a frame is not noticed.",
        marks: [Mark("#!AM")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 9) { AMRWalk.isWide(at: index, in: $0) != nil }
        },
        walk: { AMRWalk(start: $0, log: $1) }
    )
}

/// Walks AMR and AMR-WB storage files (RFC 4867, section 5): a mark, then frames of 20 ms that each begin with their type.
///
/// The format has no checksum: what is altered inside a frame is not noticed.
struct AMRWalk: FormatWalk {
    /// Bytes behind a frame's first, by type (RFC 4867, section 4.3 with 3GPP TS 26.101 and TS 26.201); nil where there is
    /// no such type.
    private static let narrowLengths: [Int?] = [
        12, 13, 15, 17, 19, 20, 26, 31, 5, nil, nil, nil, nil, nil, nil, 0,
    ]
    private static let wideLengths: [Int?] = [
        17, 23, 32, 36, 40, 46, 50, 58, 60, 5, nil, nil, nil, nil, 0, 0,
    ]
    /// Any byte in fourteen looks like the start of a frame, so it takes this many in a row to believe it.
    private static let framesToAgree = 8

    private enum Place {
        case mark
        case frame
        case search(start: Int64, zeros: ZeroRunCount)
    }

    private var isWide = false
    private let start: Int64
    private var log: DefectLog
    private var place = Place.mark
    private var frames: Int64 = 0
    private var audioBytes: Int64 = 0
    private var zeros: ZeroBlocks

    init(start: Int64, log: DefectLog) {
        self.start = start
        self.log = log
        zeros = ZeroBlocks(.zerosAreForeign, from: start)
    }

    /// Whether the mark at `index` is that of AMR-WB; nil when it is neither.
    static func isWide(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool? {
        bytes.holds("#!AMR-WB\n", at: index) ? true : bytes.holds("#!AMR\n", at: index) ? false : nil
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        var needed: Int?
        while index < window.count, needed == nil {
            switch place {
            case .mark:
                // All of it is there: it was recognised by it.
                isWide = Self.isWide(at: index, in: window.bytes) ?? false
                index += isWide ? 9 : 6
                place = .frame
            case .frame: needed = walkFrames(window, at: &index)
            case .search(let start, let zeros): needed = search(window, at: &index, from: start, zeros)
            }
        }
        zeros.consume(UnsafeRawBufferPointer(rebasing: window.bytes[..<index]))
        return Advance(consumed: index, needed: needed ?? 1)
    }

    /// The length of the frame that begins with `byte`; nil when none does.
    private func length(_ byte: UInt8) -> Int? {
        guard byte & 0x83 == 0 else { return nil }
        return (isWide ? Self.wideLengths : Self.narrowLengths)[Int(byte >> 3 & 0xF)].map { $0 + 1 }
    }

    private mutating func walkFrames(_ window: Window, at index: inout Int) -> Int? {
        while index < window.count {
            guard let length = length(window.bytes[index]) else {
                place = .search(start: window.position(index), zeros: ZeroRunCount())
                return nil
            }
            guard index + length <= window.count else {
                guard window.isEnd else { return length }
                log.note(.truncated, "the last frame has \(window.count - index) of \(length) bytes")
                index = window.count
                return nil
            }
            frames += 1
            audioBytes += Int64(length)
            index += length
        }
        return nil
    }

    private mutating func search(
        _ window: Window,
        at index: inout Int,
        from start: Int64,
        _ counted: ZeroRunCount
    ) -> Int? {
        var zeros = counted
        let longest = 61 * Self.framesToAgree
        while index < window.count {
            guard index + longest <= window.count || window.isEnd else {
                place = .search(start: start, zeros: zeros)
                return longest
            }
            if window.position(index) > start, framesFollow(window, index) {
                log.note(.lostSync, "\(window.position(index) - start) bytes at byte \(start)")
                place = .frame
                return nil
            }
            zeros.count(window.bytes[index], at: window.position(index))
            index += 1
        }
        place = .search(start: start, zeros: zeros)
        return nil
    }

    private func framesFollow(_ window: Window, _ start: Int) -> Bool {
        var index = start
        for _ in 0..<Self.framesToAgree {
            guard index < window.count, let length = length(window.bytes[index]) else { return false }
            index += length
            if index == window.count, window.isEnd { return index - start > 1 }
        }
        return true
    }

    mutating func finish(size: Int64) -> AudioFindings {
        if case .search(let start, _) = place {
            log.note(.trailingGarbage, "\(size - start) bytes at byte \(start)")
        }
        guard frames > 0 else { return .broken("an AMR header without audio") }
        zeros.finish()
        for run in zeros.runs { log.note(.zeroRun, "\(run.length) zero bytes at byte \(run.start)") }
        let facts = AudioFacts(
            container: "amr",
            codec: isWide ? "amr_wb" : "amr_nb",
            sampleRateHz: isWide ? 16_000 : 8000,
            channels: 1,
            bitRateBps: Int((audioBytes * 8 * 50 + frames / 2) / frames),
            durationMs: frames * 20
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }
}
