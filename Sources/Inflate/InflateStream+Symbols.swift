/// The symbols of a block (RFC 1951, section 3.2.3), near the end of a buffer: one at a time.
extension InflateStream {
    /// Decodes symbols until the block, the input or the room ends.
    mutating func decodeSymbols(_ place: inout Place) -> Status? {
        while true {
            // Bits of an earlier input may wait for the rest of their symbol; the fast way would give them back to this one.
            if bitCount < 8, place.unread >= Self.fastInput, place.room >= Self.fastRoom {
                if let ending = decodeFast(&place) { return follow(ending) }
            }
            switch decodeCarefully(&place) {
            case .goesOn: continue
            case .stops(let status): return status
            case .endsBlock, .isMatch: return nil
            }
        }
    }

    private mutating func follow(_ ending: FastEnding) -> Status? {
        switch ending {
        case .endOfBlock:
            phase = .blockHeader
            return nil
        case .damage(let damage):
            return fail(damage)
        }
    }

    private enum Careful {
        case goesOn, endsBlock, isMatch
        case stops(Status)
    }

    /// One symbol, with the distance behind a length. Nothing of it is used up before all of it is there.
    private mutating func decodeCarefully(_ place: inout Place) -> Careful {
        let table = isFixed ? fixedLiterals.entries : literals.entries
        let mask = isFixed ? fixedLiterals.mask : literals.mask
        guard let (entry, used) = find(table, mask, from: 0, &place) else { return .stops(.needsInput) }
        if entry & HuffmanTable.literal != 0 {
            // Of a pair this is the first.
            guard place.room > 0 else { return .stops(.needsRoom) }
            use(used)
            place.output.pointee = UInt8(truncatingIfNeeded: entry >> 16)
            place.output += 1
            return .goesOn
        }
        if entry & HuffmanTable.exceptional != 0 {
            guard entry & HuffmanTable.endOfBlock != 0 else { return .stops(fail(.literalCode)) }
            use(used)
            phase = .blockHeader
            return .endsBlock
        }
        return decodeMatch(entry, used, &place)
    }

    private mutating func decodeMatch(_ entry: UInt32, _ used: Int, _ place: inout Place) -> Careful {
        let lengthBits = Self.extraBits(entry)
        guard need(used + lengthBits, &place) else { return .stops(.needsInput) }
        let length = Int(entry >> 16) + value(lengthBits, from: used)
        let table = isFixed ? fixedDistances.entries : distances.entries
        let mask = isFixed ? fixedDistances.mask : distances.mask
        guard let (code, behind) = find(table, mask, from: used + lengthBits, &place) else {
            return .stops(.needsInput)
        }
        guard code & HuffmanTable.exceptional == 0 else { return .stops(fail(.distanceCode)) }
        let distanceBits = Self.extraBits(code)
        guard need(behind + distanceBits, &place) else { return .stops(.needsInput) }
        let distance = Int(code >> 16) + value(distanceBits, from: behind)
        use(behind + distanceBits)
        guard distance <= place.made + windowCount else { return .stops(fail(.tooFarBack)) }
        phase = .match(length: length, distance: distance)
        return .isMatch
    }

    private static func extraBits(_ entry: UInt32) -> Int { Int(entry & 0xff) - Int(entry >> 8 & 15) }

    /// The entry of the word that begins behind `start` bits, and how many bits there are up to the word's end. Nil when the
    /// input ends before the word does.
    @inline(__always)
    mutating func find(
        _ table: UnsafeMutablePointer<UInt32>,
        _ mask: UInt64,
        from start: Int,
        _ place: inout Place
    ) -> (entry: UInt32, used: Int)? {
        while true {
            let ahead = bits &>> UInt64(truncatingIfNeeded: start)
            var entry = table[Int(truncatingIfNeeded: ahead & mask)]
            var used = start
            if entry & HuffmanTable.exceptional != 0, entry & HuffmanTable.pointer != 0 {
                let first = Int(entry & 0xff)
                used += first
                let second = value(Int(entry >> 8 & 15), from: used)
                entry = table[Int(entry >> 16 & 0x7fff) + second]
            }
            used += entry & HuffmanTable.exceptional != 0 ? Int(entry & 0xff) : Int(entry >> 8 & 15)
            if used <= bitCount { return (entry, used) }
            guard need(bitCount + 1, &place) else { return nil }
        }
    }

    /// Puts as much of a match into the output as there is room for.
    mutating func copyMatch(_ length: Int, _ distance: Int, _ place: inout Place) -> Status? {
        let count = min(length, place.room)
        copy(count, distance, place.output, place.made)
        place.output += count
        guard count < length else {
            phase = .symbols
            return nil
        }
        phase = .match(length: length - count, distance: distance)
        return .needsRoom
    }

    /// Repeats what stands `distance` bytes back: in the window first, where it begins before the present output.
    func copy(_ count: Int, _ distance: Int, _ target: UnsafeMutablePointer<UInt8>, _ made: Int) {
        var done = 0
        if distance > made {
            done = min(count, distance - made)
            target.update(from: window + (Self.windowSize - (distance - made)), count: done)
        }
        while done < count {
            target[done] = (target + (done - distance)).pointee
            done += 1
        }
    }
}
