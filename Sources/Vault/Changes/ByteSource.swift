import CZlib
import Foundation
import Recordings

/// Bytes that come one part after the other.
protocol ByteSource: AnyObject {
    /// Fills `buffer` with the next bytes.
    ///
    /// - Returns: how many they are; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int
}

/// A file as it is.
final class PlainFile: ByteSource {
    private let file: ReadFile

    init(_ file: consuming ReadFile) {
        self.file = file
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int { try file.read(into: buffer) }
}

/// What a gzip file (RFC 1952) of one member holds, as the history keeps manifests.
final class GzipFile: ByteSource {
    private let file: ReadFile
    private let path: String
    /// zlib remembers where it lies, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var input = [UInt8](repeating: 0, count: 64 << 10)
    private var unread = 0..<0
    private var hasEnded = false

    init(_ file: consuming ReadFile, _ path: String) throws(Failure) {
        self.file = file
        self.path = path
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, plus 16 for the gzip wrapper (zlib.h, inflateInit2).
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw Failure(.fileSystem, "cannot read \(path): zlib gives status \(status)")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while !hasEnded {
            if unread.isEmpty {
                unread = 0..<(try refill())
                guard !unread.isEmpty else { throw damaged("it is cut") }
            }
            let (status, count) = inflate(into: buffer)
            switch status {
            case Z_STREAM_END: hasEnded = true
            case Z_OK: break
            default: throw damaged("zlib gives status \(status)")
            }
            if count > 0 { return count }
        }
        return 0
    }

    private func refill() throws(Failure) -> Int {
        let result = input.withUnsafeMutableBytes { bytes in
            Result { () throws(Failure) in try file.read(into: bytes) }
        }
        return try result.get()
    }

    private func inflate(into buffer: UnsafeMutableRawBufferPointer) -> (status: Int32, count: Int) {
        let range = unread
        let (status, left) = input.withUnsafeMutableBytes { source in
            let rest = UnsafeMutableRawBufferPointer(rebasing: source[range])
            stream.pointee.next_in = rest.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_in = UInt32(rest.count)
            stream.pointee.next_out = buffer.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(buffer.count)
            return (CZlib.inflate(stream, Z_NO_FLUSH), Int(stream.pointee.avail_in))
        }
        unread = (range.upperBound - left)..<range.upperBound
        return (status, buffer.count - Int(stream.pointee.avail_out))
    }

    private func damaged(_ detail: String) -> Failure {
        Failure(.corrupt, "\(path) is damaged: \(detail)", advice: "Restore it from a backup")
    }
}
