import CLinux
import Foundation
import Recordings
import Synchronization
import Vault

/// A program that was started, with ways to its input and from its output. What it writes to its standard error goes
/// where this process's goes.
///
/// Start it on a thread that outlives it: the signal that a worker asks for when its parent ends (`PR_SET_PDEATHSIG`) comes
/// when the thread ends that started it.
final class ChildProcess: Sendable {
    /// How it ended.
    enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    /// Its output.
    let output: Int32
    private let input: Mutex<Int32>
    /// Nil once it has been waited for: from then on the number may be another process's.
    private let pid: Mutex<pid_t?>

    init(_ executable: String, _ arguments: [String]) throws(Failure) {
        // A socket for the input: writing to a pipe that nobody reads would raise SIGPIPE here.
        var toChild: [Int32] = [-1, -1]
        guard linux_socket_pair(&toChild) == 0 else { throw FileSystem.failure("make a socket for", executable) }
        var fromChild: [Int32] = [-1, -1]
        guard linux_pipe(&fromChild) == 0 else {
            let failure = FileSystem.failure("make a pipe for", executable)
            for end in toChild { close(end) }
            throw failure
        }
        let started = Self.spawn(executable, arguments, input: toChild[1], output: fromChild[1])
        close(toChild[1])
        close(fromChild[1])
        guard case .success(let number) = started else {
            close(toChild[0])
            close(fromChild[0])
            throw Failure(.fileSystem, "cannot start \(executable): \(Self.reason(started))")
        }
        input = Mutex(toChild[0])
        output = fromChild[0]
        pid = Mutex(number)
    }

    deinit {
        closeInput()
        close(output)
    }

    private enum SpawnError: Error {
        case code(Int32)
    }

    private static func reason(_ result: Result<pid_t, SpawnError>) -> String {
        guard case .failure(.code(let code)) = result else { return "" }
        return String(cString: strerror(code))
    }

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        input: Int32,
        output: Int32
    ) -> Result<pid_t, SpawnError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that an interrupt from the terminal reaches the supervisor alone, which ends it.
        posix_spawnattr_setpgroup(&attributes, 0)
        // Signals mean there what they mean to a process by default, whatever this one ignores or holds back.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var number: pid_t = 0
        let code = posix_spawn(&number, executable, &actions, &attributes, &arguments, environ)
        return code == 0 ? .success(number) : .failure(.code(code))
    }

    /// Writes all of its input and closes it. That it does not read it is its own affair.
    func send(_ data: Data) {
        let descriptor = input.withLock { $0 }
        data.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = Foundation.send(
                    descriptor,
                    bytes.baseAddress?.advanced(by: done),
                    bytes.count - done,
                    Int32(MSG_NOSIGNAL)
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                done += count
            }
        }
        closeInput()
    }

    private func closeInput() {
        input.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    /// Ends it at once; nothing happens when it has ended.
    func kill() {
        pid.withLock { number in
            if let number { _ = Foundation.kill(number, SIGKILL) }
        }
    }

    /// Waits for its end.
    func wait() -> Ending {
        guard let number = pid.withLock({ $0 }) else { return .exit(0) }
        var information = siginfo_t()
        // It stays a zombie, and its number its own, until no one can send it a signal any more.
        while waitid(P_PID, id_t(number), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return pid.withLock { held in
            var status: Int32 = 0
            while waitpid(number, &status, 0) < 0, errno == EINTR {}
            held = nil
            let signal = status & 0x7f
            return signal == 0 ? .exit(status >> 8 & 0xff) : .signal(signal)
        }
    }
}
