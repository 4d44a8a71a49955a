import CZlib
import Inflate
import Recordings

/// The CRC-32 of zip and gzip.
func checksum(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
    UInt32(crc32_z(uLong(start), bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
}

func checksum(of bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }

/// Reads stored and deflated data (RFC 1951) from a zip; one a thread.
final class Inflater {
    private let output = Buffer(128 << 10)
    private var stream = InflateStream()
    private let progress: ReadProgress

    init(_ progress: ReadProgress) { self.progress = progress }

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
        stream.reset()
        var outcome = Outcome(end: start)
        var isEnded = false
        while !isEnded, outcome.problem == nil {
            var made = 0
            while made < output.bytes.count, !isEnded, outcome.problem == nil {
                let chunk = try host { () throws(Failure) in try Self.chunk(input, outcome.end, before: limit) }
                let room = UnsafeMutableRawBufferPointer(rebasing: output.bytes[made...])
                let step = stream.decode(chunk, into: room)
                made += step.made
                outcome.end += Int64(step.used)
                // Before anything is handed on: what comes out is held against what went in.
                progress.didRead(Int64(step.used))
                switch step.status {
                case .needsRoom: break
                case .needsInput: if chunk.isEmpty { outcome.problem = "its data is cut" }
                case .ended: isEnded = true
                case .damaged(let damage): outcome.problem = "its data is damaged (\(damage.rawValue))"
                }
            }
            let bytes = UnsafeRawBufferPointer(rebasing: output.bytes[..<made])
            outcome.crc = checksum(bytes, from: outcome.crc)
            outcome.size += Int64(made)
            try take(bytes)
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
