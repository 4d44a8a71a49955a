import Recordings

/// What a decoder has drawn from its input and not used yet.
struct DecoderInput: ~Copyable {
    let source: any ByteSource
    private let buffer = Buffer(128 << 10)
    /// In the buffer, or where the source has them.
    private(set) var unread = UnsafeRawBufferPointer.empty
    /// Whether the source has nothing more.
    private(set) var isEnded = false

    init(_ source: any ByteSource) { self.source = source }

    /// Draws more, where all that was drawn is used.
    mutating func refill() throws(Failure) {
        guard unread.isEmpty, !isEnded else { return }
        unread = try source.chunk(buffer.bytes)
        isEnded = unread.isEmpty
    }

    mutating func use(_ count: Int) { unread = UnsafeRawBufferPointer(rebasing: unread[count...]) }

    /// Brings at least `count` unread bytes together, where the source has as many.
    mutating func keepTogether(_ count: Int) throws(Failure) {
        guard unread.count < count, !isEnded else { return }
        let kept = unread.count
        buffer.bytes.copyMemory(from: unread)
        let got = try source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[kept...]))
        isEnded = got == 0
        unread = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<(kept + got)])
    }
}
