import Recordings

/// A stage of decoding: bytes are drawn from it. Used by one thread at a time.
protocol ByteSource: AnyObject {
    /// Fills the whole of `target`; less than that only at the end of the stream, where it returns 0.
    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    /// The next bytes, in `buffer` or where they are; valid until the next call. Empty at the end.
    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer
    /// What this stage and those before it found; whole once `fill` has returned 0.
    var findings: Findings { get }
}

extension ByteSource {
    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[..<(try fill(buffer))])
    }
}

/// A source whose first bytes have been looked at already.
final class PeekedSource: ByteSource {
    private let source: any ByteSource
    private(set) var head: [UInt8]
    private var used = 0

    /// Draws up to `count` bytes from `source` and keeps them in ``head`` for whoever reads first.
    init(_ source: any ByteSource, count: Int) throws(Failure) {
        self.source = source
        let buffer = Buffer(count)
        let got = try source.fill(buffer.bytes)
        head = Array(buffer.bytes[..<got])
    }

    var findings: Findings { source.findings }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        guard used < head.count else { return try source.fill(target) }
        let count = min(target.count, head.count - used)
        target.copyBytes(from: head[used..<used + count])
        used += count
        if used == head.count {
            head = []
            used = 0
        }
        guard count < target.count else { return count }
        return count + (try source.fill(UnsafeMutableRawBufferPointer(rebasing: target[count...])))
    }
}
