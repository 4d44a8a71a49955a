import Recordings

extension AudioFormat {
    static let aiff = AudioFormat(
        container: "aiff",
        fileExtensions: ["aiff", "aif", "aifc"],
        mediaTypes: ["audio/aiff", "audio/x-aiff", "sound/aiff", "audio/aifc", "audio/x-aifc"],
        notChecked: "An AIFF file has no checksums: an altered sample is not noticed.",
        marks: [Mark("FORM")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 12) { AIFFWalk.begins(at: index, in: $0) }
        },
        walk: { AIFFWalk(start: $0, log: $1) }
    )
}

/// Walks the chunks of an AIFF or AIFC file (Apple, "Audio Interchange File Format 1.3" and "AIFF-C").
struct AIFFWalk: FormatWalk {
    private enum Place {
        case form
        case chunk
        case samples
        /// Where no chunk could be made out.
        case behind
    }

    /// Sizes that recorders write who cannot go back to the header: none, all ones, and SoX's from 0x7F000000 on.
    private static let unknownSizes: ClosedRange<Int64> = 0x7EFF_0000...0xFFFF_FFFF
    private static let knownChunks: Set<String> = [
        "COMM", "SSND", "FVER", "NAME", "AUTH", "(c) ", "ANNO", "COMT", "MARK", "INST", "MIDI", "AESD", "APPL", "SAXL",
        "ID3 ", "CHAN", "PEAK", "FLLR", "JUNK", "PAD ", "basc", "trns", "cate", "bext", "iXML", "XMP ",
    ]

    private let start: Int64
    private var log: DefectLog
    private var place = Place.form
    private var isCompressed = false
    /// Where the file ends by its header; nil when that gives no length.
    private var declaredEnd: Int64?
    private var common: AIFFCommon?
    private var isCommonImpossible = false
    private var samples: PlainSamples?
    /// Where bytes begin that are no chunk.
    private var garbage: Int64?
    /// The latest chunk, its padding byte not counted.
    private var latest: (name: String, start: Int64, end: Int64) = ("FORM header", 0, 0)

    init(start: Int64, log: DefectLog) {
        self.start = start
        self.log = log
    }

    static func begins(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.holds("FORM", at: index) && (bytes.holds("AIFF", at: index + 8) || bytes.holds("AIFC", at: index + 8))
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            switch place {
            case .form:
                let size = Int64(window.bytes.bigEndian32(at: index + 4))
                declaredEnd = size == 0 || Self.unknownSizes.contains(size) ? nil : start + 8 + size
                isCompressed = window.bytes.holds("AIFC", at: index + 8)
                latest = ("FORM header", start, start + 12)
                place = .chunk
                index += 12
            case .chunk:
                if let advance = readChunk(window, at: &index) { return advance }
            case .samples:
                index = samples?.consume(window, from: index) ?? window.count
                if let end = samples?.end, window.position(index) >= end {
                    place = .chunk
                    return Advance(passing: Int64(index) + ((end - latest.start) & 1), needed: 1)
                }
            case .behind: index = window.count
            }
        }
        return Advance(consumed: index, needed: 1)
    }

    private mutating func readChunk(_ window: Window, at index: inout Int) -> Advance? {
        let bytes = window.bytes
        let position = window.position(index)
        guard index + 16 <= bytes.count || window.isEnd else { return Advance(consumed: index, needed: 16) }
        guard index + 8 <= bytes.count, !Self.begins(at: index, in: bytes),
            bytes[index..<index + 4].allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            garbage = position
            place = .behind
            return nil
        }
        let name = String(decoding: bytes[index..<index + 4], as: UTF8.self)
        let size = Int64(bytes.bigEndian32(at: index + 4))
        latest = (name, position, position + 8 + size)
        if name == "SSND", samples == nil, index + 16 <= bytes.count {
            // Where the first sample begins in the chunk; blocks are aligned by it.
            let offset = Int64(bytes.bigEndian32(at: index + 8))
            let isUnknown = size == 0 || Self.unknownSizes.contains(size)
            let first = position + 16 + offset
            if isUnknown { latest.end = Int64.max / 2 }
            samples = PlainSamples(from: first, to: isUnknown ? nil : max(latest.end, first), common?.coding)
            place = .samples
            return Advance(passing: Int64(index) + 16 + offset, needed: 1)
        }
        if name == "COMM" {
            let length = Int(min(size, Int64(AIFFCommon.length)))
            guard index + 8 + length <= bytes.count || window.isEnd else {
                return Advance(consumed: index, needed: 8 + length)
            }
            let content = bytes[(index + 8)..<min(index + 8 + length, bytes.count)]
            common = AIFFCommon(UnsafeRawBufferPointer(rebasing: content), isCompressed: isCompressed)
            isCommonImpossible = common == nil
        }
        return Advance(passing: Int64(index) + 8 + size + size % 2, needed: 1)
    }

    mutating func finish(size: Int64) -> AudioFindings {
        guard var samples, let common else {
            let why = isCommonImpossible ? "an AIFF file whose Common chunk cannot be" : "an AIFF header without audio"
            return .broken(why)
        }
        let length = samples.length(fileSize: size)
        let played = common.coding.samples(in: length)
        guard played > 0 else { return .broken("an AIFF header without audio") }
        samples.finish(fileSize: size, &log)
        checkSizes(samples, common, size)
        let facts = AudioFacts(
            container: "aiff",
            codec: common.coding.codec,
            sampleRateHz: common.sampleRate,
            channels: common.channels,
            bitRateBps: common.coding.bitRate(sampleRate: common.sampleRate),
            durationMs: milliseconds(samples: played, rate: common.sampleRate)
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }

    private mutating func checkSizes(_ samples: PlainSamples, _ common: AIFFCommon, _ size: Int64) {
        guard let end = samples.end else { return }
        let declared = common.coding.samples(in: end - samples.start)
        let frames = common.frames.multipliedClamping(by: Int64(common.coding.packetSamples))
        if frames != declared {
            log.note(.headerMismatch, "the header counts \(frames) samples, the audio's length makes \(declared)")
        }
        guard end <= size else { return }
        if let garbage, garbage < size {
            return log.note(.trailingGarbage, "\(size - garbage) bytes at byte \(garbage)")
        }
        if latest.end > size {
            let isKnown = Self.knownChunks.contains(latest.name)
            return isKnown
                ? log.note(.truncated, "the chunk \(latest.name) lacks \(latest.end - size) bytes")
                : log.note(.trailingGarbage, "\(size - latest.start) bytes at byte \(latest.start)")
        }
        // The padding byte of the last chunk may be missing, or counted or not.
        if let declaredEnd, declaredEnd > size + 1, declaredEnd != size + 8 {
            log.note(.truncated, "the header counts \(declaredEnd - start) bytes, the file has \(size - start)")
        }
    }
}
