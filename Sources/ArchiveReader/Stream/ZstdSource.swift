import CZstd
import Recordings

/// Undoes Zstandard (RFC 8878) with libzstd, which verifies the checksums of the frames that have one. Frames that follow
/// each other are one stream.
final class ZstdSource: ByteSource {
    private var input: DecoderInput
    private let decoder: ZstdDecoder
    private var phase = Phase.frameStart
    private var frameCount = 0
    /// How many bytes the decoder is given next: a block's header, or a block. What came out of a call that fails cannot be
    /// told, so what is damaged must not share a call with what stands before it.
    private var wanted = Zstd.magicLength
    /// Whether the last call filled its target: then there may be more to come out before anything goes in.
    private var isFlushing = false
    private var own = Findings()

    private enum Phase {
        case frameStart, frame, trailing, ended
    }

    init(_ input: any ByteSource) throws(Failure) {
        self.input = DecoderInput(input)
        decoder = try ZstdDecoder()
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
            case .frameStart: try startFrame()
            case .frame: made += try decodeSome(UnsafeMutableRawBufferPointer(rebasing: target[made...]))
            case .trailing: passTrailing()
            case .ended: break
            }
        }
        return made
    }

    private func startFrame() throws(Failure) {
        guard !input.unread.isEmpty else {
            phase = .ended
            return
        }
        try input.keepTogether(Zstd.magicLength)
        // What the first is, was seen by who made this.
        phase = frameCount == 0 || Zstd.isFrameStart(input.unread) ? .frame : .trailing
    }

    /// Returns how many bytes came out.
    private func decodeSome(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let isCut = input.unread.isEmpty && !isFlushing
        let part = UnsafeRawBufferPointer(rebasing: input.unread.prefix(isFlushing ? 0 : wanted))
        let step = try decoder.decode(part, into: target)
        input.use(step.used)
        isFlushing = step.made == target.count
        switch step.status {
        case .goesOn(let next):
            wanted = next
            if isCut, step.made == 0 { fail("it ends in the middle of a frame") }
        case .ended:
            frameCount += 1
            (wanted, isFlushing) = (Zstd.magicLength, false)
            phase = .frameStart
        case .failed(let reason): fail(reason)
        case .needsTooMuch:
            own.damage(Self.needsTooMuch, hidesEntries: true)
            phase = .ended
        }
        return step.made
    }

    private static let needsTooMuch =
        "the zstd data looks back over more than 128 MiB, which takes too much memory; have it packed with --long=27 at most"

    private func fail(_ reason: String) {
        own.isSuspect = true
        own.damage("the zstd data is damaged or cut (\(reason))", hidesEntries: true)
        phase = .ended
    }

    private func passTrailing() {
        own.trailingBytes += Int64(input.unread.count)
        input.use(input.unread.count)
        guard input.isEnded else { return }
        own.damage("\(own.trailingBytes) trailing bytes after the zstd data", hidesEntries: true)
        phase = .ended
    }
}

/// What is to be known of the format itself.
enum Zstd {
    static let magicLength = 4

    /// Whether a frame begins here (RFC 8878, section 3.1.1), or one that is to be skipped (section 3.1.2): `pzstd` puts such
    /// in front of each.
    static func isFrameStart(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
            || (bytes.first.map { $0 & 0xf0 == 0x50 } == true && bytes.dropFirst().starts(with: [0x2a, 0x4d, 0x18]))
    }
}

/// A decoder of libzstd, freed with its owner.
///
/// It refuses a frame whose window is larger than 128 MiB, as `zstd -d` does (zstd.h, `ZSTD_d_windowLogMax`).
private struct ZstdDecoder: ~Copyable {
    private let context: OpaquePointer

    init() throws(Failure) {
        guard let context = ZSTD_createDCtx() else { throw Self.noMemory }
        self.context = context
    }

    private static let noMemory = Failure(.fileSystem, "cannot undo zstd: there is not enough memory")

    deinit { ZSTD_freeDCtx(context) }

    enum Status {
        /// It can do with this many bytes next.
        case goesOn(next: Int)
        /// A frame has ended, and all of it has come out.
        case ended
        case failed(String)
        case needsTooMuch
    }

    struct Step {
        let used: Int
        let made: Int
        let status: Status
    }

    func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Step {
        var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        let hint = ZSTD_decompressStream(context, &output, &input)
        return Step(used: input.pos, made: output.pos, status: try Self.status(hint))
    }

    /// RFC 8878, section 3.1.1.2.
    private static let blockHeaderLength = 3

    private static func status(_ hint: Int) throws(Failure) -> Status {
        guard ZSTD_isError(hint) != 0 else {
            // libzstd asks for the next block's header together with a block.
            return hint == 0 ? .ended : .goesOn(next: hint > blockHeaderLength ? hint - blockHeaderLength : hint)
        }
        switch ZSTD_getErrorCode(hint) {
        case ZSTD_error_frameParameter_windowTooLarge: return .needsTooMuch
        case ZSTD_error_memory_allocation: throw noMemory
        default: return .failed(String(cString: ZSTD_getErrorName(hint)))
        }
    }
}
