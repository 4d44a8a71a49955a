import Recordings

/// The bytes that a walk may look at: a contiguous piece of the file, from the first byte that it has not consumed.
struct Window {
    /// Where the first byte stands in the file.
    let offset: Int64
    let bytes: UnsafeRawBufferPointer
    /// Whether the file ends behind the last byte.
    let isEnd: Bool

    var count: Int { bytes.count }

    func position(_ index: Int) -> Int64 { offset + Int64(index) }
}

/// How far a walk got over its window.
struct Advance {
    /// Bytes done with; may reach past the window's end, and then that much of the file is passed over unseen.
    var consumed: Int64
    /// Bytes, counted from the first that is not consumed, without which nothing more can be decided. At least 1; the
    /// walk is not called again before they are there or the file ends.
    var needed: Int
    /// The walk that takes over from the first byte that is not consumed.
    var next: (any FormatWalk)?

    init(consumed: Int, needed: Int, next: (any FormatWalk)? = nil) {
        self.init(passing: Int64(consumed), needed: needed, next: next)
    }

    init(passing consumed: Int64, needed: Int, next: (any FormatWalk)? = nil) {
        self.consumed = consumed
        self.needed = max(needed, 1)
        self.next = next
    }

    /// The most that a walk may need at a time: an Ogg page and what tells that another follows it (RFC 3533,
    /// section 6: 27 + 255 + 255 * 255 bytes).
    static let maximumNeeded = 131_072
}

/// The state machine of one file format: windows in, findings out.
///
/// What a walk decides depends on the bytes of the file alone, never on where a window happens to end: while it
/// misses bytes, and the file has not ended, it asks for them and changes nothing.
protocol FormatWalk: Sendable {
    /// Goes on over `window`, as far as the bytes in it allow.
    mutating func advance(over window: Window) -> Advance

    /// What was found, once the file has ended at `size` bytes.
    mutating func finish(size: Int64) -> AudioFindings
}

extension UnsafeRawBufferPointer {
    func bigEndian16(at index: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: index, as: UInt16.self))
    }
    func bigEndian32(at index: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: index, as: UInt32.self))
    }
    func bigEndian64(at index: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
    func littleEndian16(at index: Int) -> UInt16 {
        UInt16(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt16.self))
    }
    func littleEndian32(at index: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt32.self))
    }
    func littleEndian64(at index: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Whether `text` stands at `index`; false where the bytes end before it does.
    func holds(_ text: StaticString, at index: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index >= 0, index + length <= count else { return false }
        let start = text.utf8Start
        // Most often the first byte tells.
        for position in 0..<length where self[index + position] != start[position] { return false }
        return true
    }
}
