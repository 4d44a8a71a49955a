import Dispatch
import Recordings
import Synchronization

/// A buffer, held by whoever uses its bytes; when nobody does any more, it goes back to its pool and is filled anew.
final class Slot: @unchecked Sendable {
    // Sendable by this proof: memory and bytes belong to who took the slot out of its pool until that thread hands it on,
    // through a semaphore or a mutex, which order the accesses. From then on they are only read, until the last holder has
    // released it: the atomic count of holders orders that before it is taken again.
    private let memory: UnsafeMutableRawBufferPointer
    /// What it was filled with.
    private(set) var bytes = UnsafeRawBufferPointer.empty
    private let holders = Atomic<Int>(0)
    private let free: SlotPool.Free

    fileprivate init(_ count: Int, _ free: SlotPool.Free) {
        memory = .allocate(byteCount: count, alignment: 4096)
        self.free = free
    }

    deinit { memory.deallocate() }

    /// Has `body` put bytes in the place of those before; it returns how many.
    func fill(_ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int) throws(Failure) {
        bytes = .empty
        bytes = UnsafeRawBufferPointer(rebasing: memory[..<(try body(memory))])
    }

    func hold() { holders.add(1, ordering: .relaxed) }

    func release() {
        if holders.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { free.put(self) }
    }
}

/// A few buffers, small enough to stay in the cache.
///
/// They come free in any order, and the one that came free last is taken next: who holds one for long holds nobody up.
final class SlotPool: Sendable {
    private let free = Free()

    init(_ count: Int, bytes: Int) {
        for _ in 0..<count { free.put(Slot(bytes, free)) }
    }

    deinit { free.close() }

    /// Waits for one, which the caller then holds; nil when woken.
    func take() -> Slot? {
        let slot = free.take()
        slot?.hold()
        return slot
    }

    /// Waits for one and fills it; nil where nothing came, or when woken.
    func take(filledBy body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int) throws(Failure) -> Slot? {
        guard let slot = take() else { return nil }
        do throws(Failure) {
            try slot.fill(body)
        } catch {
            slot.release()
            throw error
        }
        guard slot.bytes.isEmpty else { return slot }
        slot.release()
        return nil
    }

    /// Ends a waiting for nothing.
    func wake() { free.wake() }

    /// Those that nobody holds. A slot may come back when its pool is gone.
    fileprivate final class Free: Sendable {
        private let slots = Mutex<[Slot]?>([])
        private let count = DispatchSemaphore(value: 0)

        func put(_ slot: Slot) {
            slots.withLock { $0?.append(slot) }
            count.signal()
        }

        func take() -> Slot? {
            count.wait()
            return slots.withLock { $0?.popLast() }
        }

        func wake() { count.signal() }

        func close() {
            // Outside of the lock: the last reference to a slot may go with it.
            let rest = slots.withLock { $0.take() }
            _ = consume rest
        }
    }
}

extension UnsafeRawBufferPointer {
    /// No bytes.
    static var empty: Self { Self(start: nil, count: 0) }
}

/// Where a tar's bytes come from, slot by slot. Used by one thread at a time.
protocol SlotSource: AnyObject {
    /// The next bytes, held for the caller; nil at the end, and from then on.
    func next() throws(Failure) -> Slot?
    /// Ends the reading, wherever it is, and returns what was found.
    func finish() -> Findings
}
