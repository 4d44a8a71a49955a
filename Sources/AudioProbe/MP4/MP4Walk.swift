import Recordings

extension AudioFormat {
    /// Its index points at places in the file, so that a file behind other bytes does not play.
    static let mp4 = AudioFormat(
        container: "m4a",
        fileExtensions: ["m4a", "mp4", "m4b", "m4p", "m4v", "mov", "3gp", "3g2", "qt"],
        mediaTypes: [
            "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/aac", "audio/x-aac", "audio/aacp", "audio/mp4a-latm",
            "video/mp4", "application/mp4", "audio/quicktime", "video/quicktime", "audio/3gpp", "video/3gpp",
        ],
        notChecked:
            "An MP4 file has no checksums, and its samples are not followed: altered media data is not noticed.",
        marks: [Mark([0, 0])],
        isSoughtInside: false,
        recognise: { index, window, _ in
            guard window.offset == 0, index == 0 else { return .no }
            return Recognition(at: index, in: window, needed: 12) { MP4Walk.begins(at: index, in: $0) }
        },
        walk: { MP4Walk(start: $0, log: $1) }
    )
}

/// Walks the boxes of an MP4 or M4A file (ISO/IEC 14496-12) and reads from its index what the audio is and how long.
///
/// The format has no checksums, and where each sample lies is not followed: what is altered in the media data, in the
/// tables of places and sizes, or in a field that nothing repeats is not noticed.
struct MP4Walk: FormatWalk {
    /// Boxes that hold boxes on the way to what is read.
    private static let containers: Set<UInt32> = Set(["moov", "trak", "mdia", "minf", "stbl", "edts"].map(Self.code))
    /// Boxes whose first bytes are read.
    private static let read: Set<UInt32> = Set(
        ["mvhd", "mdhd", "hdlr", "elst", "stsd", "stts", "stsz", "stz2"].map(Self.code)
    )
    private static let topBoxes: Set<String> = [
        "ftyp", "moov", "mdat", "free", "skip", "wide", "udta", "uuid", "meta", "moof", "mfra", "sidx", "styp", "ssix",
        "pdin", "emsg", "prft", "pnot",
    ]
    /// So much of a box is read at most; what is looked for stands in front.
    private static let readLength: Int64 = 512

    private let start: Int64
    private var log: DefectLog
    /// The ends of the boxes that the current place lies in, the innermost last.
    private var ends: [Int64] = []
    private var movie: (timescale: Int, duration: Int64) = (0, 0)
    private var hasIndex = false
    private var isFragmented = false
    private var tracks: [MP4Track] = []
    /// The media data being passed, up to this place.
    private var mediaEnd: Int64?
    private var mediaBytes: Int64 = 0
    private var zeros: ZeroBlocks?
    private var zeroRuns: [ZeroBlocks.Run] = []
    /// The latest box at the top, and where it ends.
    private var top: (name: String, start: Int64, end: Int64)?
    private var garbage: Int64?

    init(start: Int64, log: DefectLog) {
        self.start = start
        self.log = log
    }

    static func begins(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.holds("ftyp", at: index + 4), !KnownFile.isImageBrand(bytes, at: index) else { return false }
        return (8...4096).contains(bytes.bigEndian32(at: index))
    }

    private static func code(_ name: String) -> UInt32 { name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            let position = window.position(index)
            if garbage != nil { return Advance(consumed: window.count, needed: 1) }
            if let mediaEnd {
                let end = Int(min(Int64(window.count), Int64(index) + mediaEnd - position))
                zeros?.consume(UnsafeRawBufferPointer(rebasing: window.bytes[index..<end]))
                mediaBytes += Int64(end - index)
                index = end
                if window.position(end) >= mediaEnd { endMedia() }
                continue
            }
            while let end = ends.last, position >= end { ends.removeLast() }
            if let advance = readBox(window, at: &index) { return advance }
        }
        return Advance(consumed: index, needed: 1)
    }

    private mutating func endMedia() {
        mediaEnd = nil
        zeros?.finish()
        if zeroRuns.count < 8 { zeroRuns += zeros?.runs ?? [] }
        zeros = nil
    }

    private mutating func readBox(_ window: Window, at index: inout Int) -> Advance? {
        let bytes = window.bytes
        guard index + 16 <= bytes.count || window.isEnd else { return Advance(consumed: index, needed: 16) }
        let position = window.position(index)
        guard let box = Box(bytes, at: index, position) else {
            return passUnreadable(window, at: index)
        }
        var end = box.end
        if let outer = ends.last, end > outer {
            log.note(.headerMismatch, "the box \(box.name) at byte \(position) reaches past the one around it")
            end = outer
        }
        if ends.isEmpty {
            if box.name == "ftyp", position > start { return passUnreadable(window, at: index) }
            top = (box.name, position, end)
        }
        if box.name == "mdat", ends.isEmpty {
            mediaEnd = end
            zeros = ZeroBlocks(.zerosAreForeign, from: position + Int64(box.headerLength))
            index += box.headerLength
            return nil
        }
        let isContainer = Self.containers.contains(box.code)
        if isContainer || Self.read.contains(box.code) {
            let content = isContainer ? 0 : Int(min(end - position, Self.readLength)) - box.headerLength
            let needed = box.headerLength + max(content, 0)
            guard index + needed <= bytes.count || window.isEnd else { return Advance(consumed: index, needed: needed) }
            let contentStart = min(index + box.headerLength, bytes.count)
            let contentEnd = min(index + needed, bytes.count)
            read(box, UnsafeRawBufferPointer(rebasing: bytes[contentStart..<max(contentEnd, contentStart)]))
            if isContainer {
                if ends.count < 16 { ends.append(end) }
                index = contentStart
                return nil
            }
        }
        if box.name == "moof" || box.name == "mvex" { isFragmented = true }
        return Advance(passing: Int64(index) + end - position, needed: 1)
    }

    /// What is no box: the rest of the one around it, or of the file.
    private mutating func passUnreadable(_ window: Window, at index: Int) -> Advance {
        let position = window.position(index)
        if let outer = ends.last, outer > position {
            if outer - position >= 8 { log.note(.headerMismatch, "no box at byte \(position), where one belongs") }
            return Advance(passing: Int64(index) + outer - position, needed: 1)
        }
        garbage = position
        return Advance(consumed: window.count, needed: 1)
    }

    private mutating func read(_ box: Box, _ content: UnsafeRawBufferPointer) {
        switch box.name {
        case "moov": hasIndex = true
        case "trak": if tracks.count < 64 { tracks.append(MP4Track()) }
        case "mvhd":
            readMovieHeader(content)
        default:
            guard !tracks.isEmpty else { return }
            let last = tracks.count - 1
            switch box.name {
            case "mdhd": tracks[last].readMediaHeader(content)
            case "hdlr": if tracks[last].handler.isEmpty { tracks[last].readHandler(content) }
            case "elst": tracks[last].readEdits(content)
            case "stts": tracks[last].readTimes(content)
            case "stsz", "stz2": tracks[last].readSizes(content)
            default: tracks[last].readSampleDescription(content)
            }
        }
    }

    /// `mvhd`, section 8.2.2.
    private mutating func readMovieHeader(_ bytes: UnsafeRawBufferPointer) {
        if bytes.first == 1, bytes.count >= 32 {
            let duration = bytes.bigEndian64(at: 24)
            movie = (Int(bytes.bigEndian32(at: 20)), duration < 1 << 48 ? Int64(duration) : 0)
        } else if bytes.count >= 20 {
            let duration = bytes.bigEndian32(at: 16)
            movie = (Int(bytes.bigEndian32(at: 12)), duration == .max ? 0 : Int64(duration))
        }
    }

    mutating func finish(size: Int64) -> AudioFindings {
        if mediaEnd != nil { endMedia() }
        guard hasIndex else { return .broken("an MP4 file without its index") }
        guard let track = tracks.first(where: { $0.handler == "soun" }), let codec = track.codec else {
            return .broken("an MP4 file without an audio track")
        }
        guard mediaBytes > 0 else { return .broken("an MP4 header without audio") }
        if let top, top.end > size, top.end < Int64.max / 2 {
            // Four letters that name no box of the top level, with a size that no file has, are no box.
            if Self.topBoxes.contains(top.name) {
                log.note(.truncated, "the box \(top.name) has \(size - top.start) of \(top.end - top.start) bytes")
            } else {
                garbage = top.start
            }
        }
        for run in zeroRuns.prefix(8) where !track.isUncoded {
            log.note(.zeroRun, "\(run.length) zero bytes at byte \(run.start)")
        }
        if let garbage { log.note(.trailingGarbage, "\(size - garbage) bytes at byte \(garbage)") }
        let durationMs = track.durationMs(movieTimescale: movie.timescale)
        if durationMs == nil {
            let why = isFragmented ? "its length stands in its fragments" : "the header gives no length"
            log.note(.lengthUnknown, why)
        }
        let isAlone = tracks.count == 1
        if !isFragmented, let contradiction = track.contradiction(movie: isAlone ? movie : nil) {
            log.note(.headerMismatch, contradiction)
        }
        if !track.isKnownCoding { log.note(.headerMismatch, "the sample description names no known coding: \(codec)") }
        let bitRate = durationMs.flatMap { $0 > 0 && isAlone ? Int((mediaBytes * 8000 + $0 / 2) / $0) : nil }
        let facts = AudioFacts(
            container: "m4a",
            codec: codec,
            sampleRateHz: track.sampleRate.flatMap { $0 > 0 ? $0 : nil } ?? track.timescale,
            channels: track.channels,
            bitRateBps: bitRate,
            durationMs: durationMs
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }
}

extension MP4Walk {
    /// A box's header: its size, its name, and its size again where it takes 64 bits.
    private struct Box {
        let name: String
        let code: UInt32
        let headerLength: Int
        let end: Int64

        init?(_ bytes: UnsafeRawBufferPointer, at index: Int, _ position: Int64) {
            guard index + 8 <= bytes.count else { return nil }
            let code = bytes.bigEndian32(at: index + 4)
            let isName = (0..<4).allSatisfy {
                (0x20...0x7E).contains(bytes[index + 4 + $0]) || bytes[index + 4 + $0] == 0xA9
            }
            guard isName else { return nil }
            let size = Int64(bytes.bigEndian32(at: index))
            var length = size
            var headerLength = 8
            if size == 1 {
                guard index + 16 <= bytes.count else { return nil }
                headerLength = 16
                length = Int64(truncatingIfNeeded: bytes.bigEndian64(at: index + 8))
            }
            // No size means to the end of the file; a size beyond any file's is none.
            if size == 0 { length = 1 << 50 }
            guard length >= headerLength, length <= 1 << 50 else { return nil }
            self.code = code
            self.headerLength = headerLength
            name = String(decoding: bytes[(index + 4)..<(index + 8)], as: UTF8.self)
            end = size == 0 ? Int64.max / 2 : position + length
        }
    }
}
