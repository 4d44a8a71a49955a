import AudioProbe
import Recordings

/// What the probe finds in `bytes`, fed in chunks of `chunkSize`.
func findings(in bytes: [UInt8], chunkSize: Int = 65_536) -> AudioFindings {
    findings(in: bytes, chunkSizes: [chunkSize])
}

/// The same in chunks of the sizes given, over and over.
func findings(in bytes: [UInt8], chunkSizes: [Int]) -> AudioFindings {
    var probe = AudioProbe()
    bytes.withUnsafeBytes { all in
        var start = 0
        var turn = 0
        while start < all.count {
            let end = min(start + max(chunkSizes[turn % chunkSizes.count], 1), all.count)
            probe.consume(UnsafeRawBufferPointer(rebasing: all[start..<end]))
            start = end
            turn += 1
        }
    }
    return probe.finish()
}

extension AudioFindings {
    var codes: [DefectCode] { defects.map(\.code) }
    /// The kinds of defects, each once, in the order in which they were found.
    var kinds: [DefectCode] { codes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Bytes that hold no zero and no 0xFF, so that neither a zero run nor a frame can be in them.
    mutating func plainBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0x10...0xEF, using: &self) }
    }
}

func bigEndian(_ value: UInt64, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - $0))) }
}

func littleEndian(_ value: UInt64, _ bytes: Int) -> [UInt8] { bigEndian(value, bytes).reversed() }
