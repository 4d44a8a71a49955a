import CZlib
import Inflate

/// Inflates the input with our own reader, in pieces that its first bytes choose, and with zlib: both must say the same.
package func fuzzInflate(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard count > 2 else { return -1 }
    let piece = input[0] == 0 ? Int.max : Int(input[0])
    let room = 1 + Int(input[1]) * 16
    let stream = UnsafeRawBufferPointer(rebasing: input[2...])
    let (own, ownEnding) = inflated(stream, piece, room)
    let (zlib, zlibEnding) = inflatedByZlib(stream)
    precondition(own == zlib, "other bytes: \(own.count), \(zlib.count) by zlib")
    precondition(ownEnding == zlibEnding, "it ends with \(ownEnding), \(zlibEnding) by zlib")
    return 0
}

/// Bombs are cut off here.
private let mostBytes = 4 << 20

private func inflated(_ input: UnsafeRawBufferPointer, _ piece: Int, _ room: Int) -> ([UInt8], String) {
    var stream = InflateStream()
    var bytes: [UInt8] = []
    var used = 0
    while bytes.count < mostBytes {
        // Memory of its own for each piece and exactly as large: the address sanitizer sees what goes beyond.
        let rest = input[used...].prefix(piece)
        let source = UnsafeMutableRawBufferPointer.allocate(byteCount: rest.count, alignment: 1)
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: min(room, mostBytes - bytes.count), alignment: 1)
        defer {
            source.deallocate()
            target.deallocate()
        }
        source.copyBytes(from: rest)
        let step = stream.decode(UnsafeRawBufferPointer(source), into: target)
        precondition(step.used <= source.count && step.made <= target.count)
        bytes += target[..<step.made]
        used += step.used
        switch step.status {
        case .needsRoom: precondition(step.made == target.count, "there was room")
        case .needsInput:
            precondition(step.used == source.count, "there was input")
            if used == input.count { return (bytes, "more input") }
        case .ended: return (bytes, "end at \(used)")
        case .damaged(let damage): return (bytes, damage.rawValue)
        }
    }
    return (bytes, "a bomb")
}

private func inflatedByZlib(_ input: UnsafeRawBufferPointer) -> ([UInt8], String) {
    var stream = z_stream()
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        preconditionFailure("cannot start zlib")
    }
    defer { inflateEnd(&stream) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 64 << 10)
    var status = Z_OK
    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = uInt(input.count)
    while bytes.count < mostBytes, status == Z_OK {
        let room = min(part.count, mostBytes - bytes.count)
        let made = part.withUnsafeMutableBufferPointer { part in
            stream.next_out = part.baseAddress
            stream.avail_out = uInt(room)
            status = inflate(&stream, Z_NO_FLUSH)
            return room - Int(stream.avail_out)
        }
        bytes += part[..<made]
        if status == Z_BUF_ERROR || status == Z_OK && made < room { return (bytes, "more input") }
    }
    switch status {
    case Z_STREAM_END: return (bytes, "end at \(input.count - Int(stream.avail_in))")
    case Z_DATA_ERROR: return (bytes, stream.msg.map { String(cString: $0) } ?? "")
    default: return (bytes, "a bomb")
    }
}
