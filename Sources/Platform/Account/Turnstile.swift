/// Lets one task through at a time, in the order in which they came. Waiting holds no thread and ends with
/// cancellation.
actor Turnstile {
    private var isTaken = false
    private var nextTicket = 0
    private var waiting: [(ticket: Int, turn: CheckedContinuation<Void, any Error>)] = []

    /// Runs `work` while nobody else is inside.
    nonisolated(nonsending) func pass<Value>(_ work: () async throws -> Value) async throws -> Value {
        try await enter()
        do {
            let value = try await work()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async throws {
        try Task.checkCancellation()
        guard isTaken else {
            isTaken = true
            return
        }
        let ticket = nextTicket
        nextTicket += 1
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (turn: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    turn.resume(throwing: CancellationError())
                } else {
                    waiting.append((ticket, turn))
                }
            }
        } onCancel: {
            Task { await self.withdraw(ticket) }
        }
    }

    private func leave() {
        if waiting.isEmpty {
            isTaken = false
        } else {
            waiting.removeFirst().turn.resume()
        }
    }

    private func withdraw(_ ticket: Int) {
        guard let place = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: place).turn.resume(throwing: CancellationError())
    }
}
