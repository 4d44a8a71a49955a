import Foundation
import Recordings

/// An advisory lock on a file (flock(2)), which the kernel releases when its holder goes, however it goes.
struct FileLock: ~Copyable {
    let descriptor: Int32

    /// Takes the lock on the file at `path`, which is made when there is none; nil when somebody else holds it.
    ///
    /// Never waits. Locks exclude each other within one process too.
    static func attempt(_ path: String) throws -> FileLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw Failure.file("open", path, errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw Failure.file("lock", path, code)
        }
        return FileLock(descriptor: descriptor)
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // A child that another thread has just forked has a copy of the descriptor until it runs its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Whether the file that is locked is still the one at `path`.
    func isStill(at path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    /// The file's bytes, as far as `limit`.
    func contents(upTo limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, limit, 0) }
        return count > 0 ? Array(bytes.prefix(count)) : []
    }

    /// Replaces the file's bytes. Not durable and not atomic: whoever reads must be able to tell a torn file.
    func replaceContents(_ bytes: [UInt8], path: String) throws {
        let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, bytes.count, 0) }
        guard count == bytes.count, ftruncate(descriptor, off_t(bytes.count)) == 0 else {
            throw Failure.file("write", path, count < 0 ? errno : ENOSPC)
        }
    }
}

extension Failure {
    /// What the operating system refused, on which file.
    static func file(_ verb: String, _ path: String, _ code: Int32) -> Failure {
        let reason = String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT {
            return Failure(
                .diskFull,
                "Cannot \(verb) \(path): \(reason)",
                advice: "Free some space there and run it again"
            )
        }
        return Failure(
            .fileSystem,
            "Cannot \(verb) \(path): \(reason)",
            advice: "Check that the folder exists and may be written"
        )
    }
}
