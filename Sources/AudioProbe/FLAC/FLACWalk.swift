import Recordings

extension AudioFormat {
    static let flac = AudioFormat(
        container: "flac",
        fileExtensions: ["flac", "fla"],
        mediaTypes: ["audio/flac", "audio/x-flac"],
        notChecked: """
            Every frame's CRC-8 and CRC-16 are checked. The MD5 in STREAMINFO is not: it is over the decoded samples, and \
            nothing is decoded.
            """,
        marks: [Mark("fLaC")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 8) { FLACWalk.begins(at: index, in: $0) }
        },
        walk: { FLACWalk(start: $0, log: $1) }
    )
}

/// Walks a native FLAC file: its metadata blocks, then frame by frame by their checksums (RFC 9639).
///
/// A frame does not say how long it is. It ends where the next header stands with its CRC-8 right and the CRC-16 over
/// everything since the frame's start comes to zero.
struct FLACWalk: FormatWalk {
    private enum Place {
        case mark
        case block
        /// Behind the metadata, or lost: looking for a frame from here on.
        case search(start: Int64)
        case frame
        /// In the frame that holds the last samples by STREAMINFO's count.
        case lastFrame
    }

    /// A frame whose end has not been found.
    private struct OpenFrame: Sendable {
        let start: Int64
        let header: FLACFrameHeader
        var crc: UInt16 = 0
        /// Where the checksum came to zero, first of all and before something that a file may go on with. By chance it does
        /// once in 65,536 bytes, so that of a last frame that is cut or altered some are taken for whole ones with
        /// something behind them; a defect it is either way.
        var firstZero: Int64?
        var markedZero: Int64?
        /// What follows the latter.
        var tags: TagChain?
    }

    private let start: Int64
    private var log: DefectLog
    private var place = Place.mark
    private var info: FLACStreamInfo?
    private var blockEnd: Int64 = 0
    private var open: OpenFrame?
    private var samples: Int64 = 0
    private var frames: Int64 = 0
    private var firstFrame: Int64 = 0
    /// Where bytes begin, behind the last frame, that are none.
    private var garbage = Int64.max
    private var zeros = ZeroBlocks(.zerosAreForeign, from: 0)

    init(start: Int64, log: DefectLog) {
        self.start = start
        self.log = log
    }

    static func begins(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.holds("fLaC", at: index) && index + 8 <= bytes.count && bytes[index + 4] & 0x7F == 0
            && bytes.bigEndian32(at: index + 4) & 0xFF_FFFF == FLACStreamInfo.length
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            let advance: Advance? =
                switch place {
                case .mark: skipMark(&index)
                case .block: readBlock(window, at: &index)
                case .search(let start): search(window, at: &index, from: start)
                case .frame: findEnd(window, at: &index)
                case .lastFrame: findLastEnd(window, at: &index)
                }
            if let advance { return advance }
        }
        return Advance(consumed: index, needed: 1)
    }

    private mutating func skipMark(_ index: inout Int) -> Advance? {
        place = .block
        index += 4
        return nil
    }

    private mutating func readBlock(_ window: Window, at index: inout Int) -> Advance? {
        let bytes = window.bytes
        let needed = 4 + FLACStreamInfo.length
        guard index + needed <= bytes.count || window.isEnd else { return Advance(consumed: index, needed: needed) }
        guard index + 4 <= bytes.count else { return Advance(consumed: bytes.count, needed: 1) }
        let isLast = bytes[index] & 0x80 != 0
        let length = Int64(bytes.bigEndian32(at: index) & 0xFF_FFFF)
        if bytes[index] & 0x7F == 0, index + needed <= bytes.count {
            info = FLACStreamInfo(UnsafeRawBufferPointer(rebasing: bytes[(index + 4)..<(index + needed)]))
        }
        blockEnd = window.position(index) + 4 + length
        if isLast {
            firstFrame = blockEnd
            place = .search(start: blockEnd)
            zeros = ZeroBlocks(.zerosAreForeign, from: blockEnd)
        }
        return Advance(passing: Int64(index) + 4 + length, needed: 1)
    }

    /// Looks for a frame's header, the next that can be, without a frame before it.
    private mutating func search(_ window: Window, at index: inout Int, from start: Int64) -> Advance? {
        guard let info else { return Advance(consumed: window.count, needed: 1) }
        let bytes = window.bytes
        let first = index
        while let candidate = Self.nextSync(in: bytes, from: index) {
            guard candidate + FLACFrameHeader.maximumLength <= bytes.count || window.isEnd else {
                zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<candidate]))
                return Advance(consumed: candidate, needed: FLACFrameHeader.maximumLength)
            }
            if let header = FLACFrameHeader(at: candidate, in: bytes, info) {
                let position = window.position(candidate)
                if position > start { log.note(.lostSync, "\(position - start) bytes at byte \(start)") }
                zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<candidate]))
                index = candidate
                begin(header, at: position)
                return nil
            }
            index = candidate + 1
        }
        return passRest(window, from: first, &index)
    }

    /// Consumes what is left of the window, but for a last byte that may begin a header.
    private mutating func passRest(_ window: Window, from first: Int, _ index: inout Int) -> Advance {
        let bytes = window.bytes
        let keepsLast = !window.isEnd && bytes[bytes.count - 1] == 0xFF
        let end = keepsLast ? bytes.count - 1 : bytes.count
        let passed = UnsafeRawBufferPointer(rebasing: bytes[first..<max(end, first)])
        zeros.consume(passed)
        if let crc = open?.crc { open?.crc = CRC16.update(crc, passed) }
        index = max(end, first)
        return Advance(consumed: index, needed: keepsLast ? FLACFrameHeader.maximumLength : 1)
    }

    private mutating func begin(_ header: FLACFrameHeader, at position: Int64) {
        open = OpenFrame(start: position, header: header)
        let total = info?.totalSamples ?? 0
        place = total > 0 && samples + Int64(header.blockSize) >= total ? .lastFrame : .frame
    }

    /// Looks for the header that ends the open frame.
    private mutating func findEnd(_ window: Window, at index: inout Int) -> Advance? {
        guard let info, var frame = open else { return Advance(consumed: window.count, needed: 1) }
        let bytes = window.bytes
        let first = index
        var covered = index
        // The frame's own header is not its end.
        var from = window.position(index) == frame.start ? index + 1 : index
        while let candidate = Self.nextSync(in: bytes, from: from) {
            let isWhole = candidate + FLACFrameHeader.maximumLength <= bytes.count || window.isEnd
            if isWhole, let header = FLACFrameHeader(at: candidate, in: bytes, info) {
                frame.crc = CRC16.update(frame.crc, UnsafeRawBufferPointer(rebasing: bytes[covered..<candidate]))
                covered = candidate
                if follows(frame, header) {
                    zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<candidate]))
                    close(frame, before: header, at: window.position(candidate))
                    begin(header, at: window.position(candidate))
                    index = candidate
                    return nil
                }
            }
            guard isWhole else {
                frame.crc = CRC16.update(frame.crc, UnsafeRawBufferPointer(rebasing: bytes[covered..<candidate]))
                zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<candidate]))
                open = frame
                index = candidate
                return Advance(consumed: candidate, needed: FLACFrameHeader.maximumLength)
            }
            from = candidate + 1
        }
        open = frame
        let rest = UnsafeRawBufferPointer(rebasing: bytes[covered..<bytes.count])
        let keepsLast = !window.isEnd && bytes[bytes.count - 1] == 0xFF && bytes.count - 1 >= from
        let end = keepsLast ? bytes.count - 1 : bytes.count
        open?.crc = CRC16.update(frame.crc, UnsafeRawBufferPointer(rebasing: rest[..<(end - covered)]))
        zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<end]))
        index = end
        return Advance(consumed: end, needed: keepsLast ? FLACFrameHeader.maximumLength : 1)
    }

    /// Whether the frame that `header` heads follows `frame`: at once, or after some that were lost.
    private func follows(_ frame: OpenFrame, _ header: FLACFrameHeader) -> Bool {
        guard header.isVariable == frame.header.isVariable else { return false }
        if frame.crc == 0 { return true }
        let step = frame.header.isVariable ? Int64(frame.header.blockSize) : 1
        let missing = header.number - frame.header.number - step
        return missing >= 0 && missing <= 1000 * step
    }

    private mutating func close(_ frame: OpenFrame, before next: FLACFrameHeader?, at end: Int64) {
        samples += Int64(frame.header.blockSize)
        frames += 1
        open = nil
        let step = frame.header.isVariable ? Int64(frame.header.blockSize) : 1
        let missing = next.map { $0.number - frame.header.number - step } ?? 0
        if missing != 0 {
            log.note(.lostSync, "frames are missing or broken between byte \(frame.start) and byte \(end)")
        } else if frame.crc != 0 {
            log.note(.badCRC, "frame of \(end - frame.start) bytes at byte \(frame.start)")
        }
    }

    /// Goes byte by byte through the last frame, whose end no header marks.
    private mutating func findLastEnd(_ window: Window, at index: inout Int) -> Advance? {
        guard var frame = open else { return Advance(consumed: window.count, needed: 1) }
        let bytes = window.bytes
        let first = index
        defer {
            let seen = UnsafeRawBufferPointer(rebasing: bytes[first..<index])
            frame.tags?.consume(seen, at: window.position(first))
            open = frame
        }
        while index < bytes.count {
            guard index + 5 <= bytes.count || window.isEnd else {
                zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<index]))
                return Advance(consumed: index, needed: 5)
            }
            frame.crc = CRC16.update(frame.crc, byte: bytes[index])
            index += 1
            // A frame is longer than its header and footer.
            guard frame.crc == 0, window.position(index) > frame.start + Int64(frame.header.length) + 2 else {
                continue
            }
            if frame.firstZero == nil { frame.firstZero = window.position(index) }
            let isTag =
                bytes.holds("TAG", at: index) || bytes.holds("APET", at: index) || bytes.holds("LYRI", at: index)
                || bytes.holds("ID3", at: index)
            guard isTag || bytes.holds("fLaC", at: index), frame.markedZero == nil else { continue }
            frame.markedZero = window.position(index)
            if isTag { frame.tags = TagChain(at: window.position(index)) }
        }
        zeros.consume(UnsafeRawBufferPointer(rebasing: bytes[first..<index]))
        return Advance(consumed: index, needed: 1)
    }

    /// The next two bytes that may head a frame.
    private static func nextSync(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index + 9 <= bytes.count {
            let word = ~bytes.littleEndian64(at: index)
            // Has this word, inverted, a zero byte?
            let marks = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            guard marks != 0 else {
                index += 8
                continue
            }
            index += marks.trailingZeroBitCount / 8
            if bytes[index + 1] & 0xFE == 0xF8 { return index }
            index += 1
        }
        while index + 1 < bytes.count {
            if bytes[index] == 0xFF, bytes[index + 1] & 0xFE == 0xF8 { return index }
            index += 1
        }
        return nil
    }

    mutating func finish(size: Int64) -> AudioFindings {
        endLastFrame(size: size)
        zeros.finish()
        guard let info, frames > 0, info.sampleRate > 0 else {
            return .broken("a FLAC header without audio")
        }
        if !log.isEmpty {
            for run in zeros.runs where run.start < garbage {
                log.note(.zeroRun, "\(run.length) zero bytes at byte \(run.start)")
            }
        }
        compareTotal(info)
        let durationMs = milliseconds(samples: samples, rate: info.sampleRate)
        let facts = AudioFacts(
            container: "flac",
            codec: "flac",
            sampleRateHz: info.sampleRate,
            channels: info.channels,
            bitRateBps: durationMs > 0 ? Int(((size - firstFrame) * 8000 + durationMs / 2) / durationMs) : nil,
            durationMs: durationMs
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }

    private mutating func endLastFrame(size: Int64) {
        guard let frame = open else { return }
        if frame.crc == 0 { return close(frame, before: nil, at: size) }
        if let end = frame.markedZero ?? frame.firstZero {
            open?.crc = 0
            var whole = frame
            whole.crc = 0
            close(whole, before: nil, at: end)
            // Tags after the audio are no garbage.
            if whole.tags?.finish(size: size) != true {
                garbage = end
                log.note(.trailingGarbage, "\(size - end) bytes at byte \(end)")
            }
        } else {
            log.note(.truncated, "the last frame, \(size - frame.start) bytes at byte \(frame.start), does not end")
        }
    }

    private mutating func compareTotal(_ info: FLACStreamInfo) {
        if info.totalSamples == 0 {
            log.note(.lengthUnknown, "the header gives no length; \(samples) samples to the end of the file")
        } else if samples < info.totalSamples, !log.has(.lostSync), !log.has(.truncated) {
            log.note(.truncated, "the header counts \(info.totalSamples) samples, the file has \(samples)")
        } else if samples > info.totalSamples {
            log.note(.headerMismatch, "the header counts \(info.totalSamples) samples, the file has \(samples)")
        }
    }
}
