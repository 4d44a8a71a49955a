/// Whether every sample of a stretch of uncompressed audio is the same: nothing was recorded.
///
/// Looks only until the first sample that differs.
struct Silence: Sendable {
    /// Codes that mean silence and may alternate, as G.711's two smallest levels do; empty where only a constant counts.
    private let codes: Set<UInt8>
    private let frameLength: Int
    private var first: [UInt8] = []
    private var seen: Int64 = 0
    private(set) var isBroken = false

    init(frameLength: Int, codes: Set<UInt8> = []) {
        self.codes = codes
        self.frameLength = frameLength
        if frameLength < 1 || frameLength > 64 { isBroken = true }
    }

    /// Whether something was seen and all of it was silent.
    var isWhole: Bool { !isBroken && seen >= Int64(frameLength) && frameLength > 0 }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        guard !isBroken, !bytes.isEmpty else { return }
        defer { seen += Int64(bytes.count) }
        if !codes.isEmpty {
            isBroken = !bytes.allSatisfy { codes.contains($0) }
            return
        }
        var index = 0
        while first.count < frameLength, index < bytes.count {
            first.append(bytes[index])
            index += 1
        }
        guard index < bytes.count else { return }
        // Eight bytes at a time once a whole frame is there to compare with, where a frame divides eight bytes.
        let phase = Int((seen + Int64(index)) % Int64(frameLength))
        if 8 % frameLength == 0 {
            var pattern: UInt64 = 0
            for position in 0..<8 {
                pattern |= UInt64(first[(phase + position) % frameLength]) << UInt64(8 * position)
            }
            while index + 8 <= bytes.count {
                if bytes.littleEndian64(at: index) != pattern {
                    isBroken = true
                    return
                }
                index += 8
            }
        }
        var position = Int((seen + Int64(index)) % Int64(frameLength))
        while index < bytes.count {
            if bytes[index] != first[position] {
                isBroken = true
                return
            }
            position = position + 1 == frameLength ? 0 : position + 1
            index += 1
        }
    }
}
