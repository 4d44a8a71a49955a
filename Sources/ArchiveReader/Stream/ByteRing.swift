import Dispatch
import Foundation
import Recordings
import Synchronization

/// Hands bytes from a decoding thread to a reading one through a few buffers, small enough to stay in the cache.
///
/// What a source can show in place is not copied into a buffer, but shown there for as long as the buffer would be kept.
/// The reading thread can let others hold a buffer that it has come by; it is filled anew when the last has released it.
/// Buffers come free in any order, and the one that came free last is filled next: who holds one for long holds nobody up.
final class ByteRing: @unchecked Sendable {
    // Sendable by this proof: a slot's memory and content belong to the producer from when it takes the slot out of `free`
    // until `filled.signal`, and to the readers from `filled.wait` until the last of them releases the slot; the mutex,
    // semaphores and the atomic count of holders order the accesses. Each slot is an object of its own, so that nobody
    // touches another's. A place in `order` is written before `filled.signal` and read behind `filled.wait`, and not written
    // again before: then more slots than there are would be filled and not read. `reading` and `read` are the reading
    // thread's alone, `written` is the producer's.
    private let order: UnsafeMutablePointer<Slot?>
    private let count: Int
    private var written = 0
    private var read = 0
    private var reading: Slot?
    private let free = Free()
    private let filled = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isAbandoned = Atomic<Bool>(false)
    private let result = Mutex(Findings())
    /// Looks at the bytes on their way, on the reading thread.
    private let check: GzipCheck?

    /// The buffers that can be filled.
    final class Free: Sendable {
        private let slots = Mutex<[Slot]>([])
        private let count = DispatchSemaphore(value: 0)

        fileprivate func put(_ slot: Slot) {
            slots.withLock { $0.append(slot) }
            count.signal()
        }

        /// Waits for one; nil when woken.
        fileprivate func take() -> Slot? {
            count.wait()
            return slots.withLock { $0.popLast() }
        }

        /// Ends a waiting for nothing.
        fileprivate func wake() { count.signal() }
    }

    /// One of the buffers.
    final class Slot: @unchecked Sendable {
        // By the proof above.
        fileprivate let memory: UnsafeMutableRawBufferPointer
        /// Where the bytes lie, if not in the memory.
        private var window: FileWindow?
        /// The bytes, none at the end; or why there are none.
        fileprivate private(set) var content: Result<UnsafeRawBufferPointer, Failure> = .success(.empty)
        fileprivate let holders = Atomic<Int>(0)
        // The ring outlives whoever holds its slots.
        unowned private let free: Free

        fileprivate init(_ bytes: Int, _ free: Free) {
            memory = .allocate(byteCount: bytes, alignment: 4096)
            self.free = free
        }

        deinit { memory.deallocate() }

        /// Takes the next bytes of `source`, and lets go of those before.
        fileprivate func fill(from source: any ByteSource) {
            window = nil
            do throws(Failure) {
                if let next = try source.window() {
                    content = .success(next.bytes)
                    window = consume next
                } else {
                    let count = try source.fill(memory)
                    content = .success(UnsafeRawBufferPointer(rebasing: memory[..<count]))
                }
            } catch {
                content = .failure(error)
            }
        }

        /// Whether nothing comes behind it: the end, or a failure.
        fileprivate var isLast: Bool {
            guard case .success(let bytes) = content else { return true }
            return bytes.isEmpty
        }

        func release() {
            if holders.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { free.put(self) }
        }
    }

    init(slots count: Int, bytes: Int, check: GzipCheck?) {
        self.check = check
        self.count = count
        order = .allocate(capacity: count)
        order.initialize(repeating: nil, count: count)
        for _ in 0..<count { free.put(Slot(bytes, free)) }
    }

    deinit {
        order.deinitialize(count: count)
        order.deallocate()
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
        while let slot = free.take() {
            guard !isAbandoned.load(ordering: .acquiring) else { return }
            slot.fill(from: source)
            let isLast = slot.isLast
            slot.holders.store(1, ordering: .releasing)
            order[written] = slot
            written = (written + 1) % count
            filled.signal()
            guard !isLast else { return }
        }
    }

    /// The next bytes, valid until the next call, or for as long as they are held; nil at the end.
    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        // Nothing comes behind the end.
        if let reading, reading.isLast {
            _ = try reading.content.get()
            return nil
        }
        reading?.release()
        filled.wait()
        let slot = order[read].take()
        reading = slot
        read = (read + 1) % count
        guard let bytes = try slot?.content.get(), !bytes.isEmpty else { return nil }
        check?.see(bytes)
        return bytes
    }

    /// Keeps the present bytes until the slot is released; nil where there are none.
    func hold() -> Slot? {
        reading?.holders.add(1, ordering: .relaxed)
        return reading
    }

    /// Ends the decoding, wherever it is, and returns what it found. No one may hold a slot any more.
    func finish() -> Findings {
        isAbandoned.store(true, ordering: .releasing)
        free.wake()
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

extension UnsafeRawBufferPointer {
    /// No bytes.
    static var empty: Self { Self(start: nil, count: 0) }
}
