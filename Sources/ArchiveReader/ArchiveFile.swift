import Foundation
import Recordings

/// An open archive file, closed with its owner. Reads never move a shared position, so threads can share it.
final class ArchiveFile: Sendable {
    let path: String
    let sizeBytes: Int64
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        self.path = path
        // A pipe that has taken the file's place must not keep anybody waiting for its writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw ArchiveFileError(.open, path, .system(errno)).failure }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let cause = errno
            close(descriptor)
            throw ArchiveFileError(.look, path, .system(cause)).failure
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ArchiveFileError(.open, path, .notRegular).failure
        }
        sizeBytes = Int64(status.st_size)
    }

    /// Takes over an open descriptor.
    init(descriptor: Int32, path: String, sizeBytes: Int64) {
        self.descriptor = descriptor
        self.path = path
        self.sizeBytes = sizeBytes
    }

    deinit { close(descriptor) }

    /// Fills as much of `target` as the file holds from `offset` on; fewer bytes only at its end.
    func read(_ target: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Failure) -> Int {
        // Nothing is there, and the system would refuse to look.
        guard offset >= 0, offset <= Int64.max - Int64(target.count) else { return 0 }
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw ArchiveFileError(.read, path, .system(errno)).failure
            }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// Up to `count` bytes from `offset` on.
    func bytes(at offset: Int64, count: Int) throws(Failure) -> [UInt8] {
        guard offset >= 0, count > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: count)
        let result: Result<Int, Failure> = buffer.withUnsafeMutableBytes { target in
            do throws(Failure) { return .success(try read(target, at: offset)) } catch { return .failure(error) }
        }
        buffer.removeLast(count - (try result.get()))
        return buffer
    }
}

/// Why an archive file cannot be read, each part in a field of its own.
struct ArchiveFileError: Error {
    enum Operation: String {
        case open, read
        case look = "look at"
    }

    enum Cause {
        /// An `errno`.
        case system(Int32)
        case notRegular
    }

    let operation: Operation
    let path: String
    let cause: Cause

    init(_ operation: Operation, _ path: String, _ cause: Cause) {
        self.operation = operation
        self.path = path
        self.cause = cause
    }

    /// As the program's own error; the path may come from outside and is shown escaped.
    var failure: Failure {
        Failure(
            .fileSystem,
            "cannot \(operation.rawValue) the archive \(MemberName.shown(path)): \(reason)",
            advice: advice
        )
    }

    private var reason: String {
        switch cause {
        case .system(let code): String(cString: strerror(code))
        case .notRegular: "it is not a regular file"
        }
    }

    private var advice: String? {
        switch cause {
        case .system: "Check that the file exists and that the user running dialvault may read it"
        case .notRegular: nil
        }
    }
}
