/// Tags that stand before, between and behind MPEG frames and are no audio.
enum MPEGTag {
    enum Outcome {
        case tag(name: StaticString, length: Int64)
        case none
        /// It takes this many bytes to say.
        case undecided(needed: Int)
    }

    /// What tag stands at `start`.
    static func look(at start: Int, in window: Window) -> Outcome {
        let bytes = window.bytes
        guard start + 32 <= bytes.count || window.isEnd else { return .undecided(needed: 32) }
        if bytes.holds("ID3", at: start) {
            guard let length = id3v2Length(at: start, in: bytes) else { return .none }
            return .tag(name: "ID3v2 tag", length: length)
        }
        if bytes.holds("LYRICSBEGIN", at: start) { return Lyrics3.look(at: start, in: window) }
        if bytes.holds("TAG+", at: start) { return .tag(name: "extended ID3v1 tag", length: 227) }
        if bytes.holds("TAG", at: start) { return .tag(name: "ID3v1 tag", length: 128) }
        if bytes.holds("APETAGEX", at: start), let ape = APETag(at: start, in: bytes) {
            return .tag(name: "APE tag", length: ape.lengthFromHere)
        }
        return .none
    }

    /// ID3v2.4.0, sections 3.1 and 3.4: ten bytes, a size of four times seven bits, and a footer of ten bytes where flag
    /// 0x10 is set. Unsynchronisation is inside what the size counts.
    private static func id3v2Length(at start: Int, in bytes: UnsafeRawBufferPointer) -> Int64? {
        guard start + 10 <= bytes.count, bytes[start + 3] < 0xFF, bytes[start + 4] < 0xFF else { return nil }
        var size: Int64 = 0
        for index in start + 6..<start + 10 {
            guard bytes[index] < 0x80 else { return nil }
            size = size << 7 | Int64(bytes[index])
        }
        return 10 + size + (bytes[start + 5] & 0x10 != 0 ? 10 : 0)
    }
}

/// The 32 bytes before or behind the items of an APE tag ("APE Tags Header", APEv2 specification).
struct APETag {
    /// Items and footer.
    let size: Int64
    let isHeader: Bool
    let hasHeader: Bool

    init?(at start: Int, in bytes: UnsafeRawBufferPointer) {
        guard start + 32 <= bytes.count, bytes.holds("APETAGEX", at: start) else { return nil }
        size = Int64(bytes.littleEndian32(at: start + 12))
        let flags = bytes.littleEndian32(at: start + 20)
        isHeader = flags & 0x2000_0000 != 0
        hasHeader = flags & 0x8000_0000 != 0
        guard size >= 32, size < 1 << 28 else { return nil }
    }

    /// What remains of the tag from these 32 bytes on.
    var lengthFromHere: Int64 { isHeader ? 32 + size : 32 }

    /// How far before the footer the tag begins.
    var lengthBeforeFooter: Int64 { size - 32 + (hasHeader ? 32 : 0) }
}
