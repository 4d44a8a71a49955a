import Foundation
import Recordings

/// An open archive file, closed with its owner. Reads never move a shared position, so threads can share it.
final class ArchiveFile: Sendable {
    let path: String
    let sizeBytes: Int64
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(.fileSystem, "cannot read \(path): it is not a regular file")
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
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("read", path)
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

    private static func failure(_ operation: String, _ path: String) -> Failure {
        let reason = String(cString: strerror(errno))
        return Failure(
            .fileSystem,
            "cannot \(operation) the archive \(path): \(reason)",
            advice: "Check that the file is there and that the user who runs dialvault may read it"
        )
    }
}
