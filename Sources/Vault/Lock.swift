import Foundation
package import Recordings

/// A lock that the kernel holds for this process (`flock`): it goes with the process, however that ends.
package struct Lock: ~Copyable, Sendable {
    private let file: OpenFile

    /// Takes the lock without waiting.
    ///
    /// - Parameters:
    ///   - path: the lock file, created when it is not there; it stays, as a lock file must.
    ///   - holder: one line about who takes it, for whoever finds it taken.
    /// - Returns: nil when another holder has it.
    package static func take(_ path: String, holder: String, mode: UInt32) throws(Failure) -> Lock? {
        let file = try OpenFile(path, flags: O_RDWR | O_CREAT, mode: mode)
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw FileSystem.failure("lock", path) }
        }
        _ = ftruncate(file.descriptor, 0)
        try file.write(Data((holder + "\n").utf8))
        return Lock(file: file)
    }

    deinit {
        // Closing alone would not do: a child that another thread has just forked has a copy of the descriptor until it runs
        // its program, and the lock would stay as long.
        flock(file.descriptor, LOCK_UN)
    }

    /// What the present or last holder of the lock wrote about itself.
    package static func holder(of path: String) -> String? {
        guard let data = try? FileSystem.read(path), !data.isEmpty else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
