/// What stands before a block's data (RFC 1951, sections 3.2.3 to 3.2.7). Each of these returns why it cannot go on; nil when
/// the next phase can begin.
extension InflateStream {
    mutating func readBlockHeader(_ place: inout Place) -> Status? {
        if isLastBlock {
            phase = .ended
            // The rest of the last byte is nothing.
            bits = 0
            bitCount = 0
            return .ended
        }
        guard need(3, &place) else { return .needsInput }
        isLastBlock = value(1) == 1
        let type = value(2, from: 1)
        use(3)
        switch type {
        case 0:
            use(bitCount & 7)
            phase = .storedLength
        case 1:
            isFixed = true
            phase = .symbols
        case 2:
            phase = .codeSizes
        default:
            return fail(.blockType)
        }
        return nil
    }

    // MARK: Stored

    mutating func readStoredLength(_ place: inout Place) -> Status? {
        guard need(32, &place) else { return .needsInput }
        let length = value(16)
        guard length == ~value(16, from: 16) & 0xffff else { return fail(.storedLengths) }
        use(32)
        phase = .stored(length)
        return nil
    }

    mutating func copyStored(_ left: Int, _ place: inout Place) -> Status? {
        let count = min(left, place.unread, place.room)
        place.output.update(from: place.input, count: count)
        place.input += count
        place.output += count
        guard count < left else {
            phase = .blockHeader
            return nil
        }
        phase = .stored(left - count)
        return place.unread == 0 ? .needsInput : .needsRoom
    }

    // MARK: Codes

    mutating func buildFixedCodes() {
        for symbol in 0..<288 { lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8 }
        _ = fixedLiterals.build(
            UnsafeBufferPointer(start: lengths, count: 288),
            DeflateSymbols.literalsAndLengths,
            order: order
        )
        for symbol in 0..<32 { lengths[symbol] = 5 }
        _ = fixedDistances.build(
            UnsafeBufferPointer(start: lengths, count: 32),
            DeflateSymbols.distances,
            order: order
        )
    }

    mutating func readCodeSizes(_ place: inout Place) -> Status? {
        guard need(14, &place) else { return .needsInput }
        counts = (value(5) + 257, value(5, from: 5) + 1, value(4, from: 10) + 4)
        use(14)
        guard counts.literals <= 286, counts.distances <= 30 else { return fail(.symbolCounts) }
        lengths.update(repeating: 0, count: 19)
        read = 0
        phase = .codeLengthLengths
        return nil
    }

    /// The order in which the lengths of the code for lengths come.
    private static func place(ofLength number: Int) -> Int {
        // 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
        switch number {
        case 0..<3: 16 + number
        case 3: 0
        default: number % 2 == 0 ? 6 + number / 2 : 9 - number / 2
        }
    }

    mutating func readCodeLengthLengths(_ place: inout Place) -> Status? {
        while read < counts.lengths {
            guard need(3, &place) else { return .needsInput }
            lengths[Self.place(ofLength: read)] = UInt8(truncatingIfNeeded: value(3))
            use(3)
            read += 1
        }
        let code = UnsafeBufferPointer(start: UnsafePointer(lengths), count: 19)
        switch lengthCode.build(code, DeflateSymbols.codeLengths, order: order) {
        case .complete: break
        // Such a block is refused for its missing end; what zlib makes of it until then is a length of 0 a bit.
        case .empty: lengthCode.fillWithout(1 << 8 | 1)
        case .single, .invalid: return fail(.codeLengthsSet)
        }
        read = 0
        phase = .codeLengths
        return nil
    }

    mutating func readCodeLengths(_ place: inout Place) -> Status? {
        let count = counts.literals + counts.distances
        while read < count {
            guard let (entry, used) = find(lengthCode.entries, lengthCode.mask, from: 0, &place) else {
                return .needsInput
            }
            let symbol = Int(entry >> 16)
            guard symbol >= 16 else {
                use(used)
                lengths[read] = UInt8(truncatingIfNeeded: symbol)
                read += 1
                continue
            }
            let (extra, least) = symbol == 16 ? (2, 3) : symbol == 17 ? (3, 3) : (7, 11)
            guard need(used + extra, &place) else { return .needsInput }
            let times = least + value(extra, from: used)
            use(used + extra)
            guard symbol > 16 || read > 0, read + times <= count else { return fail(.repeated) }
            (lengths + read).update(repeating: symbol == 16 ? lengths[read - 1] : 0, count: times)
            read += times
        }
        return buildCodes()
    }

    private mutating func buildCodes() -> Status? {
        guard lengths[256] > 0 else { return fail(.noEndOfBlock) }
        let forLiterals = UnsafeBufferPointer(start: UnsafePointer(lengths), count: counts.literals)
        guard literals.build(forLiterals, DeflateSymbols.literalsAndLengths, order: order) != .invalid else {
            return fail(.literalsSet)
        }
        let rest = UnsafePointer(lengths) + counts.literals
        let forDistances = UnsafeBufferPointer(start: rest, count: counts.distances)
        guard distances.build(forDistances, DeflateSymbols.distances, order: order) != .invalid else {
            return fail(.distancesSet)
        }
        literals.pairLiterals(pairs)
        isFixed = false
        phase = .symbols
        return nil
    }
}
