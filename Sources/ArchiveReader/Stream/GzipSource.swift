import CZlib
import Recordings

/// Inflates a gzip file (RFC 1952) with zlib. Members that follow each other are one stream.
///
/// What the trailers say goes to a ``GzipCheck``, which is shown the inflated bytes and verifies them.
final class GzipSource: ByteSource {
    private let input: any ByteSource
    private let check: GzipCheck
    private let buffer = Buffer(128 << 10)
    /// zlib keeps a pointer to its caller's structure, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var phase = Phase.memberStart
    private var isInputEnded = false
    private var memberCount = 0
    private var own = Findings()
    private var trailing = TrailingBytes()
    /// Bytes that have been inflated before the present call.
    private var produced: Int64 = 0
    /// The last bytes of the input before those that are in the buffer: a trailer can begin there.
    private var former: [UInt8] = []

    private enum Phase {
        case memberStart, body, trailing, ended
    }

    init(_ input: any ByteSource, _ check: GzipCheck) throws(Failure) {
        self.input = input
        self.check = check
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for the gzip wrapping with its checks (zlib.h, inflateInit2).
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Failure(.fileSystem, "cannot start zlib: there is not enough memory")
        }
        inflateValidate(stream, 0)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    var findings: Findings {
        var all = input.findings
        all.merge(own)
        return all
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = uInt(target.count)
        room = target.count
        while phase != .ended, stream.pointee.avail_out > 0 {
            if stream.pointee.avail_in == 0 { try refill() }
            switch phase {
            case .memberStart: try startMember()
            case .body: inflateSome()
            case .trailing: passTrailing()
            case .ended: break
            }
        }
        let count = target.count - Int(stream.pointee.avail_out)
        produced += Int64(count)
        return count
    }

    /// The size of what is being filled.
    private var room = 0

    private func refill() throws(Failure) {
        guard !isInputEnded else { return }
        rememberTail()
        let chunk = try input.chunk(buffer.bytes)
        isInputEnded = chunk.isEmpty
        use(chunk)
    }

    private var chunkStart: UnsafeMutablePointer<Bytef>?

    private func use(_ chunk: UnsafeRawBufferPointer) {
        chunkStart = UnsafeMutablePointer(mutating: chunk.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.pointee.next_in = chunkStart
        stream.pointee.avail_in = uInt(chunk.count)
    }

    /// The bytes of the present chunk that zlib has used up.
    private var used: UnsafeBufferPointer<Bytef> {
        guard let chunkStart, let place = stream.pointee.next_in else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        return UnsafeBufferPointer(start: chunkStart, count: place - chunkStart)
    }

    private func rememberTail() {
        former = Array((former + Array(used.suffix(8))).suffix(8))
    }

    /// The eight bytes before the place that zlib has come to: a member's checksum and length.
    private func noteTrailer() {
        let trailer = (former + Array(used.suffix(8))).suffix(8)
        guard trailer.count == 8 else { return }
        let numbers = Array(trailer).withUnsafeBytes { (UInt32($0.u32(0)), UInt32($0.u32(4))) }
        let place = produced + Int64(room) - Int64(stream.pointee.avail_out)
        check.memberEnded(at: place, crc: numbers.0, size: numbers.1)
    }

    private func startMember() throws(Failure) {
        guard stream.pointee.avail_in > 0 else {
            phase = .ended
            return
        }
        if memberCount > 0 {
            try keepTogether(3)
            guard TrailingBytes.isMemberStart(UnsafeRawBufferPointer(start: stream.pointee.next_in, count: available))
            else {
                phase = .trailing
                return
            }
            inflateReset(stream)
        }
        phase = .body
    }

    private var available: Int { Int(stream.pointee.avail_in) }

    /// Brings at least `count` unread bytes together, where the input has as many.
    private func keepTogether(_ count: Int) throws(Failure) {
        guard available < count, !isInputEnded, let unread = stream.pointee.next_in else { return }
        rememberTail()
        let kept = available
        buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(start: unread, count: kept))
        let got = try input.fill(UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[kept...]))
        isInputEnded = got == 0
        use(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<(kept + got)]))
    }

    private func inflateSome() {
        if stream.pointee.avail_in == 0, isInputEnded {
            own.isSuspect = true
            own.damage("the gzip data ends before its checksum: the file is cut")
            phase = .ended
            return
        }
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_STREAM_END:
            noteTrailer()
            memberCount += 1
            phase = .memberStart
        case Z_OK, Z_BUF_ERROR:
            break
        case Z_NEED_DICT:
            fail("it asks for a dictionary, which gzip does not have")
        case Z_MEM_ERROR:
            fail("there is not enough memory to inflate it")
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "its data is invalid"
            fail("the gzip data is damaged (\(reason))")
        }
    }

    private func fail(_ reason: String) {
        own.isSuspect = true
        own.damage(reason)
        phase = .ended
    }

    private func passTrailing() {
        guard stream.pointee.avail_in > 0 else {
            own.trailingBytes += trailing.count
            if trailing.looksLikeMember {
                own.isSuspect = true
                own.damage("\(trailing.count) bytes behind the gzip data look like more of it, damaged")
            } else if trailing.count > 0 {
                own.remark("\(trailing.count) bytes stand behind the gzip data")
            }
            phase = .ended
            return
        }
        trailing.add(UnsafeRawBufferPointer(start: stream.pointee.next_in, count: available))
        stream.pointee.avail_in = 0
    }
}

/// What stands behind the last gzip member: padding, a signature, or a member that lost its first bytes.
private struct TrailingBytes {
    private(set) var count: Int64 = 0
    private(set) var looksLikeMember = false

    private static let magic: [UInt8] = [0x1f, 0x8b, 8]

    /// Whether a member begins here: its magic number and the one method that there is (RFC 1952, section 2.3.1).
    static func isMemberStart(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && zip(bytes, magic).allSatisfy(==)
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        if count == 0 {
            looksLikeMember = bytes.count >= 3 && zip(bytes, Self.magic).count(where: ==) >= 2
        }
        count += Int64(bytes.count)
        var rest = bytes[...]
        while !looksLikeMember, let start = rest.firstIndex(of: Self.magic[0]) {
            looksLikeMember = Self.isMemberStart(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            rest = bytes[(start + 1)...]
        }
    }
}
