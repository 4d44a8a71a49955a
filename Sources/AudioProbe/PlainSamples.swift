import Recordings

/// How samples of a chunk are coded, as far as lengths, silence and zeros go.
struct SampleCoding: Equatable, Sendable {
    /// In FFmpeg's words.
    let codec: String
    /// Bytes of a packet of all channels.
    let packetLength: Int
    /// Samples a channel in a packet.
    let packetSamples: Int
    private let silence: Set<UInt8>?
    private let zeros: ZeroBlocks.Rule

    /// Linear samples.
    ///
    /// - Parameter bits: of a sample as it is stored; 8, 16, 24, 32 or 64.
    init?(bits: Int, isFloat: Bool, isLittleEndian: Bool, channels: Int) {
        let isPossible = isFloat ? bits == 32 || bits == 64 : [8, 16, 24, 32].contains(bits)
        guard isPossible else { return nil }
        let order = bits == 8 ? "" : isLittleEndian ? "le" : "be"
        codec = "pcm_\(isFloat ? "f" : "s")\(bits)\(order)"
        packetLength = bits / 8 * channels
        packetSamples = 1
        silence = []
        zeros = .zerosAreSilence(
            bits == 16 && !isFloat ? (isLittleEndian ? .signed16LittleEndian : .signed16BigEndian) : .other
        )
    }

    /// Coded samples, in packets of one size.
    init(_ codec: String, packetLength: Int, packetSamples: Int) {
        self.codec = codec
        self.packetLength = packetLength
        self.packetSamples = packetSamples
        // The two smallest levels of G.711 may alternate (ITU-T G.711, tables 1 and 2).
        switch codec {
        case "pcm_alaw": silence = [0xD5, 0x55]
        case "pcm_mulaw": silence = [0xFF, 0x7F]
        case "pcm_u8": silence = []
        default: silence = nil
        }
        zeros = codec == "adpcm_ima_qt" ? .zerosAreSilence(.other) : .zerosAreForeign
    }

    /// Samples a channel in so many bytes.
    func samples(in length: Int64) -> Int64 {
        guard packetLength > 0 else { return 0 }
        return (length / Int64(packetLength)).multipliedClamping(by: Int64(packetSamples))
    }

    /// Bits a second.
    func bitRate(sampleRate: Int) -> Int? {
        guard packetSamples > 0 else { return nil }
        let bits = Int64(packetLength).multipliedClamping(by: 8).multipliedClamping(by: Int64(sampleRate))
        return Int(bits.addingClamping(Int64(packetSamples / 2)) / Int64(packetSamples))
    }

    fileprivate var silenceScan: Silence {
        guard let silence else { return Silence(frameLength: 0) }
        return silence.isEmpty ? Silence(frameLength: packetLength) : Silence(frameLength: 1, codes: silence)
    }

    fileprivate func zeroScan(from position: Int64) -> ZeroBlocks { ZeroBlocks(zeros, from: position) }
}

/// The samples of a chunk, looked at for silence and lost blocks as they pass.
struct PlainSamples: Sendable {
    let start: Int64
    /// Where the chunk ends by its header; nil when that gives no length.
    let end: Int64?
    private var silence: Silence
    private var zeros: ZeroBlocks?

    /// - Parameter coding: nil where the description has not come yet; then the samples are passed unseen.
    init(from start: Int64, to end: Int64?, _ coding: SampleCoding?) {
        self.start = start
        self.end = end
        silence = coding?.silenceScan ?? Silence(frameLength: 0)
        zeros = coding?.zeroScan(from: start)
    }

    func length(fileSize: Int64) -> Int64 { max(min(end ?? fileSize, fileSize) - start, 0) }

    /// Takes what `window` has of the chunk from `index` on; returns how far that is.
    mutating func consume(_ window: Window, from index: Int) -> Int {
        let left = end.map { max($0 - window.position(index), 0) } ?? Int64.max
        let next = index + Int(min(Int64(window.count - index), left))
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[index..<next])
        silence.consume(bytes)
        zeros?.consume(bytes)
        return next
    }

    /// Tells lost blocks, silence, and what the length has to do with the header's.
    mutating func finish(fileSize: Int64, _ log: inout DefectLog) {
        let length = length(fileSize: fileSize)
        zeros?.finish()
        for run in zeros?.runs ?? [] { log.note(.zeroRun, "\(run.length) zero bytes at byte \(run.start)") }
        if silence.isWhole { log.note(.silent, "all \(length) bytes of audio are silence") }
        guard let end else {
            let detail = "the header gives no length; \(length) bytes of audio to the end of the file"
            return log.note(.lengthUnknown, detail)
        }
        if end > fileSize { log.note(.truncated, "the audio has \(length) of \(end - start) bytes") }
    }
}
