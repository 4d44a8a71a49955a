import CZlib
import Dispatch
import Foundation
import Recordings
import Synchronization

import struct Crypto.SHA256

/// Gzip (RFC 1952) as the history keeps manifests: one member, no name and no time in the header, so that the same bytes give
/// the same file.
enum Gzip {
    /// So much is compressed at a time, each part on a core of its own.
    private static let partBytes = 1 << 20
    /// Of 80 MB of manifest zlib makes 8.8 MB in half a second at level 3, and 7.8 MB in four seconds at level 6.
    private static let level: Int32 = 3
    /// RFC 1952, section 2.3: Deflate, no flags, no time, no hint, an unknown system.
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    static func compress(_ data: Data) -> Data {
        let count = max(1, (data.count + partBytes - 1) / partBytes)
        let parts = Mutex([(deflated: Data, checksum: UInt, length: Int)?](repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let start = data.startIndex + index * partBytes
            var part = Data(data[start..<min(data.endIndex, start + partBytes)])
            let checksum = part.withUnsafeBytes { bytes in
                crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count))
            }
            let deflated = deflated(&part, isLast: index == count - 1)
            parts.withLock { $0[index] = (deflated, checksum, part.count) }
        }
        var output = Data(header)
        var checksum: UInt = 0
        for part in parts.withLock({ $0.compactMap(\.self) }) {
            output.append(part.deflated)
            checksum = crc32_combine(checksum, part.checksum, part.length)
        }
        for number in [UInt32(truncatingIfNeeded: checksum), UInt32(truncatingIfNeeded: data.count)] {
            withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: $0) }
        }
        return output
    }

    /// One part as Deflate blocks (RFC 1951) that end at a byte, so that the next part's can follow.
    private static func deflated(_ part: inout Data, isLast: Bool) -> Data {
        var stream = z_stream()
        // A negative number of window bits means no wrapper (zlib.h, deflateInit2).
        let status = deflateInit2_(
            &stream,
            level,
            Z_DEFLATED,
            -15,
            9,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(status == Z_OK, "zlib refuses its own defaults: \(status)")
        defer { deflateEnd(&stream) }
        // What ends a part takes a few bytes more than the bound (zlib.h, deflatePending and Z_SYNC_FLUSH).
        var output = Data(count: Int(deflateBound(&stream, UInt(part.count))) + 64)
        let written = part.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(target.count)
                deflate(&stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
                return target.count - Int(stream.avail_out)
            }
        }
        return output.prefix(written)
    }

    /// What a gzip file holds; nil when it is damaged, by its own checksum, or cut.
    static func decompress(_ compressed: Data) -> Data? {
        var content = Data()
        return inflate(compressed) { content.append(contentsOf: $0) } ? content : nil
    }

    /// The SHA-256 digest of what a gzip file holds; nil when it is damaged, by its own checksum, or cut.
    static func contentDigest(_ compressed: Data) -> Digest? {
        var hash = SHA256()
        return inflate(compressed) { hash.update(bufferPointer: $0) } ? Digest(bytes: hash.finalize()) : nil
    }

    /// - Returns: whether it is whole.
    private static func inflate(_ compressed: Data, _ receive: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var stream = z_stream()
        // 15 bits of window, plus 16 for the gzip wrapper (zlib.h, inflateInit2).
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return false
        }
        defer { inflateEnd(&stream) }
        var part = [UInt8](repeating: 0, count: 256 << 10)
        var input = compressed
        return input.withUnsafeMutableBytes { source in
            stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
            stream.avail_in = UInt32(source.count)
            while true {
                let status = part.withUnsafeMutableBytes { target in
                    stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    stream.avail_out = UInt32(target.count)
                    let status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    receive(UnsafeRawBufferPointer(rebasing: target[..<(target.count - Int(stream.avail_out))]))
                    return status
                }
                if status == Z_STREAM_END { return stream.avail_in == 0 }
                guard status == Z_OK else { return false }
            }
        }
    }
}
