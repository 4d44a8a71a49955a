#if FAILPOINTS
    import Foundation
    import Synchronization

    /// What a test wants to happen: `NAME[@N]=kill` or `NAME[@N]=ERRNO`, where N counts how often this process comes by, from
    /// 1, which is also the default, and several of them with a semicolon between; or `trace`, which writes a line `failpoint NAME` to stderr whenever it comes by one.
    @usableFromInline
    struct FailpointPlan {
        private enum Action {
            case kill
            case fail(Int32)
        }

        private struct Order {
            let name: String
            let occurrence: Int
            let action: Action
            var count = 0
        }

        private struct State {
            var orders: [Order] = []
            var traces = false
            var killsParent = false
        }

        private static let state = Mutex(State())
        private static let codes = [
            "EACCES": EACCES, "EDQUOT": EDQUOT, "EIO": EIO, "EMFILE": EMFILE, "EMLINK": EMLINK, "ENOSPC": ENOSPC,
            "EINVAL": EINVAL, "ENOSYS": ENOSYS, "EOPNOTSUPP": EOPNOTSUPP, "EROFS": EROFS, "EXDEV": EXDEV,
        ]

        @usableFromInline
        static func arm(_ text: String?, killsParent: Bool) {
            guard let text else { return }
            state.withLock { state in
                state.killsParent = killsParent
                state.traces = text == "trace"
                state.orders = state.traces ? [] : text.split(separator: ";").map { order(String($0)) }
            }
        }

        private static func order(_ text: String) -> Order {
            let parts = text.split(separator: "=").map(String.init)
            precondition(parts.count == 2, "a failpoint is written as NAME[@N]=ACTION: \(text)")
            let place = parts[0].split(separator: "@").map(String.init)
            let occurrence = place.count > 1 ? Int(place[1]) : 1
            let code = codes[parts[1]]
            guard let name = place.first, let occurrence, parts[1] == "kill" || code != nil else {
                preconditionFailure("a failpoint is written as NAME[@N]=ACTION: \(text)")
            }
            return Order(name: name, occurrence: occurrence, action: code.map { .fail($0) } ?? .kill)
        }

        /// - Returns: whether the system call that follows is to be taken for failed.
        @usableFromInline
        @discardableResult
        static func strike(_ name: StaticString) -> Bool {
            let due = state.withLock { state -> (action: Action, killsParent: Bool)? in
                if state.traces { trace(name) }
                guard let index = state.orders.firstIndex(where: { $0.name == "\(name)" }) else { return nil }
                state.orders[index].count += 1
                let order = state.orders[index]
                return order.count == order.occurrence ? (order.action, state.killsParent) : nil
            }
            switch due?.action {
            case nil: return false
            case .fail(let code):
                errno = code
                return true
            case .kill:
                if due?.killsParent == true { kill(getppid(), SIGKILL) }
                kill(getpid(), SIGKILL)
                return false
            }
        }

        /// In one write, so that lines of several processes stay whole.
        private static func trace(_ name: StaticString) {
            let line = Array("failpoint \(name)\n".utf8)
            _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
    }
#endif
