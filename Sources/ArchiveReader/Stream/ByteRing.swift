import Dispatch
import Foundation
import Recordings
import Synchronization

/// Hands bytes from a decoding thread to a reading one through a few buffers, small enough to stay in the cache.
///
/// The reading thread can let others hold a buffer that it has come by; it is filled anew when the last has released it.
final class ByteRing: @unchecked Sendable {
    // Sendable by this proof: a slot's memory and count belong to the producer between `free.wait` and `filled.signal`,
    // and to the readers from `filled.wait` until the last of them releases the slot; semaphores and the atomic count of
    // holders order the accesses. `reading` is the reading thread's alone. `failure` is written before the signal behind
    // which it is read.
    private let slots: [Slot]
    private var failure: Failure?
    private var reading = -1
    private let filled = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isAbandoned = Atomic<Bool>(false)
    private let result = Mutex(Findings())
    /// Looks at the bytes on their way, on the reading thread.
    private let check: GzipCheck?

    /// One of the buffers.
    final class Slot: @unchecked Sendable {
        // By the proof above.
        fileprivate let memory: UnsafeMutableRawBufferPointer
        fileprivate var count = 0
        fileprivate let holders = Atomic<Int>(0)
        fileprivate let free = DispatchSemaphore(value: 0)

        fileprivate init(_ bytes: Int) { memory = .allocate(byteCount: bytes, alignment: 4096) }

        deinit { memory.deallocate() }

        func release() {
            if holders.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { free.signal() }
        }
    }

    init(slots count: Int, bytes: Int, check: GzipCheck?) {
        self.check = check
        slots = (0..<count).map { _ in Slot(bytes) }
        for slot in slots { slot.free.signal() }
    }

    /// Draws `source` dry on a thread of its own.
    func start(_ source: sending any ByteSource) {
        let box = Mutex<(any ByteSource)?>(source)
        startThread("archive-decode") { [self] in
            guard let source = box.withLock({ $0.take() }) else { return }
            produce(source)
            result.withLock { $0 = source.findings }
            ended.signal()
        }
    }

    private func produce(_ source: any ByteSource) {
        var place = 0
        while true {
            let slot = slots[place]
            slot.free.wait()
            guard !isAbandoned.load(ordering: .acquiring) else { return }
            do {
                slot.count = try source.fill(slot.memory)
            } catch {
                failure = error
                slot.count = 0
            }
            slot.holders.store(1, ordering: .releasing)
            let isEnd = slot.count == 0
            filled.signal()
            guard !isEnd else { return }
            place = (place + 1) % slots.count
        }
    }

    /// The next bytes, valid until the next call, or for as long as they are held; nil at the end.
    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        if reading >= 0 {
            guard slots[reading].count > 0 else { return nil }
            slots[reading].release()
        }
        filled.wait()
        reading = (reading + 1) % slots.count
        if let failure { throw failure }
        let slot = slots[reading]
        guard slot.count > 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: slot.memory[..<slot.count])
        check?.see(bytes)
        return bytes
    }

    /// Keeps the present bytes until the slot is released.
    func hold() -> Slot {
        slots[reading].holders.add(1, ordering: .relaxed)
        return slots[reading]
    }

    /// Ends the decoding, wherever it is, and returns what it found. No one may hold a slot any more.
    func finish() -> Findings {
        isAbandoned.store(true, ordering: .releasing)
        for slot in slots { slot.free.signal() }
        ended.wait()
        return result.withLock { $0 }
    }
}

/// Runs `body` on a new thread. Decoders keep little on the stack; a megabyte is plenty.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
}
