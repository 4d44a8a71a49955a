import ArchiveReader
import Foundation
import Recordings
import Synchronization
import Vault

/// What a worker process tells its supervisor, one JSON object a line.
enum WorkerMessage: Codable {
    case progress(UnpackProgress)
    case done(UnpackedArchive)
    case failed(code: String, message: String, advice: String?)
}

/// The process that unpacks one archive: whatever a hostile archive does to it, it does to nothing else.
package enum UnpackWorker {
    /// Reads a request from `input`, unpacks, and reports on `output` until it is done.
    ///
    /// The process is to be this worker and nothing else: it gives up the right to write anywhere but where the request
    /// says, bounds its own memory and is ended by the system with its parent.
    ///
    /// - Returns: the code to exit with: 0 when there is a result, good or bad; 1 when there is a failure.
    package static func run(input: Int32 = 0, output: Int32 = 1) -> Int32 {
        let reporter = Reporter(output)
        do throws(Failure) {
            let request = try readRequest(input)
            try confine(request)
            let unpacker = ArchiveUnpacker(request)
            reporter.start { unpacker.progress }
            reporter.finish(.done(try unpacker.run()))
            return 0
        } catch {
            reporter.finish(.failed(code: error.code.rawValue, message: error.message, advice: error.advice))
            return 1
        }
    }

    private static func readRequest(_ descriptor: Int32) throws(Failure) -> UnpackRequest {
        var data = Data()
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while data.count < 1 << 20 {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            data.append(contentsOf: part[..<count])
        }
        do { return try JSONDecoder().decode(UnpackRequest.self, from: data) } catch {
            throw Failure(.usage, "an unpack worker is started by dialvault itself, with a request on its input")
        }
    }

    private static func confine(_ request: UnpackRequest) throws(Failure) {
        let rowsFolder = FileSystem.folder(of: request.rowsPath)
        try FileSystem.createFolders(request.blobsFolder, mode: request.modes.directory)
        try FileSystem.createFolders(rowsFolder, mode: request.modes.directory)
        #if !SANITIZED  // What a sanitizer keeps would count.
            limit(__rlimit_resource_t(RLIMIT_DATA.rawValue), UInt64(max(request.memoryBytes, 64 << 20)))
        #endif
        limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
        // The signal that says so comes at the first limit; at the second the process is killed.
        limit(__rlimit_resource_t(RLIMIT_CPU.rawValue), UInt64(max(request.cpuSeconds, 1)), grace: 5)
        // Every file gets its mode when it is made; nothing is to be taken from it.
        umask(0)
        Confinement.enter(
            readable: [request.archivePath],
            writable: [request.blobsFolder, rowsFolder]
        )
    }

    private static func limit(_ resource: __rlimit_resource_t, _ value: UInt64, grace: UInt64 = 0) {
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0 else { return }
        limits.rlim_cur = min(rlim_t(value), limits.rlim_max)
        limits.rlim_max = min(rlim_t(value + grace), limits.rlim_max)
        setrlimit(resource, &limits)
    }
}

/// Writes messages, and how far things are ten times a second.
private final class Reporter: Sendable {
    private let descriptor: Int32
    private let isFinished = Mutex(false)
    private let wake = DispatchSemaphore(value: 0)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func start(_ progress: @escaping @Sendable () -> UnpackProgress) {
        let thread = Thread { [self] in
            while wake.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
                isFinished.withLock { if !$0 { send(.progress(progress())) } }
            }
        }
        thread.stackSize = 512 << 10
        thread.start()
    }

    func finish(_ message: WorkerMessage) {
        isFinished.withLock { isFinished in
            isFinished = true
            send(message)
        }
        wake.signal()
    }

    private func send(_ message: WorkerMessage) {
        guard var line = try? JSONEncoder().encode(message) else { return }
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                done += count
            }
        }
    }
}
