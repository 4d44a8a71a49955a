/// Finds blocks of zero bytes where audio belongs, as a lost disk or network block leaves them.
///
/// Of a block that does not begin with zeros no more than its first bytes are looked at.
struct ZeroBlocks: Sendable {
    enum Rule: Equatable, Sendable {
        /// The coding never makes long runs of zero bytes: any 2 KiB of them count.
        case zerosAreForeign
        /// Zero is silence too. Only whole blocks of 4 KiB, at multiples of 4 KiB in the file, that cut off sound on both
        /// sides within a few samples count: a recorder that falls silent does so at any place.
        ///
        /// So a lost block that lies elsewhere in the file, as one of an archive around it would, is not found. It is the
        /// same bytes as what a noise gate or voice detector leaves that mutes 2,048 samples between two words, and such
        /// gates work in blocks of a power of two: neither place nor length tells one from the other.
        case zerosAreSilence(SampleWidth)
    }

    /// How the bytes beside a block are read, to tell sound from near silence.
    enum SampleWidth: Sendable {
        case signed16LittleEndian, signed16BigEndian, other
    }

    struct Run: Equatable, Sendable {
        var start: Int64
        var length: Int64
    }

    /// Bytes beside a block that are looked at for sound.
    private static let margin = 16

    private let blockSize: Int
    private let minimumBlocks: Int
    private let neighbours: SampleWidth?
    private var position: Int64
    /// Whether the current block was entered at its first byte, and all of it that was seen is zero.
    private var isBlockZero = false
    /// The zero blocks up to the current one.
    private var run: Run?
    private var runHasSoundBefore = true
    private var blockHasSoundBefore = true
    /// The last bytes before the current position.
    private var latest: [UInt8] = []
    /// A run whose end has been reached, and the bytes behind it as far as they were seen.
    private var ended: (run: Run, after: [UInt8])?
    private(set) var runs: [Run] = []

    init(_ rule: Rule, from position: Int64) {
        self.position = position
        switch rule {
        case .zerosAreForeign:
            blockSize = 256
            minimumBlocks = 8
            neighbours = nil
        case .zerosAreSilence(let width):
            blockSize = 4096
            minimumBlocks = 1
            neighbours = width
        }
    }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        collectAfter(bytes)
        var index = 0
        while index < bytes.count {
            let inBlock = Int((position + Int64(index)) & Int64(blockSize - 1))
            let end = min(index + blockSize - inBlock, bytes.count)
            if inBlock == 0 {
                isBlockZero = true
                if neighbours != nil, run == nil, bytes[index] == 0 {
                    blockHasSoundBefore = hasSound(before: index, bytes)
                }
            }
            if isBlockZero {
                isBlockZero = Self.isZero(bytes, index..<end)
                if !isBlockZero { endRun(atBlock: index - inBlock, bytes) }
                if isBlockZero, inBlock + end - index == blockSize {
                    extendRun(from: position + Int64(index - inBlock))
                }
            }
            index = end
        }
        if neighbours != nil {
            latest.append(contentsOf: bytes.suffix(Self.margin))
            if latest.count > Self.margin { latest.removeFirst(latest.count - Self.margin) }
        }
        position += Int64(bytes.count)
    }

    /// Ends the audio: a run that reaches its end counts.
    mutating func finish() {
        judgeEnded()
        if let run, runHasSoundBefore { keep(run) }
        run = nil
    }

    private mutating func extendRun(from start: Int64) {
        if run == nil {
            run = Run(start: start, length: 0)
            runHasSoundBefore = blockHasSoundBefore
        }
        run?.length += Int64(blockSize)
    }

    /// - Parameter index: where in `bytes` the block begins that is not zero; negative when its first bytes came before.
    private mutating func endRun(atBlock index: Int, _ bytes: UnsafeRawBufferPointer) {
        guard let run else { return }
        self.run = nil
        guard neighbours != nil else { return keep(run) }
        guard runHasSoundBefore else { return }
        ended = (run, [UInt8](repeating: 0, count: min(max(-index, 0), Self.margin)))
        collectAfter(UnsafeRawBufferPointer(rebasing: bytes[max(index, 0)...]))
    }

    private mutating func collectAfter(_ bytes: UnsafeRawBufferPointer) {
        guard let missing = (ended?.after.count).map({ Self.margin - $0 }) else { return }
        ended?.after.append(contentsOf: bytes.prefix(missing))
        if bytes.count >= missing { judgeEnded() }
    }

    private mutating func judgeEnded() {
        guard let (run, after) = ended else { return }
        ended = nil
        if after.withUnsafeBytes({ isSound($0) }) { keep(run) }
    }

    private mutating func keep(_ run: Run) {
        guard run.length >= Int64(minimumBlocks * blockSize) else { return }
        if runs.count < 8 { runs.append(run) }
    }

    private func hasSound(before index: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if index >= Self.margin {
            return isSound(UnsafeRawBufferPointer(rebasing: bytes[index - Self.margin..<index]))
        }
        let joined = latest + bytes[..<index]
        return joined.suffix(Self.margin).withUnsafeBytes { isSound($0) }
    }

    /// Whether some sample is clearly more than noise: 64 of 32,768, -54 dB.
    private func isSound(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let pairs = stride(from: 0, to: bytes.count - 1, by: 2)
        return switch neighbours {
        case .signed16LittleEndian: pairs.contains { Int16(bitPattern: bytes.littleEndian16(at: $0)).magnitude >= 64 }
        case .signed16BigEndian: pairs.contains { Int16(bitPattern: bytes.bigEndian16(at: $0)).magnitude >= 64 }
        case .other, nil: bytes.count { $0 != 0 } >= 4
        }
    }

    private static func isZero(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) != 0 { return false }
            index += 8
        }
        while index < range.upperBound {
            if bytes[index] != 0 { return false }
            index += 1
        }
        return true
    }
}
