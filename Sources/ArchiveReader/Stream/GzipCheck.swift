import CZlib
import Recordings
import Synchronization

/// Verifies the checksum and length of gzip members (RFC 1952, section 2.3.1) apart from their inflating, so that another
/// thread can do it: the inflating is what everything waits for.
final class GzipCheck: Sendable {
    private struct MemberEnd {
        /// In the inflated stream.
        let offset: Int64
        let crc: UInt32
        /// The length modulo 2^32.
        let size: UInt32
    }

    private struct State: Sendable {
        // Told by the one who inflates.
        var ends: [MemberEnd] = []
        var lastEnd: Int64 = 0
        // Of the one who looks at the bytes.
        var offset: Int64 = 0
        var start: Int64 = 0
        var crc: UInt32 = 0
        var findings = Findings()
    }

    private let state = Mutex(State())

    /// A member's data ended at `offset` of the stream, and this is what its trailer says. Comes before the bytes around
    /// `offset` are seen.
    func memberEnded(at offset: Int64, crc: UInt32, size: UInt32) {
        state.withLock { state in
            let end = MemberEnd(offset: offset, crc: crc, size: size)
            // An empty member need not wait for bytes: a file can have millions of them.
            if offset == state.lastEnd {
                Self.compare(end, from: offset, 0, &state)
            } else {
                state.ends.append(end)
            }
            state.lastEnd = offset
        }
    }

    /// The next bytes of the stream, in their order.
    func see(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            var rest = bytes
            var done = 0
            for end in state.ends {
                guard end.offset <= state.offset + Int64(rest.count) else { break }
                let part = Int(end.offset - state.offset)
                state.crc = checksum(UnsafeRawBufferPointer(rebasing: rest[..<part]), from: state.crc)
                state.offset = end.offset
                rest = UnsafeRawBufferPointer(rebasing: rest[part...])
                Self.compare(end, from: state.start, state.crc, &state)
                state.start = end.offset
                state.crc = 0
                done += 1
            }
            state.ends.removeFirst(done)
            state.crc = checksum(rest, from: state.crc)
            state.offset += Int64(rest.count)
        }
    }

    private static func compare(_ end: MemberEnd, from start: Int64, _ crc: UInt32, _ state: inout State) {
        if end.crc != crc {
            state.findings.damage("the gzip checksum (CRC-32) does not match")
            state.findings.isSuspect = true
        } else if end.size != UInt32(truncatingIfNeeded: end.offset - start) {
            state.findings.damage("the gzip length does not match")
            state.findings.isSuspect = true
        }
    }

    /// What was found so far. An end behind the last byte, where nothing is seen any more, is looked at here.
    var findings: Findings {
        see(UnsafeRawBufferPointer(start: nil, count: 0))
        return state.withLock { $0.findings }
    }
}

/// Verifies a gzip stream on its way into another decoder.
final class CheckedSource: ByteSource {
    private let source: any ByteSource
    private let check: GzipCheck

    init(_ source: any ByteSource, _ check: GzipCheck) {
        self.source = source
        self.check = check
    }

    var findings: Findings {
        var all = source.findings
        all.merge(check.findings)
        return all
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let count = try source.fill(target)
        check.see(UnsafeRawBufferPointer(rebasing: target[..<count]))
        return count
    }
}
