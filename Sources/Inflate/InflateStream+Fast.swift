/// The symbols of a block (RFC 1951, section 3.2.3), as fast as one thread can: while there is so much of both buffers that
/// nothing needs to be asked between one symbol and the next. The layout of entries and of this loop is libdeflate's.
extension InflateStream {
    enum FastEnding {
        case endOfBlock
        case damage(Damage)
    }

    /// A round reads eight bytes twice, each time at most seven further on.
    static let fastInput = 16
    /// A round makes at most six literals, or four and a match of 258 bytes, which is copied in steps of 16.
    static let fastRoom = 6 + 258 + 16 + 8

    /// The next bits of the stream, above two that mean nothing: so masked, they are an entry's place in a table in bytes, which
    /// takes the processor a cycle less than to multiply, in the one chain of steps that all of this waits for.
    private struct Bits {
        /// Above ``count`` stand bits that come next in the input, and are read once more.
        var bits: UInt64
        /// The low byte is the number of bits, the two included; subtracting whole entries leaves anything above it.
        var count: UInt64
        var input: UnsafePointer<UInt8>

        @inline(__always)
        init(_ bits: UInt64, _ count: Int, _ input: UnsafePointer<UInt8>) {
            self.bits = bits &<< 2
            self.count = UInt64(truncatingIfNeeded: count) &+ 2
            self.input = input
        }

        /// Fills up to at least 54 bits of the stream.
        @inline(__always)
        mutating func refill() {
            let next = UnsafeRawPointer(input).loadUnaligned(as: UInt64.self)
            bits |= UInt64(littleEndian: next) &<< count
            input += Int(truncatingIfNeeded: 7 &- (count &>> 3 & 7))
            count |= 56
        }

        @inline(__always)
        mutating func use(_ entry: UInt32) {
            bits &>>= UInt64(truncatingIfNeeded: entry)
            count &-= UInt64(truncatingIfNeeded: entry)
        }

        /// - Parameter mask: the first table's, two bits further up.
        @inline(__always)
        func entry(_ table: UnsafeRawPointer, _ mask: UInt64, behind length: UInt64 = 0) -> UInt32 {
            table.load(fromByteOffset: Int(truncatingIfNeeded: bits &>> length & mask), as: UInt32.self)
        }

        /// Uses up a pointer and looks its word up in the second table.
        @inline(__always)
        mutating func follow(_ pointer: UInt32, _ table: UnsafeRawPointer) -> UInt32 {
            use(pointer)
            let width = UInt64(truncatingIfNeeded: pointer &>> 8 & 15)
            let place = Int(truncatingIfNeeded: pointer &>> 16 & 0x7fff) &* 4
            return entry(table + place, ((1 &<< width) &- 1) &<< 2)
        }

        /// A length or distance: the least, and what the extra bits behind the word add.
        @inline(__always)
        mutating func number(_ entry: UInt32) -> Int {
            let whole = (bits &>> 2) & ((1 &<< UInt64(truncatingIfNeeded: entry)) &- 1)
            let extra = whole &>> UInt64(truncatingIfNeeded: entry &>> 8 & 15)
            use(entry)
            return Int(truncatingIfNeeded: entry &>> 16) &+ Int(truncatingIfNeeded: extra)
        }
    }

    /// - Returns: what it came to; nil when not enough is left of one of the buffers.
    @inline(never)
    mutating func decodeFast(_ place: inout Place) -> FastEnding? {
        let table = UnsafeRawPointer(isFixed ? fixedLiterals.entries : literals.entries)
        let mask = (isFixed ? fixedLiterals.mask : literals.mask) &<< 2
        let distanceTable = UnsafeRawPointer(isFixed ? fixedDistances.entries : distances.entries)
        let distanceMask = (isFixed ? fixedDistances.mask : distances.mask) &<< 2
        let lastInput = place.inputEnd - Self.fastInput
        let lastOutput = place.outputEnd - Self.fastRoom
        let start = place.outputStart
        var output = place.output
        var stream = Bits(bits, bitCount, place.input)
        var ending: FastEnding?

        while stream.input <= lastInput, output <= lastOutput {
            stream.refill()
            var entry = stream.entry(table, mask)
            // The bits are enough for three pairs of 18 bits, or for fewer and one lookup more.
            if entry & HuffmanTable.literal != 0 {
                Self.put(entry, &stream, &output, table, mask)
                entry = stream.entry(table, mask)
                if entry & HuffmanTable.literal != 0 {
                    Self.put(entry, &stream, &output, table, mask)
                    entry = stream.entry(table, mask)
                    if entry & HuffmanTable.literal != 0 {
                        Self.put(entry, &stream, &output, table, mask)
                        continue
                    }
                }
                // What follows takes up to 48.
                stream.refill()
            }
            if entry & HuffmanTable.exceptional != 0 {
                if entry & HuffmanTable.pointer != 0 {
                    entry = stream.follow(entry, table)
                    if entry & HuffmanTable.literal != 0 {
                        output.pointee = UInt8(truncatingIfNeeded: entry &>> 16)
                        output += 1
                        stream.use(entry)
                        continue
                    }
                }
                if entry & HuffmanTable.exceptional != 0 {
                    let isEnd = entry & HuffmanTable.endOfBlock != 0
                    if isEnd { stream.use(entry) }
                    ending = isEnd ? .endOfBlock : .damage(.literalCode)
                    break
                }
            }
            let length = stream.number(entry)
            var code = stream.entry(distanceTable, distanceMask)
            if code & HuffmanTable.exceptional != 0 {
                if code & HuffmanTable.pointer != 0 { code = stream.follow(code, distanceTable) }
                if code & HuffmanTable.exceptional != 0 {
                    ending = .damage(.distanceCode)
                    break
                }
            }
            let distance = stream.number(code)
            let made = output - start
            if distance > made {
                guard distance <= made &+ windowCount else {
                    ending = .damage(.tooFarBack)
                    break
                }
                copy(length, distance, output, made)
            } else {
                Self.copyFast(length, distance, output)
            }
            output += length
        }
        // Whole bytes that were read ahead are given back.
        let left = Int(truncatingIfNeeded: stream.count & 0xff) - 2
        place.input = stream.input - left / 8
        place.output = output
        bitCount = left & 7
        bits = stream.bits &>> 2 & ((1 &<< UInt64(truncatingIfNeeded: bitCount)) &- 1)
        return ending
    }

    /// Puts a literal, or a pair of them, into the output. A byte behind a lone one is written over later.
    @inline(__always)
    private static func put(
        _ entry: UInt32,
        _ stream: inout Bits,
        _ output: inout UnsafeMutablePointer<UInt8>,
        _ table: UnsafeRawPointer,
        _ mask: UInt64
    ) {
        let second = stream.entry(table, mask, behind: UInt64(truncatingIfNeeded: entry &>> 8))
        output[0] = UInt8(truncatingIfNeeded: entry &>> 16)
        output[1] = UInt8(truncatingIfNeeded: second &>> 16)
        output += 1 &+ Int(truncatingIfNeeded: entry &>> 14 & 1)
        stream.use(entry)
    }

    /// Repeats what stands `distance` bytes back in the output, in steps that may go over the end.
    @inline(__always)
    private static func copyFast(_ length: Int, _ distance: Int, _ output: UnsafeMutablePointer<UInt8>) {
        let target = UnsafeMutableRawPointer(output)
        let source = UnsafeRawPointer(output) - distance
        var done = 0
        if distance >= 16 {
            repeat {
                let part = (source + done).loadUnaligned(as: SIMD16<UInt8>.self)
                (target + done).storeBytes(of: part, as: SIMD16<UInt8>.self)
                done &+= 16
            } while done < length
        } else {
            // The first `distance` of the eight bytes are right, and the next step writes over the others.
            let step = min(distance, 8)
            repeat {
                let part = (source + done).loadUnaligned(as: UInt64.self)
                (target + done).storeBytes(of: part, as: UInt64.self)
                done &+= step
            } while done < length
        }
    }
}
