import CLinux
import Foundation
import Recordings
import Synchronization
import Vault

/// A program whose output is read while it runs. It has nothing to read itself, and no descriptor of this process.
///
/// It ends with this process, however that ends, and ``kill()`` ends it with everything that it started.
final class TiedProcess: Sendable {
    /// How it ended, and what it wrote to its standard error.
    struct Ending: Hashable, Sendable {
        /// The exit code; 128 and the signal's number when a signal ended it, as a shell has it.
        var code: Int32
        /// The last 16 KiB.
        var errors: String
    }

    private struct State {
        /// Nil once it has been waited for: from then on the number may be another process's.
        var pid: pid_t?
        var ending: Ending?
        var waiting: CheckedContinuation<Ending, Never>?
    }

    private static let errorBytes = 16 << 10

    private let output: Int32
    private let state = Mutex(State())
    /// Reading blocks, so it has threads of its own.
    private let reading = DispatchQueue(label: "dialvault.process")

    private init(output: Int32) {
        self.output = output
    }

    deinit {
        close(output)
    }

    /// - Throws: `Failure` when the system starts nothing.
    static func start(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String]
    ) async throws -> TiedProcess {
        try await withCheckedThrowingContinuation { continuation in
            // The child ends with the thread that started it, so that thread is the one that waits for its end.
            let thread = Thread { run(executable, arguments, environment, started: continuation) }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    private static func run(
        _ executable: String,
        _ arguments: [String],
        _ environment: [String: String],
        started: CheckedContinuation<TiedProcess, any Error>
    ) {
        var outputs: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard nothing >= 0, linux_pipe(&outputs) == 0, linux_pipe(&errors) == 0 else {
            let failure = FileSystem.failure("make a pipe for", executable)
            for descriptor in [nothing] + outputs + errors where descriptor >= 0 { close(descriptor) }
            started.resume(throwing: failure)
            return
        }
        // A larger pipe means fewer wake-ups for an archive of gigabytes.
        linux_widen_pipe(outputs[0], 1 << 20)
        let pid: pid_t? = withTexts([executable] + arguments) { arguments in
            withTexts(environment.map { "\($0)=\($1)" }) { environment in
                linux_spawn_tied(executable, arguments, environment, nothing, outputs[1], errors[1])
            }
        }
        let code = errno
        for descriptor in [nothing, outputs[1], errors[1]] { close(descriptor) }
        guard let pid, pid > 0 else {
            close(outputs[0])
            close(errors[0])
            started.resume(throwing: FileSystem.failure("start", executable, errno: code))
            return
        }
        let process = TiedProcess(output: outputs[0])
        process.state.withLock { $0.pid = pid }
        started.resume(returning: process)
        process.finish(pid, errors: lastBytes(of: errors[0]))
        close(errors[0])
    }

    private static func withTexts<Value>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value?
    ) -> Value? {
        let copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
    }

    private static func lastBytes(of descriptor: Int32) -> [UInt8] {
        var kept: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Foundation.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return kept }
            kept = Array((kept + part[..<count]).suffix(errorBytes))
        }
    }

    /// Waits for the end, on the thread that started it.
    private func finish(_ pid: pid_t, errors: [UInt8]) {
        var information = siginfo_t()
        // It stays a zombie, and its number and group its own, until nobody can send it a signal any more.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiting = state.withLock { state in
            _ = Foundation.kill(-pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            let ending = Ending(
                code: signal == 0 ? status >> 8 & 0xff : 128 + signal,
                errors: String(decoding: errors, as: UTF8.self)
            )
            state.pid = nil
            state.ending = ending
            defer { state.waiting = nil }
            return state.waiting.map { ($0, ending) }
        }
        if let (continuation, ending) = waiting { continuation.resume(returning: ending) }
    }

    /// The next bytes of its output; none at the end.
    func read() async -> [UInt8] {
        await withCheckedContinuation { continuation in
            reading.async { [self] in
                let bytes = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
                    var got = 0
                    repeat {
                        got = Foundation.read(output, buffer.baseAddress, buffer.count)
                    } while got < 0 && errno == EINTR
                    count = max(0, got)
                }
                continuation.resume(returning: bytes)
            }
        }
    }

    /// Returns when it has ended. To be called once.
    func end() async -> Ending {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiting = continuation }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }

    /// Ends it and its group at once; nothing happens when it has ended.
    func kill() {
        state.withLock { state in
            guard let pid = state.pid else { return }
            // Its group exists only from when it has made it.
            if Foundation.kill(-pid, SIGKILL) != 0 { _ = Foundation.kill(pid, SIGKILL) }
        }
    }
}
