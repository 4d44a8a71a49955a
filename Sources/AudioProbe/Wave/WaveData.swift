import Recordings

/// The audio in a WAV file's `data` chunk.
struct WaveData: Sendable {
    private(set) var start: Int64 = 0
    /// Where the chunk ends by its header; nil when that gives no length.
    private(set) var end: Int64?
    private(set) var hasBegun = false
    /// Where bytes begin, behind the audio, that are no chunk.
    var behind: Int64?
    private var silence = Silence(frameLength: 0)
    private var zeros: ZeroBlocks?
    private var mpeg: MPEGStream?

    mutating func begin(at position: Int64, declared: Int64?, format: WaveFormat?) {
        hasBegun = true
        start = position
        end = declared.map { position + $0 }
        guard let format else { return }
        switch format.coding {
        case .pcm: silence = Silence(frameLength: format.blockAlign)
        case .g711(let codes): silence = Silence(frameLength: 1, codes: codes)
        case .mpeg: mpeg = MPEGStream()
        case .blocks, .bytesPerSecond, .unknown: break
        }
        if mpeg == nil { zeros = ZeroBlocks(format.zeroRule, from: position) }
    }

    func isOver(at position: Int64) -> Bool { end.map { position >= $0 } ?? false }

    func length(fileSize: Int64) -> Int64 { max(min(end ?? fileSize, fileSize) - start, 0) }

    /// Goes on over the audio in `window`, and not beyond the chunk.
    mutating func advance(over window: Window) -> Advance {
        let left = end.map { $0 - window.offset } ?? Int64.max
        let count = Int(min(Int64(window.count), left))
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<count])
        guard mpeg != nil else {
            silence.consume(bytes)
            zeros?.consume(bytes)
            return Advance(consumed: count, needed: 1)
        }
        let isEnd = window.isEnd || Int64(count) == left
        let inner = Window(offset: window.offset, bytes: bytes, isEnd: isEnd)
        guard var advance = mpeg?.advance(over: inner) else { return Advance(consumed: count, needed: 1) }
        // A tag or frame that would reach past the chunk ends with it; what the walk needs is there once the chunk is.
        advance.consumed = min(advance.consumed, left)
        advance.needed = Int(min(Int64(advance.needed), max(left - advance.consumed, 1)))
        return advance
    }

    mutating func finish(
        length: Int64,
        _ format: WaveFormat,
        container: String,
        _ log: inout DefectLog
    ) -> AudioFindings {
        if var findings = mpeg?.finish(size: start + length) {
            findings.audio?.container = container
            findings.defects = log.defects + findings.defects
            return findings
        }
        zeros?.finish()
        for run in zeros?.runs ?? [] { log.note(.zeroRun, "\(run.length) zero bytes at byte \(run.start)") }
        if silence.isWhole { log.note(.silent, "all \(length) bytes of audio are silence") }
        let samples = format.samples(in: length)
        if samples == 0 { return .broken("a WAV header without audio") }
        let facts = AudioFacts(
            container: container,
            codec: format.codec,
            sampleRateHz: format.sampleRate,
            channels: format.channels,
            bitRateBps: format.bitRate,
            durationMs: samples.map { milliseconds(samples: $0, rate: format.sampleRate) }
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }
}
