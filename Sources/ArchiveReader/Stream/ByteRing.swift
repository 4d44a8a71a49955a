import Dispatch
import Foundation
import Recordings
import Synchronization

/// Decodes a stream on a thread of its own, and hands the bytes on through a few buffers.
final class ByteRing: SlotSource, @unchecked Sendable {
    // Sendable by this proof: a place in `order` is written before `filled.signal` and read behind `filled.wait`, and not
    // written again before: there is one more of them than there are slots, and the last message ends it. `isEnded` and
    // `read` are the reading thread's alone, `written` is the producer's.
    private let order: UnsafeMutablePointer<Message?>
    private let room: Int
    private var written = 0
    private var read = 0
    private var isEnded = false
    private let pool: SlotPool
    private let filled = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isAbandoned = Atomic<Bool>(false)
    private let result = Mutex(Findings())
    /// Looks at the bytes on their way, on the reading thread.
    private let check: GzipCheck?

    private enum Message {
        case part(Slot)
        case end
        case failure(Failure)
    }

    init(slots count: Int, bytes: Int, check: GzipCheck?) {
        self.check = check
        pool = SlotPool(count, bytes: bytes)
        room = count + 1
        order = .allocate(capacity: room)
        order.initialize(repeating: nil, count: room)
    }

    deinit {
        order.deinitialize(count: room)
        order.deallocate()
    }

    /// Draws `source` dry.
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
        while let slot = pool.take() {
            guard !isAbandoned.load(ordering: .acquiring) else { return }
            do throws(Failure) {
                try slot.fill(source.fill)
                guard !slot.bytes.isEmpty else { return push(.end) }
                push(.part(slot))
            } catch {
                return push(.failure(error))
            }
        }
    }

    private func push(_ message: Message) {
        order[written] = message
        written = (written + 1) % room
        filled.signal()
    }

    func next() throws(Failure) -> Slot? {
        guard !isEnded else { return nil }
        filled.wait()
        defer { read = (read + 1) % room }
        switch order[read].take() {
        case .part(let slot):
            check?.see(slot.bytes)
            return slot
        case .end, nil:
            isEnded = true
            return nil
        case .failure(let failure):
            isEnded = true
            throw failure
        }
    }

    func finish() -> Findings {
        isAbandoned.store(true, ordering: .releasing)
        pool.wake()
        ended.wait()
        var findings = result.withLock { $0 }
        if let check { findings.merge(check.findings) }
        return findings
    }
}

/// Runs `body` on a new thread. Decoders keep little on the stack; a megabyte is plenty.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
}
