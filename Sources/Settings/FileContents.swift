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

private let readBytes = read

/// A small file, read whole.
enum FileContents {
    /// How long a pipe or a device may take, such as a FIFO that nobody writes to.
    static let timeLimit = DispatchTimeInterval.seconds(60)

    /// The first `limit` bytes, and the permission bits of the very file that was read.
    ///
    /// - throws: ``Failure`` with `notFound` when there is no such file, else with `fileSystem`; its message is the
    ///   system's reason alone.
    static func read(
        _ path: String,
        atMost limit: Int,
        timeLimit: DispatchTimeInterval = timeLimit
    ) throws(Failure) -> (bytes: [UInt8], mode: Int) {
        // Opening a FIFO waits for a writer without this.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw failure(errno) }
        guard facts.st_mode & S_IFMT != S_IFDIR else { throw failure(EISDIR) }
        // Reading a FIFO that no writer has opened yet is at its end at once: it has to be waited for first.
        let waits = facts.st_mode & S_IFMT != S_IFREG
        let deadline = DispatchTime.now() + timeLimit
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limit {
            if waits, !DescriptorWait.isReadable(descriptor, before: deadline) { throw failure(ETIMEDOUT) }
            let count = readBytes(descriptor, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
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

/// Waiting for bytes, and never for ever.
enum DescriptorWait {
    /// Whether there is something to read, or the end, before the deadline.
    static func isReadable(_ descriptor: Int32, before deadline: DispatchTime) -> Bool {
        readable([descriptor], before: deadline).contains(descriptor)
    }

    /// Those of the descriptors that have something to read, or have ended; none when the deadline is over.
    static func readable(_ descriptors: [Int32], before deadline: DispatchTime) -> Set<Int32> {
        var waited = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            let now = DispatchTime.now()
            guard now < deadline else { return [] }
            let milliseconds = (deadline.uptimeNanoseconds - now.uptimeNanoseconds) / 1_000_000 + 1
            if poll(&waited, nfds_t(waited.count), Int32(clamping: milliseconds)) > 0 {
                return Set(waited.filter { $0.revents != 0 }.map(\.fd))
            }
        }
    }
}
