import Foundation
import Recordings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

private let readBytes = read

/// A small file, read whole.
enum FileContents {
    /// The first `limit` bytes, and the permission bits of the very file that was read.
    ///
    /// - throws: ``Failure`` with `notFound` when there is no such file, else with `fileSystem`; its message is the
    ///   system's reason alone.
    static func read(_ path: String, atMost limit: Int) throws(Failure) -> (bytes: [UInt8], mode: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw failure(errno) }
        guard facts.st_mode & S_IFMT != S_IFDIR else { throw failure(EISDIR) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limit {
            let count = readBytes(descriptor, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(errno) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return (bytes, Int(facts.st_mode & 0o7777))
    }

    private static func failure(_ code: Int32) -> Failure {
        let isAbsent = code == ENOENT || code == ENOTDIR
        return Failure(isAbsent ? .notFound : .fileSystem, String(cString: strerror(code)))
    }
}
