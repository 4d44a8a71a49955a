import Recordings

/// Decodes a stream on the thread that reads it.
///
/// Where decoding is quick and several threads take the members, one thread more to be woken for each buffer costs more than
/// it saves.
final class DirectSource: SlotSource {
    private let source: any ByteSource
    private let pool: SlotPool

    init(_ source: any ByteSource, slots: Int, bytes: Int) {
        self.source = source
        pool = SlotPool(slots, bytes: bytes)
    }

    func next() throws(Failure) -> Slot? {
        guard let slot = pool.take() else { return nil }
        do throws(Failure) {
            try slot.fill(source.fill)
        } catch {
            slot.release()
            throw error
        }
        guard !slot.bytes.isEmpty else {
            slot.release()
            return nil
        }
        return slot
    }

    func finish() -> Findings { source.findings }
}
