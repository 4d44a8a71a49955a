import Recordings

extension AudioFormat {
    static let au = AudioFormat(
        container: "au",
        fileExtensions: ["au", "snd"],
        mediaTypes: ["audio/basic", "audio/au", "audio/x-au", "audio/x-basic"],
        notChecked: "An AU file has no checksums, and says its rate and coding once: an altered sample is not noticed.",
        marks: [Mark(".snd")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 4) { AUWalk.begins(at: index, in: $0) }
        },
        walk: { AUWalk(start: $0, log: $1) }
    )
}

/// Walks a Sun/NeXT audio file: a header of big-endian words, then samples.
///
/// The format has no checksum and says nothing twice but the length: another rate or coding that could be is believed.
struct AUWalk: FormatWalk {
    private let start: Int64
    private var log: DefectLog
    private var header: Header?
    private var hasReadHeader = false
    private var silence = Silence(frameLength: 0)
    private var zeros = ZeroBlocks(.zerosAreForeign, from: 0)

    /// The words behind the mark: where the samples begin, how many bytes they have, coding, rate and channels.
    private struct Header: Sendable {
        let dataStart: Int64
        let dataLength: Int64?
        let codec: String
        let sampleBytes: Int
        let sampleRate: Int
        let channels: Int
        var frameLength: Int { sampleBytes * channels }

        init?(_ bytes: UnsafeRawBufferPointer, at start: Int64) {
            guard bytes.count >= 24 else { return nil }
            let offset = Int64(bytes.bigEndian32(at: 4))
            let size = Int64(bytes.bigEndian32(at: 8))
            switch bytes.bigEndian32(at: 12) {
            case 1: (codec, sampleBytes) = ("pcm_mulaw", 1)
            case 2: (codec, sampleBytes) = ("pcm_s8", 1)
            case 3: (codec, sampleBytes) = ("pcm_s16be", 2)
            case 4: (codec, sampleBytes) = ("pcm_s24be", 3)
            case 5: (codec, sampleBytes) = ("pcm_s32be", 4)
            case 6: (codec, sampleBytes) = ("pcm_f32be", 4)
            case 7: (codec, sampleBytes) = ("pcm_f64be", 8)
            case 27: (codec, sampleBytes) = ("pcm_alaw", 1)
            default: return nil
            }
            sampleRate = Int(bytes.bigEndian32(at: 16))
            channels = Int(bytes.bigEndian32(at: 20))
            guard offset >= 24, (1...6_144_000).contains(sampleRate), (1...255).contains(channels) else { return nil }
            dataStart = start + offset
            dataLength = size == 0xFFFF_FFFF || size == 0 ? nil : size
        }
    }

    init(start: Int64, log: DefectLog) {
        self.start = start
        self.log = log
    }

    static func begins(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool { bytes.holds(".snd", at: index) }

    mutating func advance(over window: Window) -> Advance {
        guard hasReadHeader else {
            guard window.count >= 24 || window.isEnd else { return Advance(consumed: 0, needed: 24) }
            hasReadHeader = true
            header = Header(window.bytes, at: window.offset)
            guard let header else { return Advance(consumed: window.count, needed: 1) }
            silence =
                switch header.codec {
                case "pcm_mulaw": Silence(frameLength: 1, codes: [0xFF, 0x7F])
                case "pcm_alaw": Silence(frameLength: 1, codes: [0xD5, 0x55])
                default: Silence(frameLength: header.frameLength)
                }
            let isG711 = header.codec == "pcm_mulaw" || header.codec == "pcm_alaw"
            let width: ZeroBlocks.SampleWidth = header.codec == "pcm_s16be" ? .signed16BigEndian : .other
            zeros = ZeroBlocks(isG711 ? .zerosAreForeign : .zerosAreSilence(width), from: header.dataStart)
            return Advance(passing: header.dataStart - window.offset, needed: 1)
        }
        guard let header else { return Advance(consumed: window.count, needed: 1) }
        let left = header.dataLength.map { max(header.dataStart + $0 - window.offset, 0) } ?? Int64.max
        let samples = UnsafeRawBufferPointer(rebasing: window.bytes[..<Int(min(Int64(window.count), left))])
        silence.consume(samples)
        zeros.consume(samples)
        return Advance(consumed: window.count, needed: 1)
    }

    mutating func finish(size: Int64) -> AudioFindings {
        guard let header else {
            return .broken("an AU file whose header cannot be read")
        }
        let length = max(min(header.dataLength ?? Int64.max, size - header.dataStart), 0)
        let frames = length / Int64(header.frameLength)
        guard frames > 0 else { return .broken("an AU header without audio") }
        if let declared = header.dataLength {
            let end = header.dataStart + declared
            if end > size { log.note(.truncated, "the audio has \(length) of \(declared) bytes") }
            if end < size { log.note(.trailingGarbage, "\(size - end) bytes at byte \(end)") }
            if declared % Int64(header.frameLength) != 0 {
                log.note(.headerMismatch, "\(declared) bytes are no whole frames of \(header.frameLength) bytes")
            }
        } else {
            log.note(.lengthUnknown, "the header gives no length; \(length) bytes of audio to the end of the file")
        }
        zeros.finish()
        for run in zeros.runs { log.note(.zeroRun, "\(run.length) zero bytes at byte \(run.start)") }
        if silence.isWhole { log.note(.silent, "all \(length) bytes of audio are silence") }
        let facts = AudioFacts(
            container: "au",
            codec: header.codec,
            sampleRateHz: header.sampleRate,
            channels: header.channels,
            bitRateBps: header.sampleRate * header.frameLength * 8,
            durationMs: milliseconds(samples: frames, rate: header.sampleRate)
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }
}
