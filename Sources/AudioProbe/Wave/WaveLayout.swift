/// How the chunks of a WAV file are laid out.
enum WaveLayout: Equatable, Sendable {
    /// Little-endian, sizes of 32 bits.
    case riff
    /// The same with every number and sample big-endian.
    case rifx
    /// RF64 or BW64: sizes of all ones stand for those in `ds64`.
    case rf64
    /// Sony's Wave64: chunks are named by GUIDs, their sizes have 64 bits and count the header, and each begins at a
    /// multiple of eight bytes (Sony, "Wave64 file format").
    case wave64

    /// Sizes from here on stand for unknown, as writers to a pipe give them.
    static let unknownSize64: Int64 = 1 << 61

    /// `riff`, the rest of its GUID, a size, `wave` and the rest of its GUID.
    private static let riffTail: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00]
    private static let chunkTail: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
    /// GUIDs of the chunks that are not named like those of RIFF.
    private static let others: [(name: String, guid: [UInt8])] = [
        ("LIST", Array("list".utf8) + [0x2F, 0x91] + riffTail[2...]),
        ("cue ", [0xAB, 0xF7, 0x62, 0x56, 0x39, 0x2D, 0xD2, 0x11, 0x86, 0xC7] + chunkTail[6...]),
        ("LIST", [0x92, 0x5F, 0x94, 0xBC, 0x5A, 0x52, 0xD2, 0x11, 0x86, 0xDC] + chunkTail[6...]),
    ]

    /// The layout of the file whose header begins at `index`; nil when none does.
    init?(at index: Int, in bytes: UnsafeRawBufferPointer) {
        if bytes.holds("riff", at: index) {
            guard Self.holds(bytes, Self.riffTail, at: index + 4), bytes.holds("wave", at: index + 24),
                Self.holds(bytes, Self.chunkTail, at: index + 28)
            else { return nil }
            self = .wave64
            return
        }
        guard bytes.holds("WAVE", at: index + 8) else { return nil }
        if bytes.holds("RIFF", at: index) {
            self = .riff
        } else if bytes.holds("RIFX", at: index) {
            self = .rifx
        } else if bytes.holds("RF64", at: index) || bytes.holds("BW64", at: index) {
            self = .rf64
        } else {
            return nil
        }
    }

    var fileHeaderLength: Int { self == .wave64 ? 40 : 12 }
    var chunkHeaderLength: Int { self == .wave64 ? 24 : 8 }

    /// Bytes that fill up a chunk.
    func padding(after size: Int64) -> Int64 { self == .wave64 ? (8 - size & 7) & 7 : size & 1 }

    /// The whole file's length by the header at `index`; nil where that gives none.
    func declaredLength(at index: Int, in bytes: UnsafeRawBufferPointer) -> Int64? {
        guard self != .wave64 else {
            let size = Int64(clamping: bytes.littleEndian64(at: index + 16))
            return size == 0 || size >= Self.unknownSize64 ? nil : size
        }
        let size = size32(at: index + 4, in: bytes)
        return size == 0 || WaveWalk.unknownSizes.contains(size) ? nil : 8 + size
    }

    /// The chunk whose header is at `index`, and its size without the header; nil when that can be none.
    func chunk(at index: Int, in bytes: UnsafeRawBufferPointer) -> (name: String, size: Int64)? {
        let name = String(decoding: bytes[index..<index + 4], as: UTF8.self)
        guard self == .wave64 else {
            guard name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
            return (name, size32(at: index + 4, in: bytes))
        }
        // A size to be added to a place in the file.
        var size = min(Int64(clamping: bytes.littleEndian64(at: index + 16)), Self.unknownSize64 + 24) - 24
        // SoX writes one byte less than the header to a pipe.
        if name == "data" { size = max(size, 0) }
        guard size >= 0 else { return nil }
        if Self.holds(bytes, Self.chunkTail, at: index + 4) { return (name, size) }
        return Self.others.first { Self.holds(bytes, $0.guid, at: index) }.map { ($0.name, size) }
    }

    private func size32(at index: Int, in bytes: UnsafeRawBufferPointer) -> Int64 {
        Int64(self == .rifx ? bytes.bigEndian32(at: index) : bytes.littleEndian32(at: index))
    }

    private static func holds(_ bytes: UnsafeRawBufferPointer, _ mark: [UInt8], at index: Int) -> Bool {
        index >= 0 && index + mark.count <= bytes.count && bytes[index..<index + mark.count].elementsEqual(mark)
    }
}
