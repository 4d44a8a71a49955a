import CZlib
import Foundation
import Recordings

import struct Crypto.SHA256

/// Gzip (RFC 1952) as the history keeps manifests: no name and no time in the header, so the same bytes give the same file.
enum Gzip {
    static func compress(_ data: Data) -> Data {
        var stream = z_stream()
        // 15 bits of window, plus 16 for the gzip wrapper (zlib.h, deflateInit2).
        let status = deflateInit2_(
            &stream,
            Z_BEST_COMPRESSION,
            Z_DEFLATED,
            15 + 16,
            9,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(status == Z_OK, "zlib refuses its own defaults: \(status)")
        defer { deflateEnd(&stream) }
        var output = Data(count: Int(deflateBound(&stream, UInt(data.count))))
        var input = data
        let written = input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(target.count)
                deflate(&stream, Z_FINISH)
                return target.count - Int(stream.avail_out)
            }
        }
        return output.prefix(written)
    }

    /// The SHA-256 digest of what a gzip file holds; nil when it is damaged, by its own checksum, or cut.
    static func contentDigest(_ compressed: Data) -> Digest? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var hash = SHA256()
        var part = [UInt8](repeating: 0, count: 256 << 10)
        var input = compressed
        return input.withUnsafeMutableBytes { source -> Digest? in
            stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
            stream.avail_in = UInt32(source.count)
            while true {
                let status = part.withUnsafeMutableBytes { target in
                    stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    stream.avail_out = UInt32(target.count)
                    let status = inflate(&stream, Z_NO_FLUSH)
                    let count = target.count - Int(stream.avail_out)
                    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: target[..<count]))
                    return status
                }
                if status == Z_STREAM_END { return stream.avail_in == 0 ? Digest(bytes: hash.finalize()) : nil }
                guard status == Z_OK else { return nil }
            }
        }
    }
}
