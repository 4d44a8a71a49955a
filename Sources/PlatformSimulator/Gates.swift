import Synchronization

/// Named places where an answer waits until it is told to go on: a test's way to stop a download at a byte without
/// sleeping.
final class Gates: Sendable {
    private struct Gate {
        var isOpen = false
        var arrivals = 0
        /// Those that wait here, by the number of their request.
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private struct State {
        var gates: [String: Gate] = [:]
        /// Requests whose client has gone: they wait no more.
        var abandoned: Set<Int> = []
        var isClosedDown = false
    }

    private let state = Mutex(State())

    /// Waits until the gate is open, or the request is abandoned.
    func pass(_ name: String, request: Int) async {
        await withCheckedContinuation { continuation in
            let resumed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                var gate = state.gates[name] ?? Gate()
                defer { state.gates[name] = gate }
                gate.arrivals += 1
                let arrivals = gate.arrivals
                var resumed = gate.watchers.filter { $0.count <= arrivals }.map(\.continuation)
                gate.watchers.removeAll { $0.count <= arrivals }
                if gate.isOpen || state.isClosedDown || state.abandoned.contains(request) {
                    resumed.append(continuation)
                } else {
                    gate.waiting[request] = continuation
                }
                return resumed
            }
            for continuation in resumed { continuation.resume() }
        }
    }

    /// Lets everybody through, now and from now on.
    func open(_ name: String) {
        let waiting = state.withLock { state in
            let waiting = state.gates[name]?.waiting.values.map { $0 } ?? []
            state.gates[name, default: Gate()].isOpen = true
            state.gates[name]?.waiting = [:]
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func close(_ name: String) {
        state.withLock { $0.gates[name, default: Gate()].isOpen = false }
    }

    /// Returns when the gate has been reached that many times since the start.
    func reached(_ name: String, times: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                var gate = state.gates[name] ?? Gate()
                defer { state.gates[name] = gate }
                if gate.arrivals >= times || state.isClosedDown { return true }
                gate.watchers.append((times, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// A request whose client has gone away waits no more.
    func abandon(request: Int) {
        let waiting = state.withLock { state in
            state.abandoned.insert(request)
            return state.gates.keys.compactMap { state.gates[$0]?.waiting.removeValue(forKey: request) }
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Nobody waits any more, for good.
    func closeDown() {
        let waiting = state.withLock { state in
            state.isClosedDown = true
            let waiting = state.gates.values.flatMap { $0.waiting.values.map { $0 } + $0.watchers.map(\.continuation) }
            state.gates = [:]
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
