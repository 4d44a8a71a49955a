import Dispatch
import Recordings
import Synchronization

/// Spreads the members of a stream over several threads: where decoding costs little, hashing and writing are what takes
/// the time. A member's bytes stay in the buffer they were decoded into until its thread is done with them.
///
/// Nobody waits for ever, because a buffer always comes free: a lane lets go of its buffers once it has settled, and settles
/// at the latest when it keeps ``LaneQueue/mostKept`` of them, of its own accord and whatever the others do. The ring has
/// more than all lanes may keep, at least one for the reading thread and one that is filled; those that still lie in queues
/// come to be kept or free without anything new being read.
final class FanOut<Sink: MemberSink>: MemberTarget {
    let budget: Budget
    private let progress: ReadProgress
    private let queues: [LaneQueue]
    private var current: LaneQueue
    /// Keeps the buffer that bytes lie in; nil when they lie elsewhere.
    private let hold: (UnsafeRawBufferPointer) -> Slot?

    /// Buffers beside those that lanes keep: the decoder goes on while they are full. With two a
    /// tar.zst took 15 % longer.
    private static var spareSlots: Int { 16 }

    /// How many buffers the ring must have.
    static func slots(lanes: Int) -> Int { max(lanes, 1) * LaneQueue.mostKept + spareSlots }

    init(
        _ sink: Sink,
        lanes: Int,
        budget: Budget,
        progress: ReadProgress,
        hold: @escaping (UnsafeRawBufferPointer) -> Slot?
    ) {
        self.budget = budget
        self.progress = progress
        self.hold = hold
        let first = LaneQueue()
        queues = [first] + (1..<max(lanes, 1)).map { _ in LaneQueue() }
        current = first
        for queue in queues { queue.start(sink) }
    }

    func begin(_ header: MemberHeader) throws(Stop) {
        try budget.enter(header)
        try check()
        // What a link stands for must be done before it.
        if case .hardLink = header.kind { for queue in queues { queue.drain() } }
        current = queues.min { $0.waitingBytes < $1.waitingBytes } ?? current
        current.push(.begin(header))
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(Stop) {
        guard !bytes.isEmpty else { return }
        try budget.spend(bytes.count)
        try check()
        if let slot = hold(bytes) {
            current.push(.held(HeldBytes(bytes), slot))
        } else {
            current.push(.copied(Array(bytes)))
        }
    }

    func end(_ outcome: MemberOutcome) throws(Stop) {
        progress.members.add(1, ordering: .relaxed)
        current.push(.end(outcome))
    }

    private func check() throws(Stop) {
        for queue in queues {
            if let failure = queue.failure { throw .failure(failure) }
        }
    }

    /// Waits until everything is done. To be called once, whatever came before.
    func finish() throws(Stop) {
        for queue in queues { queue.push(.finish) }
        for queue in queues { queue.ended.wait() }
        try check()
    }
}

/// What one thread is to do, in its order.
final class LaneQueue: @unchecked Sendable {
    // Sendable by this proof: one thread pushes and one takes. A place in `messages` belongs to the first between
    // `free.wait` and `filled.signal` and to the second between `filled.wait` and `free.signal`; `head` is the second's,
    // `tail` the first's alone. It is memory of its own and no array: an array that one thread looks at while the other
    // writes to it is copied.
    private let messages: UnsafeMutablePointer<Message?>
    private let room: Int
    private var head = 0
    private var tail = 0
    private let free = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    private let bytes = Atomic<Int>(0)
    private let problem = Mutex<Failure?>(nil)
    let ended = DispatchSemaphore(value: 0)

    /// How many buffers the lane may keep before it settles: two recordings of the usual size, and more.
    static let mostKept = 8

    enum Message: Sendable {
        case begin(MemberHeader)
        case held(HeldBytes, Slot)
        case copied([UInt8])
        case end(MemberOutcome)
        case barrier(DispatchSemaphore)
        case finish

        var byteCount: Int {
            switch self {
            case .held(let bytes, _): bytes.count
            case .copied(let bytes): bytes.count
            // What a file costs beside its bytes.
            case .begin: 16 << 10
            case .end, .barrier, .finish: 0
            }
        }
    }

    init(room: Int = 128) {
        self.room = room
        messages = .allocate(capacity: room)
        messages.initialize(repeating: nil, count: room)
        for _ in 0..<room { free.signal() }
    }

    deinit {
        messages.deinitialize(count: room)
        messages.deallocate()
    }

    var waitingBytes: Int { bytes.load(ordering: .relaxed) }
    var failure: Failure? { problem.withLock { $0 } }

    func push(_ message: Message) {
        free.wait()
        bytes.add(message.byteCount, ordering: .relaxed)
        messages[tail] = message
        tail = (tail + 1) % room
        filled.signal()
    }

    private func next() -> Message {
        filled.wait()
        let message = messages[head].take() ?? .finish
        head = (head + 1) % room
        free.signal()
        return message
    }

    /// Waits until everything that was pushed is done.
    func drain() {
        let done = DispatchSemaphore(value: 0)
        push(.barrier(done))
        done.wait()
    }

    func start<Sink: MemberSink>(_ sink: Sink) {
        startThread("archive-member") { [self] in
            var lane: Sink.Lane?
            do throws(Failure) { lane = try sink.makeLane() } catch { problem.withLock { $0 = error } }
            run(lane)
            ended.signal()
        }
    }

    /// Goes through the messages to the last. Behind a failure they are only let go.
    private func run(_ lane: (some MemberLane)?) {
        // Those that the lane has not settled yet.
        var kept: [Slot] = []
        var isOver = false
        while !isOver {
            let message = next()
            if case .held(_, let slot) = message {
                // Small members share a buffer; to keep it once is enough.
                if kept.last === slot { slot.release() } else { kept.append(slot) }
            }
            if failure == nil {
                do throws(Failure) {
                    try hand(message, to: lane)
                    if kept.count >= Self.mostKept { try lane?.settle() }
                } catch {
                    // Members that ended before it are kept all the same, if that can be.
                    do throws(Failure) { try lane?.settle() } catch {}
                    problem.withLock { $0 = error }
                }
            }
            if failure != nil || lane?.isSettled ?? true {
                for slot in kept { slot.release() }
                kept.removeAll(keepingCapacity: true)
            }
            bytes.subtract(message.byteCount, ordering: .relaxed)
            if case .barrier(let done) = message { done.signal() }
            if case .finish = message { isOver = true }
        }
    }

    private func hand(_ message: Message, to lane: (some MemberLane)?) throws(Failure) {
        switch message {
        case .begin(let header): try lane?.begin(header)
        case .held(let bytes, _): try lane?.take(bytes)
        case .copied(let bytes): try lane?.take(bytes.span.bytes)
        case .end(let outcome): try lane?.end(outcome)
        case .barrier, .finish: try lane?.settle()
        }
    }
}
