import CZlib
import Recordings

/// The CRC-32 of zip and gzip.
func checksum(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
    UInt32(crc32_z(uLong(start), bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
}

func checksum(of bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }

/// Reads stored and deflated data (RFC 1951) from a zip; one a thread.
final class Inflater {
    private let output = Buffer(128 << 10)
    private let stream: UnsafeMutablePointer<z_stream>
    private let progress: ReadProgress

    init(_ progress: ReadProgress) throws(Failure) {
        self.progress = progress
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // A negative window size is zlib's sign for data without any wrapping (zlib.h, inflateInit2).
        guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Failure(.fileSystem, "cannot start zlib: there is not enough memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// How the data came out.
    struct Outcome {
        var size: Int64 = 0
        var crc: UInt32 = 0
        /// Behind the last byte of packed data.
        var end: Int64
        /// Why it is not all; nil when it is.
        var problem: String?
    }

    /// Inflates what begins at `start` and ends before `limit`, and gives it to `take`.
    func inflate(
        _ input: ZipInput,
        _ start: Int64,
        before limit: Int64,
        take: (UnsafeRawBufferPointer) throws(Stop) -> Void
    ) throws(Stop) -> Outcome {
        inflateReset(stream)
        var outcome = Outcome(end: start)
        var state = Z_OK
        while state != Z_STREAM_END, outcome.problem == nil {
            stream.pointee.next_out = output.bytes.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = uInt(output.bytes.count)
            while stream.pointee.avail_out > 0, state != Z_STREAM_END, outcome.problem == nil {
                let chunk = try host { () throws(Failure) in try Self.chunk(input, outcome.end, before: limit) }
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: chunk.baseAddress?.assumingMemoryBound(to: Bytef.self)
                )
                stream.pointee.avail_in = uInt(chunk.count)
                guard !chunk.isEmpty else {
                    outcome.problem = "its data is cut"
                    break
                }
                state = CZlib.inflate(stream, Z_NO_FLUSH)
                let used = Int64(chunk.count) - Int64(stream.pointee.avail_in)
                outcome.end += used
                // Before anything is handed on: what comes out is held against what went in.
                progress.didRead(used)
                if state != Z_OK, state != Z_STREAM_END, state != Z_BUF_ERROR {
                    let reason = stream.pointee.msg.map { String(cString: $0) } ?? "invalid"
                    outcome.problem = "its data is damaged (\(reason))"
                }
            }
            let made = UnsafeRawBufferPointer(
                rebasing: output.bytes[..<(output.bytes.count - Int(stream.pointee.avail_out))]
            )
            outcome.crc = checksum(made, from: outcome.crc)
            outcome.size += Int64(made.count)
            try take(made)
        }
        return outcome
    }

    /// Hands on the stored bytes between `start` and `end`.
    func copy(
        _ input: ZipInput,
        _ start: Int64,
        upTo end: Int64,
        into outcome: inout Outcome,
        take: (UnsafeRawBufferPointer) throws(Stop) -> Void
    ) throws(Stop) {
        while outcome.end < end {
            let chunk = try host { () throws(Failure) in try Self.chunk(input, outcome.end, before: end) }
            guard !chunk.isEmpty else {
                outcome.problem = "its data is cut"
                return
            }
            outcome.crc = checksum(chunk, from: outcome.crc)
            outcome.size += Int64(chunk.count)
            outcome.end += Int64(chunk.count)
            progress.didRead(Int64(chunk.count))
            try take(chunk)
        }
    }

    private static func chunk(
        _ input: ZipInput,
        _ start: Int64,
        before limit: Int64
    ) throws(Failure) -> UnsafeRawBufferPointer {
        guard start < limit else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let bytes = try input.bytes(at: start)
        return UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(min(limit - start, Int64(bytes.count)))))
    }
}
