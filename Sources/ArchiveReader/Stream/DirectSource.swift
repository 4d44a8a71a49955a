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

    func next() throws(Failure) -> Slot? { try pool.take(filledBy: source.fill) }

    func finish() -> Findings { source.findings }
}
