import CZlib
import Inflate

/// What came of inflating, by whomever.
struct Inflation: Equatable {
    var bytes: [UInt8] = []
    /// Of the input; all of it where more is needed.
    var used = 0
    var ending = Ending.needsInput

    enum Ending: Equatable {
        case needsInput, ended
        case damaged(String)
    }

    /// What zlib says of a deflate stream without wrapping.
    init(zlib input: [UInt8], room: Int = 1 << 17) {
        var stream = z_stream()
        // A negative window size is zlib's sign for data without any wrapping (zlib.h, inflateInit2).
        precondition(inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        var input = input
        bytes = [UInt8](repeating: 0, count: room)
        let status = input.withUnsafeMutableBufferPointer { input in
            bytes.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                return inflate(&stream, Z_NO_FLUSH)
            }
        }
        used = Int(stream.total_in)
        bytes.removeLast(room - Int(stream.total_out))
        switch status {
        case Z_STREAM_END: ending = .ended
        case Z_DATA_ERROR: ending = .damaged(stream.msg.map { String(cString: $0) } ?? "")
        default: ending = .needsInput
        }
    }

    /// What our own reader says, with so many bytes of input and output at a time.
    init(own input: [UInt8], piece: Int = .max, room: Int = 1 << 17) {
        var stream = InflateStream()
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { output.deallocate() }
        input.withUnsafeBytes { input in
            while true {
                let rest = UnsafeRawBufferPointer(rebasing: input[used...].prefix(piece))
                let step = stream.decode(rest, into: output)
                bytes += output[..<step.made]
                used += step.used
                switch step.status {
                case .needsRoom: continue
                case .needsInput: if used < input.count { continue }
                case .ended: ending = .ended
                case .damaged(let damage): ending = .damaged(damage.rawValue)
                }
                return
            }
        }
        // Where in a piece an error was seen says nothing.
        if case .damaged = ending { used = 0 }
    }

    /// Without what two readers need not agree on: how far behind an error they have read.
    var told: Inflation {
        var told = self
        if case .damaged = ending { told.used = 0 }
        return told
    }
}

/// Deflates with zlib as it is told to.
func deflated(
    _ bytes: [UInt8],
    level: Int32 = 6,
    window: Int32 = 15,
    memory: Int32 = 8,
    strategy: Int32 = Z_DEFAULT_STRATEGY
) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    precondition(
        deflateInit2_(&stream, level, Z_DEFLATED, -window, memory, strategy, ZLIB_VERSION, size) == Z_OK
    )
    defer { deflateEnd(&stream) }
    var bytes = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(bytes.count))) + 64)
    bytes.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = uInt(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = uInt(output.count)
            precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        }
    }
    output.removeLast(output.count - Int(stream.total_out))
    return output
}

/// Writes a deflate stream bit by bit (RFC 1951, section 3.1.1): numbers with their lowest bit first, words of a code with their
/// highest.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    mutating func number(_ value: Int, _ bits: Int) {
        for place in 0..<bits { bit(value >> place & 1) }
    }

    mutating func word(_ value: Int, _ bits: Int) {
        for place in (0..<bits).reversed() { bit(value >> place & 1) }
    }

    private mutating func bit(_ value: Int) {
        if count % 8 == 0 { bytes.append(0) }
        bytes[bytes.count - 1] |= UInt8(value << (count % 8))
        count += 1
    }

    /// Begins the last block, with codes of these lengths, each written out by a code of 16 words of 4 bits for the lengths
    /// 0 to 15.
    mutating func dynamicBlock(literals: [Int], distances: [Int], literalCount: Int? = nil, distanceCount: Int? = nil) {
        number(1, 1)
        number(2, 2)
        number((literalCount ?? literals.count) - 257, 5)
        number((distanceCount ?? distances.count) - 1, 5)
        number(19 - 4, 4)
        // The code's own lengths, in the order of section 3.2.7: none for the three that repeat.
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            number(symbol < 16 ? 4 : 0, 3)
        }
        for length in literals + distances { word(length, 4) }
    }
}
