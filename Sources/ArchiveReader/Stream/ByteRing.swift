import Dispatch
import Foundation
import Recordings
import Synchronization

/// Hands bytes from a decoding thread to a reading one through a few buffers, small enough to stay in the cache.
final class ByteRing: @unchecked Sendable {
    // Sendable by this proof: a slot belongs to the producer between `free.wait` and `filled.signal`, and to the consumer
    // between `filled.wait` and `free.signal`; semaphores order the accesses. `counts` and `failure` are written by the
    // producer before the signal behind which the consumer reads them. `isAbandoned` is atomic.
    private let slots: [UnsafeMutableRawBufferPointer]
    private var counts: [Int]
    private var failure: Failure?
    private let filled = DispatchSemaphore(value: 0)
    private let free = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isAbandoned = Atomic<Bool>(false)
    private var reading = -1

    init(slots count: Int, bytes: Int) {
        slots = (0..<count).map { _ in .allocate(byteCount: bytes, alignment: 4096) }
        counts = Array(repeating: 0, count: count)
        for _ in slots { free.signal() }
    }

    deinit {
        for slot in slots { slot.deallocate() }
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

    private let result = Mutex(Findings())

    private func produce(_ source: any ByteSource) {
        var slot = 0
        while true {
            free.wait()
            guard !isAbandoned.load(ordering: .acquiring) else { return }
            do {
                counts[slot] = try source.fill(slots[slot])
            } catch {
                failure = error
                counts[slot] = 0
            }
            let isEnd = counts[slot] == 0
            filled.signal()
            guard !isEnd else { return }
            slot = (slot + 1) % slots.count
        }
    }

    /// The next bytes, valid until the next call; nil at the end.
    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        if reading >= 0 {
            guard counts[reading] > 0 else { return nil }
            free.signal()
        }
        filled.wait()
        reading = (reading + 1) % slots.count
        if let failure { throw failure }
        guard counts[reading] > 0 else { return nil }
        return UnsafeRawBufferPointer(rebasing: slots[reading][..<counts[reading]])
    }

    /// Ends the decoding, wherever it is, and returns what it found.
    func finish() -> Findings {
        isAbandoned.store(true, ordering: .releasing)
        free.signal()
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
