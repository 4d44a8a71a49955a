import Recordings

/// A stage of decoding: bytes are drawn from it. Used by one thread at a time.
protocol ByteSource: AnyObject {
    /// Fills the whole of `target`; less than that only at the end of the stream, where it returns 0.
    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    /// The next bytes, in `buffer` or in place; valid until the next call. Empty at the end.
    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer
    /// The next bytes in place, for as long as the window is kept; nil where they are not in a file as they are.
    func window() throws(Failure) -> FileWindow?
    /// What this stage and those before it found; whole once `fill` has returned 0.
    var findings: Findings { get }
}

extension ByteSource {
    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[..<(try fill(buffer))])
    }

    func window() throws(Failure) -> FileWindow? { nil }
}

/// The archive file from its start to its end.
final class FileSource: ByteSource {
    private let file: ArchiveFile
    private let progress: ReadProgress
    private var offset: Int64 = 0
    let findings = Findings()
    private var current: FileWindow?

    init(_ file: ArchiveFile, _ progress: ReadProgress) {
        self.file = file
        self.progress = progress
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let count = try file.read(target, at: offset)
        offset += Int64(count)
        progress.didRead(Int64(count))
        return count
    }

    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
        current = nil
        guard let next = try window() else {
            return UnsafeRawBufferPointer(rebasing: buffer[..<(try fill(buffer))])
        }
        let bytes = next.bytes
        current = consume next
        return bytes
    }

    func window() throws(Failure) -> FileWindow? {
        guard let next = FileWindow(file, at: offset) else { return nil }
        offset += Int64(next.bytes.count)
        progress.didRead(Int64(next.bytes.count))
        return next
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

    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
        guard used < head.count else { return try source.chunk(buffer) }
        return UnsafeRawBufferPointer(rebasing: buffer[..<(try fill(buffer))])
    }

    func window() throws(Failure) -> FileWindow? {
        guard used == head.count else { return nil }
        return try source.window()
    }

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
