import CSHA256
import Recordings

/// SHA-256 (FIPS 180-4) by the processor's own instructions, of several messages in little more time than of one.
struct BlockHasher: ~Copyable, @unchecked Sendable {
    // Sendable by this proof: it cannot be copied, so whoever has it has its memory alone.
    private let state: UnsafeMutablePointer<UInt32>
    /// Bytes that do not fill a block yet.
    private let rest: UnsafeMutablePointer<UInt8>
    private var restCount = 0
    private var length: UInt64 = 0

    /// Whether this processor has the instructions: without them this must not be used.
    static let isAvailable = csha256_is_available() != 0

    /// How many messages can be taken at the same time.
    static let mostLanes = Int(CSHA256_MOST_LANES)
    static let blockSize = 64
    /// Section 5.3.3.
    private static let start: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    init() {
        state = .allocate(capacity: Self.start.count)
        state.initialize(from: Self.start, count: Self.start.count)
        rest = .allocate(capacity: Self.blockSize)
        rest.initialize(repeating: 0, count: Self.blockSize)
    }

    deinit {
        state.deallocate()
        rest.deallocate()
    }

    /// Begins another message.
    mutating func restart() {
        state.update(from: Self.start, count: Self.start.count)
        restCount = 0
        length = 0
    }

    /// How many bytes are missing from a block that was begun; 0 where none was.
    var missing: Int { restCount == 0 ? 0 : Self.blockSize - restCount }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let bytes = fillRest(bytes)
        let blocks = bytes.count / Self.blockSize
        if blocks > 0, let start = bytes.baseAddress { Self.take(blocks, [lane(start)]) }
        keep(bytes, from: blocks * Self.blockSize)
    }

    /// Takes all of `bytes`, and meanwhile as many whole blocks of `others` into `other`. Returns how many bytes those are.
    mutating func update(
        _ bytes: UnsafeRawBufferPointer,
        beside other: inout BlockHasher,
        _ others: UnsafeRawBufferPointer
    ) -> Int {
        let bytes = fillRest(bytes)
        let remaining = other.fillRest(others)
        let blocks = min(bytes.count, remaining.count) / Self.blockSize
        if blocks > 0, let one = bytes.baseAddress, let two = remaining.baseAddress {
            Self.take(blocks, [lane(one), other.lane(two)])
        }
        other.didTake(blocks)
        didTake(blocks)
        update(UnsafeRawBufferPointer(rebasing: bytes[(blocks * Self.blockSize)...]))
        return others.count - remaining.count + blocks * Self.blockSize
    }

    /// This message among those that are taken at the same time. No block of it may have been begun.
    func lane(_ bytes: UnsafeRawPointer) -> csha256_lane {
        csha256_lane(state: state, bytes: bytes.assumingMemoryBound(to: UInt8.self))
    }

    /// Takes as many blocks of each of up to ``mostLanes`` messages, which are then told so (``didTake(_:)``).
    static func take(_ blocks: Int, _ lanes: [csha256_lane]) {
        csha256_take(lanes, Int32(lanes.count), blocks)
    }

    /// Counts blocks that were taken as one of several messages'.
    mutating func didTake(_ blocks: Int) { length &+= UInt64(blocks * Self.blockSize) }

    mutating func finish() -> Digest {
        let bits = length &* 8
        // Section 5.1.1: a one, zeros, and the length in bits at the end of a block.
        let zeros = (2 * Self.blockSize - 9 - restCount) % Self.blockSize
        var padding = [0x80] + [UInt8](repeating: 0, count: zeros)
        withUnsafeBytes(of: bits.bigEndian) { padding.append(contentsOf: $0) }
        padding.withUnsafeBytes { update($0) }
        var bytes: [UInt8] = []
        for word in UnsafeBufferPointer(start: state, count: Self.start.count) {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return Digest(bytes: bytes)
    }

    /// Completes a block that was begun. Returns what is left; all of it where none was begun.
    private mutating func fillRest(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard restCount > 0 else { return bytes }
        let count = min(bytes.count, Self.blockSize - restCount)
        keep(UnsafeRawBufferPointer(rebasing: bytes[..<count]), from: 0)
        if restCount == Self.blockSize {
            Self.take(1, [lane(rest)])
            restCount = 0
        }
        return UnsafeRawBufferPointer(rebasing: bytes[count...])
    }

    /// Keeps what stands behind whole blocks.
    private mutating func keep(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        let count = bytes.count - start
        precondition(count >= 0 && restCount + count <= Self.blockSize, "more than a block is left")
        UnsafeMutableRawBufferPointer(start: rest + restCount, count: count).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[start...])
        )
        restCount += count
        length &+= UInt64(bytes.count)
    }
}
