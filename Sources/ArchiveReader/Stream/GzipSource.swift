import Inflate
import Recordings

/// Inflates a gzip file (RFC 1952). Members that follow each other are one stream.
///
/// What the trailers say goes to a ``GzipCheck``, which is shown the inflated bytes and verifies them.
final class GzipSource: ByteSource {
    private var input: DecoderInput
    private let check: GzipCheck
    private var inflate = InflateStream()
    private var header = GzipHeader()
    private var trailer: [UInt8] = []
    private var phase = Phase.memberStart
    private var memberCount = 0
    private var own = Findings()
    private var trailing = TrailingBytes()
    /// Bytes that have been inflated.
    private var produced: Int64 = 0

    private enum Phase {
        case memberStart, header, body, trailer, trailing, ended
    }

    init(_ input: any ByteSource, _ check: GzipCheck) {
        self.input = DecoderInput(input)
        self.check = check
        trailer.reserveCapacity(Self.trailerSize)
    }

    var findings: Findings {
        var all = input.source.findings
        all.merge(own)
        return all
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var made = 0
        while phase != .ended, made < target.count {
            try input.refill()
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

    private func startMember() throws(Failure) {
        guard !input.unread.isEmpty else {
            phase = .ended
            return
        }
        if memberCount > 0 {
            try input.keepTogether(3)
            guard TrailingBytes.isMemberStart(input.unread) else {
                phase = .trailing
                return
            }
        }
        header = GzipHeader()
        inflate.reset()
        phase = .header
    }

    private func readHeader() {
        guard !input.unread.isEmpty else { return failCut() }
        var rest = input.unread
        let progress = header.read(&rest)
        input.use(input.unread.count - rest.count)
        switch progress {
        case .goesOn: break
        case .done: phase = .body
        case .damaged(let reason): fail("the gzip data is damaged (\(reason))")
        }
    }

    /// Returns how many bytes came out.
    private func inflateSome(_ target: UnsafeMutableRawBufferPointer) -> Int {
        let step = inflate.decode(input.unread, into: target)
        input.use(step.used)
        produced += Int64(step.made)
        switch step.status {
        case .needsRoom: break
        case .needsInput: if input.isEnded { failCut() }
        case .ended: phase = .trailer
        case .damaged(let damage): fail("the gzip data is damaged (\(damage.rawValue))")
        }
        return step.made
    }

    /// A member's CRC-32 and length, behind its data.
    private static let trailerSize = 8

    private func readTrailer() {
        guard !input.unread.isEmpty else { return failCut() }
        let part = input.unread.prefix(Self.trailerSize - trailer.count)
        trailer.append(contentsOf: part)
        input.use(part.count)
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
        own.damage(reason, hidesEntries: true)
        phase = .ended
    }

    private func passTrailing() {
        guard !input.unread.isEmpty else {
            own.trailingBytes += trailing.count
            if trailing.looksLikeMember {
                own.isSuspect = true
                own.damage(
                    "\(trailing.count) bytes behind the gzip data look like more of it, damaged",
                    hidesEntries: true
                )
            } else if trailing.count > 0 {
                own.remark("\(trailing.count) bytes stand behind the gzip data")
            }
            phase = .ended
            return
        }
        trailing.add(input.unread)
        input.use(input.unread.count)
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
