import Recordings

/// Inflates a gzip file (RFC 1952). Members that follow each other are one stream.
///
/// What the trailers say goes to a ``GzipCheck``, which is shown the inflated bytes and verifies them.
final class GzipSource: ByteSource {
    private let input: any ByteSource
    private let check: GzipCheck
    private let buffer = Buffer(128 << 10)
    private var inflate = Inflate()
    private var header = GzipHeader()
    private var trailer: [UInt8] = []
    private var phase = Phase.memberStart
    /// Of the input, in `buffer` or where the input has it.
    private var unread = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isInputEnded = false
    private var memberCount = 0
    private var own = Findings()
    private var trailing = TrailingBytes()
    /// Bytes that have been inflated.
    private var produced: Int64 = 0

    private enum Phase {
        case memberStart, header, body, trailer, trailing, ended
    }

    init(_ input: any ByteSource, _ check: GzipCheck) {
        self.input = input
        self.check = check
        trailer.reserveCapacity(Self.trailerSize)
    }

    var findings: Findings {
        var all = input.findings
        all.merge(own)
        return all
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var made = 0
        while phase != .ended, made < target.count {
            if unread.isEmpty { try refill() }
            switch phase {
            case .memberStart: try startMember()
            case .header: readHeader()
            case .body: made += inflateSome(UnsafeMutableRawBufferPointer(rebasing: target[made...]))
            case .trailer: readTrailer()
            case .trailing: passTrailing()
            case .ended: break
            }
        }
        return made
    }

    private func refill() throws(Failure) {
        guard !isInputEnded else { return }
        unread = try input.chunk(buffer.bytes)
        isInputEnded = unread.isEmpty
    }

    private func startMember() throws(Failure) {
        guard !unread.isEmpty else {
            phase = .ended
            return
        }
        if memberCount > 0 {
            try keepTogether(3)
            guard TrailingBytes.isMemberStart(unread) else {
                phase = .trailing
                return
            }
        }
        header = GzipHeader()
        inflate.reset()
        phase = .header
    }

    /// Brings at least `count` unread bytes together, where the input has as many.
    private func keepTogether(_ count: Int) throws(Failure) {
        guard unread.count < count, !isInputEnded else { return }
        let kept = unread.count
        buffer.bytes.copyMemory(from: unread)
        let got = try input.fill(UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[kept...]))
        isInputEnded = got == 0
        unread = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<(kept + got)])
    }

    private func readHeader() {
        guard !unread.isEmpty else { return failCut() }
        switch header.read(&unread) {
        case .goesOn: break
        case .done: phase = .body
        case .damaged(let reason): fail("the gzip data is damaged (\(reason))")
        }
    }

    /// Returns how many bytes came out.
    private func inflateSome(_ target: UnsafeMutableRawBufferPointer) -> Int {
        let step = inflate.decode(unread, into: target)
        unread = UnsafeRawBufferPointer(rebasing: unread[step.used...])
        produced += Int64(step.made)
        switch step.status {
        case .needsRoom: break
        case .needsInput: if isInputEnded { failCut() }
        case .ended: phase = .trailer
        case .damaged(let damage): fail("the gzip data is damaged (\(damage.rawValue))")
        }
        return step.made
    }

    /// A member's CRC-32 and length, behind its data.
    private static let trailerSize = 8

    private func readTrailer() {
        guard !unread.isEmpty else { return failCut() }
        let part = unread.prefix(Self.trailerSize - trailer.count)
        trailer.append(contentsOf: part)
        unread = UnsafeRawBufferPointer(rebasing: unread[part.count...])
        guard trailer.count == Self.trailerSize else { return }
        let (crc, size) = trailer.withUnsafeBytes { (UInt32($0.u32(0)), UInt32($0.u32(4))) }
        check.memberEnded(at: produced, crc: crc, size: size)
        trailer.removeAll(keepingCapacity: true)
        memberCount += 1
        phase = .memberStart
    }

    private func failCut() { fail("the gzip data ends before its checksum: the file is cut") }

    private func fail(_ reason: String) {
        own.isSuspect = true
        own.damage(reason)
        phase = .ended
    }

    private func passTrailing() {
        guard !unread.isEmpty else {
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
        trailing.add(unread)
        unread = UnsafeRawBufferPointer(start: nil, count: 0)
    }
}

/// What stands behind the last gzip member: padding, a signature, or a member that lost its first bytes.
private struct TrailingBytes {
    private(set) var count: Int64 = 0
    private(set) var looksLikeMember = false

    private static let magic = GzipHeader.magic + [GzipHeader.deflate]

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
