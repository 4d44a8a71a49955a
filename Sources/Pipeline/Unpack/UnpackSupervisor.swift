import ArchiveReader
import Crypto
import Foundation
package import Recordings
import Synchronization
import Vault

/// Unpacks archives, each in a process of its own.
///
/// A worker that crashes, stands still or takes too much ends its archive and nothing else: the rows that it had written
/// stay, and the archive says why it is not complete. A worker that is left without its supervisor is ended by the system.
package struct UnpackSupervisor: Sendable {
    /// The program that runs ``UnpackWorker/run(input:output:)``.
    package struct Command: Sendable {
        package var executable: String
        package var arguments: [String]

        package init(executable: String = "/proc/self/exe", arguments: [String]) {
            self.executable = executable
            self.arguments = arguments
        }
    }

    private let command: Command
    /// How long a worker may get nowhere.
    private let patience: Duration

    package init(_ command: Command, patience: Duration = .seconds(120)) {
        self.command = command
        self.patience = patience
    }

    /// Unpacks several archives, up to `width` of them at the same time.
    ///
    /// - Parameter progress: called from any thread, with the place of the archive in `requests`.
    /// - Returns: what became of them, in the order of `requests`: a failure for an archive that could not be read at all,
    ///   which keeps no other from being read.
    /// - Throws: `Failure` with code `diskFull` or `interrupted`.
    package func unpack(
        _ requests: [UnpackRequest],
        width: Int,
        progress: @escaping @Sendable (Int, UnpackProgress) -> Void = { _, _ in }
    ) async throws -> [Result<UnpackedArchive, Failure>] {
        try await withThrowingTaskGroup(of: (Int, Result<UnpackedArchive, Failure>).self) { group in
            var results = [Result<UnpackedArchive, Failure>?](repeating: nil, count: requests.count)
            var waiting = requests.indices.makeIterator()
            func startNext() {
                guard let place = waiting.next() else { return }
                group.addTask {
                    do {
                        return (place, .success(try await unpack(requests[place]) { progress(place, $0) }))
                    } catch let failure as Failure where !failure.endsDay {
                        return (place, .failure(failure))
                    }
                }
            }
            for _ in 0..<max(width, 1) { startNext() }
            while let (place, archive) = try await group.next() {
                results[place] = archive
                startNext()
            }
            return results.compactMap(\.self)
        }
    }

    /// - Throws: `Failure` when the disk is full or the host fails otherwise, with code `interrupted` when the task is
    ///   cancelled. Whatever is wrong with the archive is in the result.
    package func unpack(
        _ request: UnpackRequest,
        progress: @escaping @Sendable (UnpackProgress) -> Void = { _ in }
    ) async throws -> UnpackedArchive {
        guard !Task.isCancelled else { throw Self.interrupted }
        let watch = WorkerWatch(command, request, patience: patience, progress: progress)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread { continuation.resume(with: Result { try watch.run() }) }
                thread.stackSize = 1 << 20
                thread.start()
            }
        } onCancel: {
            watch.cancel()
        }
    }

    static let interrupted = Failure(
        .interrupted,
        "unpacking was interrupted",
        advice: "Run the day again: it goes on from there"
    )
}

/// One worker and what it says.
private final class WorkerWatch: Sendable {
    private let request: UnpackRequest
    private let command: UnpackSupervisor.Command
    private let child = Mutex<ChildProcess?>(nil)
    private let patience: Duration
    private let progress: @Sendable (UnpackProgress) -> Void
    private let isCancelled = Atomic<Bool>(false)

    /// The most that a worker has to say at once.
    private static let lineBytes = 1 << 20

    init(
        _ command: UnpackSupervisor.Command,
        _ request: UnpackRequest,
        patience: Duration,
        progress: @escaping @Sendable (UnpackProgress) -> Void
    ) {
        self.command = command
        self.request = request
        self.patience = patience
        self.progress = progress
    }

    func cancel() {
        isCancelled.store(true, ordering: .sequentiallyConsistent)
        child.withLock { $0?.kill() }
    }

    /// Blocks until the worker has ended.
    func run() throws -> UnpackedArchive {
        let child = try ChildProcess(command.executable, command.arguments)
        self.child.withLock { $0 = child }
        if isCancelled.load(ordering: .sequentiallyConsistent) { child.kill() }
        do { child.send(try JSONEncoder().encode(request)) } catch {
            child.kill()
        }
        let (final, wasStill) = listen(to: child)
        if wasStill || final == nil { child.kill() }
        let ending = child.wait()
        try? FileSystem.removeTree(request.incomingFolder)
        if isCancelled.load(ordering: .sequentiallyConsistent) { throw UnpackSupervisor.interrupted }
        switch final {
        case .done(let archive):
            return archive
        case .failed(let code, let message, let advice):
            throw Failure(Failure.Code(rawValue: code) ?? .fileSystem, message, advice: advice)
        case .progress, nil:
            break
        }
        if ending == .exit(127) {
            throw Failure(.fileSystem, "the unpack worker cannot be started")
        }
        return try WorkerLoss(request).account(for: wasStill ? standstill : Self.reason(ending))
    }

    private var standstill: String { "it got nowhere for \(patience.components.seconds) seconds and was ended" }

    private static func reason(_ ending: ChildProcess.Ending) -> String {
        switch ending {
        case .exit(let code): "it ended with code \(code) and without a result"
        case .signal(SIGKILL): "the system ended it, most likely for the memory it took"
        case .signal(SIGXCPU): "it took too much processor time"
        case .signal(let number): "it crashed (signal \(number))"
        }
    }

    /// Listens until there is a last word, or no word for too long.
    private func listen(to child: ChildProcess) -> (final: WorkerMessage?, wasStill: Bool) {
        var heard: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        var activity: Int64 = -1
        var deadline = ContinuousClock.now + patience
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return (nil, true) }
            var waiting = pollfd(fd: child.output, events: Int16(POLLIN), revents: 0)
            let milliseconds = Int64(left / .milliseconds(1))
            guard poll(&waiting, 1, Int32(clamping: milliseconds + 1)) > 0 else { continue }
            let count = read(child.output, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return (nil, false) }
            heard += part[..<count]
            while let end = heard.firstIndex(of: UInt8(ascii: "\n")) {
                let message = try? JSONDecoder().decode(WorkerMessage.self, from: Data(heard[..<end]))
                heard.removeSubrange(...end)
                guard case .progress(let now) = message else {
                    if let message { return (message, false) }
                    continue
                }
                progress(now)
                guard now.activity != activity else { continue }
                activity = now.activity
                deadline = ContinuousClock.now + patience
            }
            guard heard.count < Self.lineBytes else { return (nil, false) }
        }
    }
}

/// What is left when a worker is lost.
struct WorkerLoss {
    let request: UnpackRequest

    init(_ request: UnpackRequest) { self.request = request }

    /// The archive as far as it went: the rows that were written, and the reason.
    func account(for reason: String) throws(Failure) -> UnpackedArchive {
        let (digest, size, head) = try fingerprint()
        let rows = try mendRows()
        var archive = UnpackedArchive(
            archive: request.archiveName,
            sha256: digest,
            sizeBytes: size,
            state: rows > 0 ? .partial : .unreadable,
            detail: "the process that read it was lost after \(rows) members: \(reason)"
        )
        archive.rows = rows
        // A compressed stream was not read up to its checksum.
        archive.crcMismatch = rows > 0 && ArchiveReader.kindOfArchive(head: head)?.isCompressed == true
        return archive
    }

    private func fingerprint() throws(Failure) -> (Recordings.Digest, Int64, [UInt8]) {
        // A pipe that has taken the archive's place must not keep anybody waiting for its writer.
        let file = try OpenFile(request.archivePath, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
        var hasher = SHA256()
        var size: Int64 = 0
        var head: [UInt8] = []
        while case let chunk = try file.read(upTo: 1 << 20), !chunk.isEmpty {
            if head.isEmpty { head = Array(chunk.prefix(ArchiveReader.kindBytes)) }
            hasher.update(data: chunk)
            size += Int64(chunk.count)
        }
        return (Recordings.Digest(bytes: hasher.finalize()), size, head)
    }

    /// Cuts a row off that was only begun, and counts the others.
    private func mendRows() throws(Failure) -> Int {
        let path = request.rowsPath
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_CREAT, mode_t(request.modes.working))
        guard descriptor >= 0 else { throw FileSystem.failure("open", path) }
        defer { close(descriptor) }
        var rows = 0
        var size: Int64 = 0
        var whole: Int64 = 0
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = read(descriptor, &part, part.count), count > 0 {
            for place in 0..<count where part[place] == UInt8(ascii: "\n") {
                rows += 1
                whole = size + Int64(place) + 1
            }
            size += Int64(count)
        }
        guard whole == size || ftruncate(descriptor, off_t(whole)) == 0 else { throw FileSystem.failure("cut", path) }
        return rows
    }
}
