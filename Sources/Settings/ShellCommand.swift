import Dispatch
import Foundation
import Recordings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A command line for `/bin/sh -c`, run once for what it prints.
struct ShellCommand: Sendable {
    let line: String
    /// From its start to its end; then it is killed.
    let timeLimit: DispatchTimeInterval

    /// The first `limit` bytes of its output.
    ///
    /// - throws: ``Failure`` with `configuration` when it cannot be started, does not exit with 0 or takes too long; the
    ///   message does not quote the line.
    func output(atMost limit: Int) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(limit: limit) })
            }
        }
    }

    private func run(limit: Int) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", line]
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        let hasEnded = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in hasEnded.signal() }
        let deadline = DispatchTime.now() + timeLimit
        do {
            try process.run()
        } catch {
            throw Failure(.configuration, "it cannot be started")
        }
        let output = collect(from: pipe.fileHandleForReading, limit: limit, deadline: deadline)
        guard let output, hasEnded.wait(timeout: deadline) == .success else {
            kill(process.processIdentifier, SIGKILL)
            throw Failure(.configuration, "it did not end in time")
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let how = process.terminationReason == .exit ? "exit code" : "signal"
            throw Failure(.configuration, "it ended with \(how) \(process.terminationStatus)")
        }
        return output
    }

    /// Reads until the end, the limit (the rest is refused: the command sees a closed pipe) or, with nil, the deadline.
    private func collect(from handle: FileHandle, limit: Int, deadline: DispatchTime) -> [UInt8]? {
        defer { try? handle.close() }
        var output: [UInt8] = []
        while output.count < limit {
            let now = DispatchTime.now()
            guard now < deadline else { return nil }
            let milliseconds = (deadline.uptimeNanoseconds - now.uptimeNanoseconds) / 1_000_000 + 1
            var waited = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&waited, 1, Int32(clamping: milliseconds))
            if count <= 0 { continue }
            guard let bytes = try? handle.read(upToCount: limit - output.count), !bytes.isEmpty else { break }
            output += bytes
        }
        return output
    }
}
