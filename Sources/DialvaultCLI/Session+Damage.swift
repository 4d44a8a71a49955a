import ArgumentParser
import Recordings
import Synchronization

/// What a command came across that is damaged, so that each is said once.
final class DamageNote: Sendable {
    private let failures = Mutex<Set<Failure>>([])

    var isEmpty: Bool { failures.withLock { $0.isEmpty } }

    /// - Returns: whether it is new.
    func add(_ failure: Failure) -> Bool { failures.withLock { $0.insert(failure).inserted } }
}

extension Session {
    /// What reading a day came to.
    enum Reading<Value> {
        case value(Value)
        /// It was reported.
        case damaged
    }

    /// Reads something of a day. That it is damaged is said, counts for the exit code, and keeps no other day from being
    /// looked at.
    func readable<Value>(_ day: Day, _ read: () throws -> Value) throws -> Reading<Value> {
        do {
            return .value(try read())
        } catch let failure as Failure where [.damaged, .corrupt].contains(failure.code) {
            if damage.add(failure) { console.report(failure) }
            return .damaged
        }
    }

    /// Ends a query with the contract's code where it came across damage.
    func requireIntact() throws {
        if !damage.isEmpty { throw ExitCode.mismatch }
    }
}
