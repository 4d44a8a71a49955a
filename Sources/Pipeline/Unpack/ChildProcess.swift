import CLinux
import Foundation
import Recordings
import Synchronization
import Vault

/// A program that was started, with pipes to its input and from its output. What it writes to its standard error goes
/// where this process's goes.
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
        let toChild = try Self.pipe(executable)
        let fromChild: (read: Int32, write: Int32)
        do throws(Failure) { fromChild = try Self.pipe(executable) } catch {
            close(toChild.read)
            close(toChild.write)
            throw error
        }
        defer {
            close(toChild.read)
            close(fromChild.write)
        }
        let started = Self.spawn(executable, arguments, input: toChild.read, output: fromChild.write)
        guard case .success(let number) = started else {
            close(toChild.write)
            close(fromChild.read)
            throw Failure(.fileSystem, "cannot start \(executable): \(Self.reason(started))")
        }
        input = Mutex(toChild.write)
        output = fromChild.read
        pid = Mutex(number)
    }

    deinit {
        closeInput()
        close(output)
    }

    private static func pipe(_ executable: String) throws(Failure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { throw FileSystem.failure("make a pipe for", executable) }
        return (ends[0], ends[1])
    }

    private enum SpawnError: Error {
        case code(Int32)
    }

    private static func reason(_ result: Result<pid_t, SpawnError>) -> String {
        guard case .failure(.code(let code)) = result else { return "" }
        return String(cString: strerror(code))
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], input: Int32, output: Int32
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
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
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
                let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
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
