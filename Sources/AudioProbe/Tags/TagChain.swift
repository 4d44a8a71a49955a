/// Follows the tags that stand after a file's audio, for formats that do not walk them themselves.
struct TagChain: Sendable {
    /// Where the next tag begins, or the file ends.
    private(set) var end: Int64
    /// Bytes from ``end`` on that do not tell yet what they are.
    private var pending: [UInt8] = []
    private var needed = 32
    private(set) var isBroken = false

    init(at position: Int64) { end = position }

    /// Takes the bytes at `position`; those before ``end`` are of no interest.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, at position: Int64) {
        var position = position
        var rest = bytes[...]
        while !isBroken, !rest.isEmpty {
            let skipped = Int(min(max(end + Int64(pending.count) - position, 0), Int64(rest.count)))
            rest = rest.dropFirst(skipped)
            position += Int64(skipped)
            let taken = rest.prefix(max(needed - pending.count, 0))
            pending.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
            position += Int64(taken.count)
            if pending.count >= needed { look(isEnd: false) }
        }
    }

    /// Ends the file at `size`; whether nothing but whole tags followed the audio.
    mutating func finish(size: Int64) -> Bool {
        while !isBroken, !pending.isEmpty { look(isEnd: true) }
        return !isBroken && end == size
    }

    private mutating func look(isEnd: Bool) {
        let outcome = pending.withUnsafeBytes {
            MPEGTag.look(at: 0, in: Window(offset: end, bytes: $0, isEnd: isEnd))
        }
        switch outcome {
        case .tag(_, let length):
            end += length
            pending.removeFirst(Int(min(length, Int64(pending.count))))
            needed = 32
        case .undecided(let count) where count > pending.count && count <= Advance.maximumNeeded: needed = count
        case .undecided, .none: isBroken = true
        }
    }
}
