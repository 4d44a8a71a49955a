/// One stream of frames that agree, and what has been counted of it.
struct MPEGParameters: Sendable {
    let header: MPEGHeader
    let freeLength: Int
    let lengths: MPEGFrameLengths
    let sideInformationLength: Int
    /// The header bits that say "one channel", set or not; nil until the first frame of audio.
    private(set) var monoBits: UInt32?
    private(set) var frames: Int64 = 0
    private(set) var audioBytes: Int64 = 0
    private var bitRateIndices: UInt32 = 0
    var info: MPEGInfoFrame?
    var infoLength: Int64 = 0
    /// CRC-16 over the frames so far, where the info frame gives one to compare with.
    var musicCRC: UInt16?
    private(set) var checksummedFrames: Int64 = 0
    private(set) var badChecksums: Int64 = 0
    private(set) var firstBadChecksums: [Int64] = []

    init(_ header: MPEGHeader, freeLength: Int) {
        self.header = header
        self.freeLength = freeLength
        lengths = MPEGFrameLengths(header, freeLength: freeLength)
        sideInformationLength = header.layer == 3 ? header.sideInformationLength : 0
    }

    @inline(__always)
    func length(_ bits: UInt32) -> Int { Int(lengths.table[MPEGFrameLengths.index(bits)]) }

    /// Whether a frame with these header bits belongs to this stream.
    @inline(__always)
    func continues(_ bits: UInt32, _ lengths: UnsafeBufferPointer<Int32>) -> Bool {
        guard bits & MPEGHeader.streamMask == header.stream, lengths[MPEGFrameLengths.index(bits)] > 0 else {
            return false
        }
        guard let monoBits else { return true }
        return (bits & 0xC0 == 0xC0) == (monoBits == 0xC0)
    }

    func continues(_ bits: UInt32) -> Bool { lengths.table.withUnsafeBufferPointer { continues(bits, $0) } }

    @inline(__always)
    mutating func count(_ bits: UInt32, length: Int) {
        frames += 1
        audioBytes += Int64(length)
        bitRateIndices |= 1 << (bits >> 12 & 0xF)
    }

    mutating func fixMode(_ bits: UInt32) {
        if monoBits == nil { monoBits = bits & 0xC0 == 0xC0 ? 0xC0 : 0 }
    }

    mutating func countChecksum(isGood: Bool, at position: Int64) {
        checksummedFrames += 1
        if isGood { return }
        badChecksums += 1
        if firstBadChecksums.count < 8 { firstBadChecksums.append(position) }
    }

    var samples: Int64 { frames * Int64(header.samplesPerFrame) }

    /// Samples that a decoder plays. Its own delay is 529 samples ("Mp3 Info Tag rev 1 specifications", "Encoder
    /// delays"), so that of the padding so much less is heard; and the padding is there only if the last frame is.
    var playedSamples: Int64 {
        guard let gap = info?.gap else { return samples }
        let isWhole = info?.frames == frames
        return max(samples - Int64(gap.delay + 529) - Int64(isWhole ? max(gap.padding - 529, 0) : 0), 0)
    }

    var bitRate: Int? {
        guard samples > 0 else { return nil }
        let isConstant = bitRateIndices.nonzeroBitCount == 1
        if isConstant, bitRateIndices != 1 {
            let bits = header.bits & ~0xF000 | UInt32(bitRateIndices.trailingZeroBitCount) << 12
            return (MPEGHeader(bits) ?? header).bitRateKbps * 1000
        }
        let scaled = audioBytes * 8 * Int64(header.sampleRate)
        return Int((scaled + samples / 2) / samples)
    }

    /// What a person calls it: `MPEG 2.5 Layer III, 8000 Hz, one channel`.
    var name: String {
        let version = header.isVersion1 ? "1" : header.bits & 0x0010_0000 != 0 ? "2" : "2.5"
        return "MPEG \(version) Layer \(String(repeating: "I", count: header.layer)), \(header.sampleRate) Hz, "
            + (header.mode == 3 ? "one channel" : "two channels")
    }
}

/// The longest run of zero bytes among those that are looked at one by one.
struct ZeroRunCount: Sendable {
    private var current = 0
    private var end: Int64 = 0
    private(set) var longest = 0
    private(set) var start: Int64 = 0

    /// Runs shorter than the smallest disk block say nothing.
    var isBlock: Bool { longest >= 512 }

    @inline(__always)
    mutating func count(_ byte: UInt8, at position: Int64) {
        guard byte == 0 else {
            current = 0
            return
        }
        current += 1
        if current > longest {
            longest = current
            start = position + 1 - Int64(current)
        }
    }
}
