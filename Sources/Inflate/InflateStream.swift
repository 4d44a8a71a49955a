/// Undoes deflate (RFC 1951), a piece of input and a piece of output at a time, wherever those end.
///
/// What is accepted and what is not, and how much comes out before an error, is as in zlib, whose words say what is wrong. The
/// memory it needs is constant.
///
/// It is safe by these rules: every distance is held against what has been produced; nothing is read or written outside of
/// the two buffers of a call, the ``HuffmanTable``s, whose indices are bounded there, and memory of its own of fixed size. Most of the data goes
/// through ``decodeFast``, which runs only while so much of both buffers is left that no step in it needs to look; the
/// rest goes through ``decodeCarefully``.
package struct InflateStream: ~Copyable {
    package enum Status: Hashable, Sendable {
        /// All input is used up.
        case needsInput
        /// The output is full, and something waits to be put there.
        case needsRoom
        /// The stream has ended. Input behind its last byte is not used.
        case ended
        case damaged(Damage)
    }

    /// In zlib's words.
    package enum Damage: String, Hashable, Sendable {
        case blockType = "invalid block type"
        case storedLengths = "invalid stored block lengths"
        case symbolCounts = "too many length or distance symbols"
        case codeLengthsSet = "invalid code lengths set"
        case repeated = "invalid bit length repeat"
        case noEndOfBlock = "invalid code -- missing end-of-block"
        case literalsSet = "invalid literal/lengths set"
        case distancesSet = "invalid distances set"
        case literalCode = "invalid literal/length code"
        case distanceCode = "invalid distance code"
        case tooFarBack = "invalid distance too far back"
    }

    /// What one call came to.
    package struct Step {
        package var used: Int
        package var made: Int
        package var status: Status
    }

    /// Where a call has come to in its two buffers.
    struct Place {
        var input: UnsafePointer<UInt8>
        let inputEnd: UnsafePointer<UInt8>
        var output: UnsafeMutablePointer<UInt8>
        let outputStart: UnsafeMutablePointer<UInt8>
        let outputEnd: UnsafeMutablePointer<UInt8>

        var made: Int { output - outputStart }
        var room: Int { outputEnd - output }
        var unread: Int { inputEnd - input }
    }

    /// What comes next in the stream.
    enum Phase {
        case blockHeader
        case storedLength
        /// So many stored bytes.
        case stored(Int)
        case codeSizes
        case codeLengthLengths
        case codeLengths
        case symbols
        /// The rest of a match.
        case match(length: Int, distance: Int)
        case ended
        case damaged(Damage)
    }

    var phase = Phase.blockHeader
    var isLastBlock = false
    /// Bits that have been read and not been used, the next one lowest; zeros above them.
    ///
    /// Outside of ``decodeFast`` a byte is only read when it is needed, so that fewer than eight are left after
    /// each symbol: none of them belongs to a byte behind the end of the stream.
    var bits: UInt64 = 0
    var bitCount = 0

    // A block's codes (sections 3.2.6 and 3.2.7). Capacities by zlib's enough.c.
    var literals = HuffmanTable(width: Self.literalWidth, capacity: 2342)
    var distances = HuffmanTable(width: Self.distanceWidth, capacity: 402)
    var lengthCode = HuffmanTable(width: 7, capacity: 128)
    var fixedLiterals = HuffmanTable(width: 9, capacity: 512)
    var fixedDistances = HuffmanTable(width: 5, capacity: 32)
    var isFixed = false
    var counts = (literals: 0, distances: 0, lengths: 0)
    var read = 0

    static let literalWidth = 11
    static let distanceWidth = 8
    static let windowSize = 32 << 10
    static let mostLengths = 320

    /// The lengths of a block's codes, and room to sort symbols by them.
    let lengths: UnsafeMutablePointer<UInt8>
    let order: UnsafeMutablePointer<UInt16>
    let pairs: UnsafeMutablePointer<UInt16>

    /// What was produced before the present call, at the end of its memory: matches reach back into it.
    let window: UnsafeMutablePointer<UInt8>
    var windowCount = 0

    package init() {
        lengths = .allocate(capacity: Self.mostLengths)
        lengths.initialize(repeating: 0, count: Self.mostLengths)
        order = .allocate(capacity: Self.mostLengths)
        order.initialize(repeating: 0, count: Self.mostLengths)
        pairs = .allocate(capacity: 2 << Self.literalWidth)
        pairs.initialize(repeating: 0, count: 2 << Self.literalWidth)
        window = .allocate(capacity: Self.windowSize)
        window.initialize(repeating: 0, count: Self.windowSize)
        buildFixedCodes()
    }

    deinit {
        lengths.deallocate()
        order.deallocate()
        pairs.deallocate()
        window.deallocate()
    }

    /// Begins another stream.
    package mutating func reset() {
        phase = .blockHeader
        isLastBlock = false
        bits = 0
        bitCount = 0
        windowCount = 0
    }

    /// Goes on with the stream: takes from `input` and puts into `output` until one of them, or the stream, is at its end.
    package mutating func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Step {
        // An empty buffer may have no address; nothing is ever read or written there.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { nowhere in
            guard let nothing = nowhere.baseAddress else { return Step(used: 0, made: 0, status: .needsRoom) }
            let source = input.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(nothing)
            let target = output.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing
            var place = Place(
                input: source,
                inputEnd: source + input.count,
                output: target,
                outputStart: target,
                outputEnd: target + output.count
            )
            let status = decode(&place)
            if status == .needsInput || status == .needsRoom { keepWindow(place) }
            return Step(used: place.input - source, made: place.made, status: status)
        }
    }

    private mutating func decode(_ place: inout Place) -> Status {
        while true {
            let stop: Status?
            switch phase {
            case .blockHeader: stop = readBlockHeader(&place)
            case .storedLength: stop = readStoredLength(&place)
            case .stored(let left): stop = copyStored(left, &place)
            case .codeSizes: stop = readCodeSizes(&place)
            case .codeLengthLengths: stop = readCodeLengthLengths(&place)
            case .codeLengths: stop = readCodeLengths(&place)
            case .symbols: stop = decodeSymbols(&place)
            case .match(let length, let distance): stop = copyMatch(length, distance, &place)
            case .ended: stop = .ended
            case .damaged(let damage): stop = .damaged(damage)
            }
            if let stop { return stop }
        }
    }

    mutating func fail(_ damage: Damage) -> Status {
        phase = .damaged(damage)
        return .damaged(damage)
    }

    /// What was produced becomes what can be reached back to.
    private mutating func keepWindow(_ place: Place) {
        let size = Self.windowSize
        let made = place.made
        if made >= size {
            window.update(from: place.output - size, count: size)
            windowCount = size
        } else if made > 0 {
            let kept = min(windowCount, size - made)
            (window + (size - made - kept)).update(from: window + (size - kept), count: kept)
            (window + (size - made)).update(from: place.outputStart, count: made)
            windowCount = kept + made
        }
    }

    // MARK: Bits

    /// Reads bytes until there are `count` bits, at most 56; false when the input ends before.
    @inline(__always)
    mutating func need(_ count: Int, _ place: inout Place) -> Bool {
        while bitCount < count {
            guard place.input < place.inputEnd else { return false }
            bits |= UInt64(place.input.pointee) &<< UInt64(truncatingIfNeeded: bitCount)
            place.input += 1
            bitCount += 8
        }
        return true
    }

    @inline(__always)
    mutating func use(_ count: Int) {
        bits &>>= UInt64(truncatingIfNeeded: count)
        bitCount -= count
    }

    /// So many of the bits, from `start` on.
    @inline(__always)
    func value(_ count: Int, from start: Int = 0) -> Int {
        Int(truncatingIfNeeded: bits &>> UInt64(truncatingIfNeeded: start) & ((1 &<< UInt64(count)) &- 1))
    }
}
