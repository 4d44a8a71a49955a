import CZlib

/// Inflates gzip (RFC 1952), zlib (RFC 1950) and, because some servers send it under the name of deflate, raw Deflate
/// (RFC 1951). Bounded: it never has more than one piece of input and one of output. For one reader.
final class Inflater {
    private static let pieceBytes = 256 << 10

    /// zlib keeps the address of its stream, so it must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isStarted = false
    private var input: [UInt8] = []
    private var offset = 0
    /// Whether what came in ends where the compressed data does.
    private(set) var isAtEnd = false
    private(set) var hasFailed = false

    init() {
        stream.initialize(to: z_stream())
    }

    deinit {
        if isStarted { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func take(_ piece: [UInt8]) {
        input = offset < input.count ? Array(input[offset...]) + piece : piece
        offset = 0
    }

    /// The next bytes; nil when more input is needed, or there is no more.
    ///
    /// - Throws: ``TransportError`` of kind `cut` when the data is damaged.
    func next() throws -> [UInt8]? {
        guard try start() else { return nil }
        while offset < input.count {
            if isAtEnd {
                // A gzip file can have several members (RFC 1952, section 2.2); anything else after the end is padding.
                guard input[offset] == 0x1f, inflateReset(stream) == Z_OK else {
                    offset = input.count
                    return nil
                }
                isAtEnd = false
            }
            let output = try step()
            if !output.isEmpty { return output }
        }
        return nil
    }

    /// Chooses the format by the first two bytes. Returns false as long as they are not there.
    private func start() throws -> Bool {
        if isStarted { return true }
        guard input.count >= 2 else { return false }
        let first = Int(input[0])
        let isGzip = first == 0x1f && input[1] == 0x8b
        let isZlib = first & 0x0f == 8 && (first << 8 | Int(input[1])) % 31 == 0
        // 15 bits of window; 32 more look for a gzip or zlib header, a minus sign for none (zlib.h, inflateInit2).
        let bits: Int32 = isGzip || isZlib ? 15 + 32 : -15
        guard inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw damaged()
        }
        isStarted = true
        return true
    }

    private func step() throws -> [UInt8] {
        var status = Z_OK
        var consumed = 0
        let output = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { target, count in
            input.withUnsafeMutableBufferPointer { source in
                let available = min(source.count - offset, Int(Int32.max))
                stream.pointee.next_in = source.baseAddress.map { $0 + offset }
                stream.pointee.avail_in = UInt32(available)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(target.count)
                status = inflate(stream, Z_NO_FLUSH)
                consumed = available - Int(stream.pointee.avail_in)
                count = target.count - Int(stream.pointee.avail_out)
            }
        }
        offset += consumed
        switch status {
        case Z_STREAM_END: isAtEnd = true
        case Z_OK: break
        // Nothing could be done: more input is needed, and there is none left.
        case Z_BUF_ERROR where offset >= input.count || !output.isEmpty: break
        default: throw damaged()
        }
        return output
    }

    private func damaged() -> TransportError {
        hasFailed = true
        return TransportError(.cut, "the coded answer is damaged")
    }
}
