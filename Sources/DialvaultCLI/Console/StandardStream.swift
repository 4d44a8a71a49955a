import Foundation
import Synchronization

/// stdout or stderr: the only place that writes to either.
///
/// Writing never throws and never ends the process: what a command does must not depend on who reads its output. What went
/// wrong first is kept, for ``Entry`` to judge when the command has ended.
final class StandardStream: Sendable {
    static let output = StandardStream(STDOUT_FILENO, goesOnAfterError: false)
    /// A log whose disk is full may have room again for the next line.
    static let errors = StandardStream(STDERR_FILENO, goesOnAfterError: true)

    private struct State {
        var error: Int32?
        /// How long a reader may take, in milliseconds; below 0 for as long as it likes.
        var patience: Int32 = -1
    }

    private let descriptor: Int32
    private let goesOnAfterError: Bool
    private let state = Mutex(State())

    private init(_ descriptor: Int32, goesOnAfterError: Bool) {
        self.descriptor = descriptor
        self.goesOnAfterError = goesOnAfterError
    }

    /// The `errno` of the first write that failed; nil as long as none did.
    var error: Int32? { state.withLock { $0.error } }

    var isTerminal: Bool { isatty(descriptor) != 0 }

    /// Limits how long a reader that does not read can hold up the command.
    func setPatience(milliseconds: Int32) {
        state.withLock { $0.patience = milliseconds }
    }

    func write(_ data: Data) {
        state.withLock { state in
            guard state.error == nil || goesOnAfterError else { return }
            guard let error = Self.write(data, to: descriptor, patience: state.patience) else { return }
            if state.error == nil { state.error = error }
            // Once is enough to wait for a reader that does not read.
            if error == ETIMEDOUT { state.patience = 0 }
        }
    }

    /// - Returns: the `errno` of what went wrong; nil when everything was written.
    private static func write(_ data: Data, to descriptor: Int32, patience: Int32) -> Int32? {
        data.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                if patience >= 0, let error = wait(for: descriptor, milliseconds: patience) { return error }
                // A pipe that is ready takes PIPE_BUF bytes without blocking (pipe(7)).
                let count = patience >= 0 ? min(bytes.count - offset, Int(PIPE_BUF)) : bytes.count - offset
                let written = Foundation.write(descriptor, bytes.baseAddress?.advanced(by: offset), count)
                if written >= 0 {
                    offset += written
                } else if errno == EAGAIN {
                    if let error = wait(for: descriptor, milliseconds: patience) { return error }
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
    }

    private static func wait(for descriptor: Int32, milliseconds: Int32) -> Int32? {
        var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let count = poll(&waited, 1, milliseconds)
            if count == 0 { return ETIMEDOUT }
            // An error of the stream itself is what writing tells.
            if count > 0 { return nil }
            if errno != EINTR { return errno }
        }
    }
}

extension StandardStream {
    /// Opens what the caller has closed of the three standard descriptors.
    ///
    /// Otherwise the next file that is opened would get such a number, and with it the output: the ledger, say, or audio.
    static func occupyClosedDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // It takes the lowest free number, which is this one. Nothing can be written to it, as to a closed one.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Keeps other files that the caller left open from what is started here: a helper may outlive both, and the caller would
    /// wait for it.
    static func keepInheritedDescriptors() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
}

/// A query ends early because its output cannot be written.
struct OutputEnded: Error {}
