import Dispatch
import Foundation
import Recordings
import Synchronization

/// Hands bytes from a decoding thread to a reading one through a few buffers, small enough to stay in the cache.
///
/// What a source can show in place is not copied into a buffer, but shown there for as long as the buffer would be kept.
/// The reading thread can let others hold a buffer that it has come by; it is filled anew when the last has released it.
final class ByteRing: @unchecked Sendable {
    // Sendable by this proof: a slot's memory and content belong to the producer between `free.wait` and `filled.signal`,
    // and to the readers from `filled.wait` until the last of them releases the slot; semaphores and the atomic count of
    // holders order the accesses. Each slot is an object of its own, so that nobody touches another's. `reading` is the
    // reading thread's alone.
    private let slots: [Slot]
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
        /// Where the bytes lie, if not in the memory.
        private var window: FileWindow?
        /// The bytes, none at the end; or why there are none.
        fileprivate private(set) var content: Result<UnsafeRawBufferPointer, Failure> = .success(.empty)
        fileprivate let holders = Atomic<Int>(0)
        fileprivate let free = DispatchSemaphore(value: 0)

        fileprivate init(_ bytes: Int) { memory = .allocate(byteCount: bytes, alignment: 4096) }

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
            slot.fill(from: source)
            let isLast = slot.isLast
            slot.holders.store(1, ordering: .releasing)
            filled.signal()
            guard !isLast else { return }
            place = (place + 1) % slots.count
        }
    }

    /// The next bytes, valid until the next call, or for as long as they are held; nil at the end.
    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        if reading >= 0 {
            // Nothing comes behind the end.
            guard !slots[reading].isLast else {
                _ = try slots[reading].content.get()
                return nil
            }
            slots[reading].release()
        }
        filled.wait()
        reading = (reading + 1) % slots.count
        let slot = slots[reading]
        let bytes = try slot.content.get()
        guard !bytes.isEmpty else { return nil }
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

extension UnsafeRawBufferPointer {
    /// No bytes.
    static var empty: Self { Self(start: nil, count: 0) }
}
