import Dispatch
import Foundation
import Recordings
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

private let readBytes = read

/// A command line for `/bin/sh -c`, run once for what it prints.
struct ShellCommand: Sendable {
    let line: String
    /// From its start to its end; then it is killed.
    let timeLimit: DispatchTimeInterval

    /// As much of its error stream is kept, in bytes.
    private static let complaintLimit = 4096

    /// The first `limit` bytes of its output, once it has ended. What it leaves in the background is not waited for.
    ///
    /// - throws: ``Failure`` with `configuration` when it cannot be started, does not exit with 0 or takes too long; the
    ///   message does not quote the line, nor what looks like a secret in what the command says.
    func output(atMost limit: Int) async throws -> SecretEffects.Output {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(limit: limit) })
            }
        }
    }

    private func run(limit: Int) throws -> SecretEffects.Output {
        let (output, errors, end) = (Pipe(), Pipe(), Pipe())
        for pipe in [output, errors, end] {
            for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        let deadline = DispatchTime.now() + timeLimit
        guard let shell = Shell(line, output: output, errors: errors) else {
            throw Failure(.configuration, "it cannot be started")
        }
        let status = Mutex<Int32>(0)
        DispatchQueue.global().async {
            let ended = shell.wait()
            status.withLock { $0 = ended }
            // Seen at the other end as soon as the shell itself has ended, whoever still has the other pipes.
            try? end.fileHandleForWriting.close()
        }
        let reading = Reading(
            output: Intake(output, limit: limit, refusesMore: true),
            errors: Intake(errors, limit: Self.complaintLimit, refusesMore: false),
            end: end.fileHandleForReading.fileDescriptor
        )
        let hasEnded = reading.run(until: deadline)
        withExtendedLifetime((output, errors, end)) {}
        guard hasEnded else {
            shell.kill()
            throw Failure(.configuration, "it did not end in time" + reading.saying)
        }
        // wait(2): the signal in the lower seven bits, else the exit code in the next eight.
        let (signal, code) = status.withLock { ($0 & 0x7F, $0 >> 8 & 0xFF) }
        guard signal == 0 else { throw Failure(.configuration, "it ended with signal \(signal)\(reading.saying)") }
        guard code == 0 else {
            // The shell's own words about a command that it cannot find or run quote the line.
            let said = [126, 127].contains(code) ? ", so there is no such command" : reading.saying
            throw Failure(.configuration, "it ended with exit code \(code)\(said)")
        }
        return SecretEffects.Output(bytes: reading.output.bytes, complaint: reading.complaint)
    }
}

/// A shell with a command line, in a process group of its own.
private struct Shell {
    private let id: pid_t

    /// Nil when it cannot be started. Foundation's `Process` would not do: it takes a process for running as long as anything
    /// that it has left in the background is.
    init?(_ line: String, output: Pipe, errors: Pipe) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.fileHandleForWriting.fileDescriptor, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.fileHandleForWriting.fileDescriptor, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // Signals mean there what they mean to a process by default, whatever this one ignores or holds back.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let words: [String] = ["sh", "-c", line]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var number: pid_t = 0
        guard posix_spawn(&number, "/bin/sh", &actions, &attributes, &arguments, environ) == 0 else { return nil }
        id = number
        try? output.fileHandleForWriting.close()
        try? errors.fileHandleForWriting.close()
    }

    /// Waits for its end; the status as wait(2) has it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Ends it and what it has started, as long as that has not left its group. It has not been waited for yet.
    func kill() {
        _ = Foundation.kill(-id, SIGKILL)
    }
}

extension ShellCommand {
    /// One of a command's streams, kept up to a limit. What comes after it is refused, so that the command sees a closed
    /// pipe, or read and left out.
    private final class Intake {
        private let handle: FileHandle
        private let limit: Int
        private let refusesMore: Bool
        private(set) var bytes: [UInt8] = []
        private(set) var isOpen = true

        var descriptor: Int32 { handle.fileDescriptor }

        init(_ pipe: Pipe, limit: Int, refusesMore: Bool) {
            handle = pipe.fileHandleForReading
            self.limit = limit
            self.refusesMore = refusesMore
            _ = fcntl(handle.fileDescriptor, F_SETFL, O_NONBLOCK)
        }

        /// Takes what is there.
        func take() {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while isOpen {
                let count = readBytes(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { return }
                if count > 0 { bytes += buffer[..<min(count, limit - bytes.count)] }
                if count <= 0 || refusesMore && bytes.count >= limit { close() }
            }
        }

        private func close() {
            try? handle.close()
            isOpen = false
        }
    }

    /// Reads both streams until the command has ended.
    private struct Reading {
        let output: Intake
        let errors: Intake
        /// Ends with the command.
        let end: Int32

        /// - Returns: false when the deadline came first.
        func run(until deadline: DispatchTime) -> Bool {
            while true {
                let open = [output, errors].filter(\.isOpen)
                let readable = DescriptorWait.readable(open.map(\.descriptor) + [end], before: deadline)
                guard !readable.isEmpty else { return false }
                for stream in open { stream.take() }
                if readable.contains(end) { return true }
            }
        }

        var complaint: String? { SecretText.shown(errors.bytes, hiding: output.bytes) }

        /// What it said, as the end of a sentence.
        var saying: String { complaint.map { ", and said: \($0)" } ?? "" }
    }
}
