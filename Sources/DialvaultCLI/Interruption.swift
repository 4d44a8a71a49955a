import Dispatch
import Foundation

/// Runs a task that SIGINT and SIGTERM cancel, so that the file in hand is left in order.
///
/// A second signal ends the process at once: the vault survives that too.
func interruptibly<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = Task { try await body() }
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            if task.isCancelled { _exit(130) }
            task.cancel()
        }
        source.activate()
        return source
    }
    defer { for source in sources { source.cancel() } }
    return try await task.value
}
