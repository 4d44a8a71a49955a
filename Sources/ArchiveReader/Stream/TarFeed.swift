import Recordings

/// Hands a decoded tar to libarchive, and looks itself at what libarchive passes over in silence: the end mark.
final class TarFeed: LibArchiveFeed {
    private let source: any SlotSource
    private var held: Slot?
    /// The bytes of the slot that is held; none at the end.
    private var slot = UnsafeRawBufferPointer.empty
    /// Where in the stream the slot begins.
    private var slotStart: Int64 = 0
    /// Part of the slot is still to be handed out, to a reader that starts over in its middle.
    private var pending: Int?
    /// Where in the stream the present reader began.
    private(set) var base: Int64 = 0
    private(set) var isAtEnd = false
    /// Where the latest entry ended, and whether a zero block stands there.
    private var mark: Int64 = 0
    private(set) var hasEndMark = false
    /// Whether a block behind the end mark has the magic of a header: another tar, whose first header may be damaged.
    private(set) var hasMoreBehindMark = false

    init(_ source: any SlotSource) { self.source = source }

    deinit { held?.release() }

    /// Bytes of the stream that have been handed out.
    var end: Int64 { slotStart + Int64(slot.count) }

    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        if let start = pending {
            pending = nil
            return UnsafeRawBufferPointer(rebasing: slot[start...])
        }
        guard try advance() else { return nil }
        return slot
    }

    /// Keeps the buffer that `bytes` lie in; nil when libarchive has copied them elsewhere.
    func hold(_ bytes: UnsafeRawBufferPointer) -> Slot? {
        guard let start = slot.baseAddress, let first = bytes.baseAddress, first >= start,
            first + bytes.count <= start + slot.count
        else { return nil }
        held?.hold()
        return held
    }

    func seek(_ offset: Int64, _ whence: Int32) -> Int64? { nil }

    private func advance() throws(Failure) -> Bool {
        guard !isAtEnd else { return false }
        let start = end
        held?.release()
        (held, slot) = (nil, UnsafeRawBufferPointer.empty)
        slotStart = start
        guard let next = try source.next() else {
            isAtEnd = true
            return false
        }
        (held, slot) = (next, next.bytes)
        lookForMark()
        return true
    }

    /// An entry, with its padding, ended at `position` of the stream: the end mark may stand there.
    func entryEnded(at position: Int64) {
        mark = position
        hasEndMark = false
        hasMoreBehindMark = false
        lookForMark()
    }

    private func lookForMark() {
        if hasEndMark { lookBehindMark(from: 0) }
        guard mark >= slotStart, mark < end else { return }
        let start = Int(mark - slotStart)
        // Buffers are multiples of 512 bytes, so a block is cut only where the stream is.
        hasEndMark = slot.count - start >= TarBlock.size && TarBlock.isZero(slot[start..<start + TarBlock.size])
        if hasEndMark { lookBehindMark(from: start) }
    }

    private func lookBehindMark(from start: Int) {
        var place = start
        while !hasMoreBehindMark, place + TarBlock.size <= slot.count {
            hasMoreBehindMark = TarBlock.hasMark(slot[place..<place + TarBlock.size])
            place += TarBlock.size
        }
    }

    /// Goes to the first header at or behind `position`, so that a new reader can begin there; false when there is none.
    func startOver(from position: Int64) throws(Failure) -> Bool {
        var place = max((position + 511) / 512 * 512, slotStart)
        while true {
            while place + Int64(TarBlock.size) <= end {
                let start = Int(place - slotStart)
                if TarBlock.isHeader(slot[start..<start + TarBlock.size]) {
                    pending = start
                    base = place
                    return true
                }
                place += Int64(TarBlock.size)
            }
            guard try advance() else { return false }
            place = max(place, slotStart)
        }
    }
}
