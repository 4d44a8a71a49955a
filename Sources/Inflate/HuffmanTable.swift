/// A table that decodes a prefix code of deflate (RFC 1951, section 3.2.2): indexed by the next bits of the stream, it says
/// which symbol they begin with. Codes longer than the table's index go on in a second table behind the first.
///
/// An entry is a number of 32 bits:
///
/// - bits 0 to 7: how many bits are used up, a length's or distance's extra bits included
/// - bits 8 to 11: how many of those are the code; in a pointer, how many bits index the second table
/// - bits 13 to 15: ``endOfBlock``, ``pointer``, ``exceptional``; or, of a literal, bit 14: ``pair``
/// - bits 16 to 30: the literal, the least length or distance, or where the second table begins
/// - bit 31: ``literal``
struct HuffmanTable: ~Copyable {
    static let literal: UInt32 = 1 << 31
    /// Neither a literal nor a length or distance. Without another mark: a code that means nothing.
    static let exceptional: UInt32 = 1 << 15
    static let pointer: UInt32 = 1 << 14
    static let endOfBlock: UInt32 = 1 << 13
    /// Of a literal: the next word is one as well, and its bits are among those that are used up.
    static let pair: UInt32 = 1 << 14

    /// Everything is written below `capacity`, which `put` sees to, and looked up below it: an index into the first table
    /// is masked by ``mask``, one into a second table by the width that its pointer gives.
    let entries: UnsafeMutablePointer<UInt32>
    private let capacity: Int
    private let widest: Int
    /// How many bits index the first table.
    private(set) var width = 1
    var mask: UInt64 { (1 << UInt64(width)) - 1 }

    /// - Parameter capacity: the most entries that a code of so many symbols can need: `enough.c` of zlib counts them.
    init(width: Int, capacity: Int) {
        widest = width
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Self.exceptional | 1, count: capacity)
    }

    deinit { entries.deallocate() }

    /// What the lengths of a code's words can be.
    enum Shape {
        /// Every sequence of bits is a word, or some are not, or no word at all is there.
        case complete, single, empty
        /// More words than there is room for, or fewer: not allowed (RFC 1951 leaves open which codes are; zlib's rule is
        /// that only a lone word of one bit may leave room).
        case invalid
    }

    /// Makes the table of the code whose words have these lengths (0 to 15, 0 for none), by the symbols' numbers.
    ///
    /// - Parameters:
    ///   - meanings: an entry for each symbol, without the lengths of its word.
    ///   - order: room for as many symbols.
    mutating func build(
        _ lengths: UnsafeBufferPointer<UInt8>,
        _ meanings: UnsafePointer<UInt32>,
        order: UnsafeMutablePointer<UInt16>
    ) -> Shape {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 32) { scratch -> Shape in
            scratch.initialize(repeating: 0)
            guard let counts = scratch.baseAddress else { return .invalid }
            let starts = counts + 16
            for length in lengths { counts[Int(length & 15)] += 1 }
            counts[0] = 0
            var longest = 15
            while longest > 0, counts[longest] == 0 { longest -= 1 }
            let shape = Self.shape(counts, longest)
            switch shape {
            case .invalid:
                return shape
            case .empty:
                fillWithout(Self.exceptional | 1)
                return shape
            case .single, .complete:
                break
            }
            for length in 1..<15 { starts[length + 1] = starts[length] + counts[length] }
            for symbol in 0..<lengths.count where lengths[symbol] > 0 {
                let length = Int(lengths[symbol] & 15)
                order[starts[length]] = UInt16(truncatingIfNeeded: symbol)
                starts[length] += 1
            }
            if shape == .single {
                fillWithout(Self.exceptional | 1)
                put(Self.entry(meanings[Int(order[0])], 1), at: 0)
            } else {
                width = widest
                fill(counts, order, meanings)
            }
            return shape
        }
    }

    /// Fills the table with one entry of one bit, whatever the bits.
    mutating func fillWithout(_ entry: UInt32) {
        width = 1
        put(entry, at: 0)
        put(entry, at: 1)
    }

    private static func shape(_ counts: UnsafeMutablePointer<Int>, _ longest: Int) -> Shape {
        guard longest > 0 else { return .empty }
        var left = 1
        for length in 1...15 {
            left = left * 2 - counts[length]
            guard left >= 0 else { return .invalid }
        }
        return left == 0 ? .complete : longest == 1 ? .single : .invalid
    }

    private static func entry(_ meaning: UInt32, _ length: Int) -> UInt32 {
        meaning &+ UInt32(truncatingIfNeeded: length << 8 | length)
    }

    private func put(_ entry: UInt32, at place: Int) {
        precondition(place >= 0 && place < capacity, "a code needs more room than any can")
        entries[place] = entry
    }

    /// Goes through the words in their order. Bits come with the least significant first (section 3.1.1), so a word is an index
    /// with its own first bit lowest, and the table for words up to a length is a copy of the one for shorter words, twice.
    private func fill(
        _ counts: UnsafeMutablePointer<Int>,
        _ order: UnsafeMutablePointer<UInt16>,
        _ meanings: UnsafePointer<UInt32>
    ) {
        var word = 0
        var next = 0
        var filled = 1
        for length in 1...width {
            doubleTable(&filled)
            for _ in 0..<counts[length] {
                put(Self.entry(meanings[Int(order[next])], length), at: word)
                next += 1
                word = Self.word(behind: word, length)
            }
        }
        fillSecond(counts, order, meanings, from: next, word)
    }

    private func doubleTable(_ filled: inout Int) {
        precondition(filled * 2 <= capacity, "a code needs more room than any can")
        (entries + filled).update(from: entries, count: filled)
        filled *= 2
    }

    /// The word behind this one of so many bits, its first bit lowest; after the last, 0.
    private static func word(behind word: Int, _ length: Int) -> Int {
        let zeros = ~word & ((1 << length) - 1)
        guard zeros != 0 else { return 0 }
        let bit = 1 << (Int.bitWidth - 1 - zeros.leadingZeroBitCount)
        return word & (bit - 1) | bit
    }

    /// The words that are longer than the first table's index: a second table for those that begin with the same bits.
    private func fillSecond(
        _ counts: UnsafeMutablePointer<Int>,
        _ order: UnsafeMutablePointer<UInt16>,
        _ meanings: UnsafePointer<UInt32>,
        from start: Int,
        _ firstWord: Int
    ) {
        var (next, word, length) = (start, firstWord, width + 1)
        let firstMask = (1 << width) - 1
        var end = 1 << width
        var begin = end
        var prefix = -1
        while length <= 15 {
            var left = counts[length]
            while left > 0 {
                if word & firstMask != prefix {
                    prefix = word & firstMask
                    begin = end
                    let bits = Self.bits(ofSecond: counts, left, length, width)
                    end += 1 << bits
                    put(Self.exceptional | Self.pointer | UInt32(begin << 16 | bits << 8 | width), at: prefix)
                }
                var place = begin + word >> width
                while place < end {
                    put(Self.entry(meanings[Int(order[next])], length - width), at: place)
                    place += 1 << (length - width)
                }
                next += 1
                left -= 1
                word = Self.word(behind: word, length)
            }
            length += 1
        }
    }

    // MARK: Pairs

    /// Words up to this length can be one of a pair.
    static let longestInPair = 9

    /// Lets entries of literals use up the next literal's word as well, where its length is clear from the bits that are left of
    /// the index: words of one length stand together (section 3.2.2), so few bits tell. The next lookup then need not wait for
    /// the one that says which literal it is.
    ///
    /// - Parameter scratch: room for twice the first table's entries.
    func pairLiterals(_ scratch: UnsafeMutablePointer<UInt16>) {
        let size = 1 << width
        // At 2^n + b: the mark and the length of a literal's word that begins with the n bits b, where all that do agree.
        for place in 0..<size {
            let entry = entries[place]
            let length = entry & 0xff
            let isShort = entry & Self.literal != 0 && length <= Self.longestInPair
            scratch[size + place] = isShort ? UInt16(truncatingIfNeeded: Self.pair | length) : 0
        }
        var half = size / 2
        while half > 0 {
            Self.agree(scratch + 2 * half, scratch + half, count: half)
            half /= 2
        }
        for place in 0..<size {
            // What is no short literal goes back to its own place, where 0 stands.
            let length = Int(scratch[size + place] & 15)
            entries[place] &+= UInt32(scratch[(size + place) >> length])
        }
    }

    /// What the first half and the second of `pairs` have in common.
    private static func agree(_ pairs: UnsafeMutablePointer<UInt16>, _ target: UnsafeMutablePointer<UInt16>, count: Int)
    {
        var done = 0
        while done + 8 <= count {
            let low = UnsafeRawPointer(pairs + done).loadUnaligned(as: SIMD8<UInt16>.self)
            let high = UnsafeRawPointer(pairs + count + done).loadUnaligned(as: SIMD8<UInt16>.self)
            let same = low.replacing(with: 0, where: low .!= high)
            UnsafeMutableRawPointer(target + done).storeBytes(of: same, as: SIMD8<UInt16>.self)
            done += 8
        }
        while done < count {
            target[done] = pairs[done] == pairs[count + done] ? pairs[done] : 0
            done += 1
        }
    }

    /// How many bits index a second table whose first word has this length, `left` of which are still to come.
    private static func bits(ofSecond counts: UnsafeMutablePointer<Int>, _ left: Int, _ length: Int, _ width: Int)
        -> Int
    {
        var bits = length - width
        var used = left
        while used < 1 << bits, width + bits < 15 {
            bits += 1
            used = used * 2 + counts[width + bits]
        }
        return bits
    }
}

/// What the symbols of deflate's codes mean, as entries of a ``HuffmanTable``.
enum DeflateSymbols {
    // Safe from every thread by this proof: each table is written once, before its pointer is known to anybody, and lasts.

    /// RFC 1951, section 3.2.5: literals, the end of a block and lengths. The last two take part in the fixed code and mean nothing.
    nonisolated(unsafe) static let literalsAndLengths: UnsafePointer<UInt32> = lasting(
        (0..<256).map { HuffmanTable.literal | $0 << 16 }
            + [HuffmanTable.exceptional | HuffmanTable.endOfBlock]
            + zip(lengthBases, lengthExtraBits).map { $0 << 16 | $1 }
            + [HuffmanTable.exceptional, HuffmanTable.exceptional]
    )

    /// Section 3.2.5: distances, and two that mean nothing.
    nonisolated(unsafe) static let distances: UnsafePointer<UInt32> = lasting(
        zip(distanceBases, distanceExtraBits).map { $0 << 16 | $1 } + [
            HuffmanTable.exceptional, HuffmanTable.exceptional,
        ]
    )

    /// Section 3.2.7: the code that the lengths of the other codes are written in.
    nonisolated(unsafe) static let codeLengths: UnsafePointer<UInt32> = lasting((0..<19).map { $0 << 16 })

    static let lengthBases: [UInt32] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    static let lengthExtraBits: [UInt32] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    static let distanceBases: [UInt32] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145,
        8193, 12289, 16385, 24577,
    ]
    static let distanceExtraBits: [UInt32] = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]

    /// Never written again and never freed, so any thread may look at it.
    private static func lasting(_ entries: [UInt32]) -> UnsafePointer<UInt32> {
        let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: entries.count)
        memory.initialize(from: entries, count: entries.count)
        return UnsafePointer(memory)
    }
}
