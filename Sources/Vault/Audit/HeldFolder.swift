import CLinux
import Foundation
import Recordings

/// A folder that is held open: it stays the one that it was, whatever is exchanged for it under its name.
///
/// Nothing is written, locked or, where the system allows it (`O_NOATIME`), marked as read.
final class HeldFolder: Sendable {
    let path: String
    private let descriptor: Int32
    private let identity: FileIdentity

    /// - Returns: nil when there is no folder of that name.
    init?(_ path: String) throws(Failure) {
        guard let opened = try Self.open(path, in: AT_FDCWD, shown: path, flags: O_DIRECTORY) else { return nil }
        self.path = path
        descriptor = opened
        var status = stat()
        guard fstat(opened, &status) == 0 else {
            let failure = FileSystem.failure("look at", path)
            close(opened)
            throw failure
        }
        identity = FileIdentity(status)
    }

    deinit { close(descriptor) }

    /// Whether its name still stands for it.
    var isInPlace: Bool {
        var status = stat()
        return stat(path, &status) == 0 && FileIdentity(status) == identity
    }

    /// Opens a file below it. A link, a device and the like are no files.
    ///
    /// - Returns: nil when there is no file of that name.
    func file(_ name: String) throws(Failure) -> ReadFile? {
        let shown = "\(path)/\(name)"
        guard let opened = try Self.open(name, in: descriptor, shown: shown, flags: O_NOFOLLOW | O_NONBLOCK) else {
            return nil
        }
        return try ReadFile(opened, shown)
    }

    /// The paths below it of everything that is no folder.
    func files() throws(Failure) -> [String] {
        var found: [String] = []
        var folders = ["."]
        while let folder = folders.popLast() {
            let shown = "\(path)/\(folder)"
            guard let opened = try Self.open(folder, in: descriptor, shown: shown, flags: O_DIRECTORY | O_NOFOLLOW)
            else { continue }
            guard let stream = fdopendir(opened) else {
                let failure = FileSystem.failure("list", shown)
                close(opened)
                throw failure
            }
            defer { closedir(stream) }
            errno = 0
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                    tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let below = folder == "." ? name : "\(folder)/\(name)"
                if isFolder(below, entry.pointee.d_type) { folders.append(below) } else { found.append(below) }
                errno = 0
            }
            guard errno == 0 else { throw FileSystem.failure("list", shown) }
        }
        return found
    }

    private func isFolder(_ name: String, _ type: UInt8) -> Bool {
        if type != DT_UNKNOWN { return type == DT_DIR }
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func open(
        _ name: String,
        in folder: Int32,
        shown: String,
        flags: Int32
    ) throws(Failure) -> Int32? {
        // Only who owns a file may read it without a trace (open(2)); for others it is opened as everybody does.
        for extra in [linux_no_access_time, 0] {
            let descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC | flags | extra)
            if descriptor >= 0 { return descriptor }
            if errno == EPERM, extra != 0 { continue }
            switch errno {
            case ENOENT, ENOTDIR, ELOOP, ENXIO: return nil
            default: throw FileSystem.failure("open", shown)
            }
        }
        return nil
    }
}

/// What makes two names one file.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}
