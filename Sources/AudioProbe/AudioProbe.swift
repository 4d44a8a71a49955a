package import Recordings

/// Looks at one file while its bytes stream by: what it is, how long it plays, and whether it is whole.
///
/// Nothing is decoded, read or written, and the memory used does not grow with the file. The result depends on the
/// bytes alone, not on how they are cut into chunks.
package struct AudioProbe: ~Copyable, Sendable {
    private var walk: any FormatWalk = OpeningWalk()
    /// Bytes that the walk has seen in part and asked to see again with more behind them.
    private var carry: [UInt8] = []
    /// Bytes of the file that are to be passed over unseen.
    private var passing: Int64 = 0
    /// What the walk needs before it can go on.
    private var needed = 1
    /// Where the first byte that is not consumed stands in the file.
    private var offset: Int64 = 0
    private var size: Int64 = 0

    package init() {}

    /// Takes the next bytes of the file, as many or as few as there are.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        size += Int64(bytes.count)
        var next = 0
        // How many of the carried bytes, at their end, are from this chunk.
        var fresh = 0
        while next < bytes.count {
            if passing > 0 {
                let passed = Int(min(passing, Int64(bytes.count - next)))
                passing -= Int64(passed)
                next += passed
            } else if !carry.isEmpty {
                next = topUpCarry(from: bytes, at: next, &fresh)
            } else if bytes.count - next < needed {
                carry.append(contentsOf: bytes[next...])
                next = bytes.count
            } else {
                let window = UnsafeRawBufferPointer(rebasing: bytes[next...])
                next += advance(over: window, isEnd: false)
            }
        }
    }

    /// Ends the file. The probe is used up by it.
    package mutating func finish() -> AudioFindings {
        while passing == 0, !carry.isEmpty {
            let consumed = carry.withUnsafeBytes { advance(over: $0, isEnd: true) }
            guard consumed > 0 || hasNewWalk else { break }
            carry.removeFirst(consumed)
        }
        return walk.finish(size: size)
    }

    /// Set while the latest advance handed over to another walk.
    private var hasNewWalk = false

    /// Completes the carried bytes to what the walk needs and lets it go on over them.
    ///
    /// Returns where in `bytes` to go on: behind what was appended, or at the first byte that is left of it, so that the
    /// bulk of a chunk is never copied.
    private mutating func topUpCarry(from bytes: UnsafeRawBufferPointer, at start: Int, _ fresh: inout Int) -> Int {
        let taken = min(max(needed - carry.count, 1), bytes.count - start)
        carry.append(contentsOf: bytes[start..<start + taken])
        fresh += taken
        guard carry.count >= needed else { return start + taken }
        let consumed = carry.withUnsafeBytes { advance(over: $0, isEnd: false) }
        let left = carry.count - consumed
        if left <= fresh {
            carry.removeAll(keepingCapacity: true)
            fresh = 0
            return start + taken - left
        }
        carry.removeFirst(consumed)
        return start + taken
    }

    /// Returns how many bytes of `window` are done with.
    private mutating func advance(over window: UnsafeRawBufferPointer, isEnd: Bool) -> Int {
        let progress = walk.advance(over: Window(offset: offset, bytes: window, isEnd: isEnd))
        offset += progress.consumed
        let consumed = Int(min(progress.consumed, Int64(window.count)))
        passing = progress.consumed - Int64(consumed)
        needed = min(progress.needed, Advance.maximumNeeded)
        hasNewWalk = progress.next != nil
        if let next = progress.next {
            walk = next
        } else if consumed == 0, needed <= window.count {
            // A walk that neither moves nor asks for more would be called with the same bytes for ever.
            needed = window.count + 1
        }
        return consumed
    }
}

extension AudioFacts {
    /// The extension of a file with this content: `mp3`, `wav`, `ogg`, `flac`, `m4a`, `aac`, …
    package var fileExtension: String { container }
}
