import CZlib
import Foundation

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
}
