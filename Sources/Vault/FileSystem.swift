import CLinux
import Dispatch
import Failpoints
package import Foundation
package import Recordings
import Synchronization

/// The system calls through which everything under the vault is written, each failure a ``Failure`` that names the
/// operation, the path and the system's reason.
///
/// All of them are here so that there is one place where "the disk is full" is told from "the disk is broken".
package enum FileSystem {
    /// The failure for the current `errno`.
    ///
    /// - Parameters:
    ///   - operation: what was tried, as it reads behind "cannot": `write`, `create the folder`, …
    package static func failure(_ operation: String, _ path: String, errno code: Int32 = errno) -> Failure {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT:
            return Failure(
                .diskFull,
                "cannot \(operation) \(path): \(reason)",
                advice: "Free some space and run the day again: it goes on from there"
            )
        case EACCES, EPERM, EROFS:
            return Failure(
                .fileSystem,
                "cannot \(operation) \(path): \(reason)",
                advice: "Check that the user who runs dialvault owns the vault and may write to it"
            )
        default:
            return Failure(.fileSystem, "cannot \(operation) \(path): \(reason)")
        }
    }

    // MARK: Folders

    /// Creates `path` and its missing parents with `mode`; existing folders stay as they are.
    package static func createFolders(_ path: String, mode: UInt32) throws(Failure) {
        if !Failpoint.fails("mkdir"), mkdir(path, mode) == 0 {
            guard chmod(path, mode) == 0 else { throw failure("set the mode of", path) }
            return
        }
        switch errno {
        case EEXIST:
            guard isFolder(path) else { throw failure("create the folder", path, errno: ENOTDIR) }
        case ENOENT:
            try createFolders(parent(of: path), mode: mode)
            try createFolders(path, mode: mode)
        default:
            throw failure("create the folder", path)
        }
    }

    /// The names in a folder, sorted by their bytes; empty when the folder does not exist.
    package static func list(_ path: String) throws(Failure) -> [String] {
        guard !Failpoint.fails("opendir"), let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw failure("list", path)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw failure("list", path) }
        return names.sorted()
    }

    /// Removes a file or a whole folder; nothing happens when there is none. Links are removed, never followed.
    ///
    /// - Throws: also for audio of a bag, whatever is in it: see ``BagAudioPath``.
    package static func removeTree(_ path: String) throws(Failure) {
        if BagAudioPath.includes(path), !isFolder(path), exists(path) { throw refusal("remove", path) }
        if !Failpoint.fails("unlink"), unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw failure("remove", path) }
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        guard !Failpoint.fails("rmdir"), rmdir(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Removes a folder and the folders in it, if there is no file in any of them.
    ///
    /// - Returns: false when there is, and nothing but empty folders was removed.
    static func removeEmptyFolders(_ path: String) throws(Failure) -> Bool {
        for name in try list(path) where isFolder("\(path)/\(name)") { _ = try removeEmptyFolders("\(path)/\(name)") }
        if !Failpoint.fails("rmdir"), rmdir(path) == 0 || errno == ENOENT { return true }
        guard errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR else { throw failure("remove", path) }
        return false
    }

    // MARK: Files

    /// Writes a file in one step: readers see the old content or the new, whole. It is on the disk when this returns.
    ///
    /// For one writer at a time: the caller holds the lock that the file belongs to.
    package static func writeAtomically(_ data: Data, to path: String, mode: UInt32) throws(Failure) {
        let temporary = path + ".new"
        try write(data, to: temporary, mode: mode, flush: true)
        try rename(temporary, to: path)
        try flushFolder(parent(of: path))
    }

    /// Creates or replaces a file.
    ///
    /// - Parameter flush: whether it is on the disk when this returns; otherwise that is up to a later ``flushAll(_:)``.
    package static func write(_ data: Data, to path: String, mode: UInt32, flush: Bool = false) throws(Failure) {
        if BagAudioPath.includes(path), exists(path) { throw refusal("replace", path) }
        unlink(path)
        var file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try file.write(data)
        if flush { try file.flush() }
        try file.close()
    }

    /// The whole content of a file; nil when there is none.
    package static func read(_ path: String) throws(Failure) -> Data? {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            guard exists(path) else { return nil }
            throw Failure(.fileSystem, "cannot read \(path): \(error.localizedDescription)")
        }
    }

    /// A regular file under its own name; nil for a link, a folder and whatever else, and when there is none.
    ///
    /// - Throws: when the system does not tell whether there is one.
    static func regularFile(_ path: String) throws(Failure) -> RegularFile? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if isAbsence(errno) { return nil }
            throw failure("look at", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return RegularFile(
            identity: FileIdentity(status),
            sizeBytes: Int64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        )
    }

    struct RegularFile {
        let identity: FileIdentity
        let sizeBytes: Int64
        /// Time of last change of the content, since the epoch.
        let modifiedNanoseconds: Int64
    }

    /// Time of last change of whatever has this name, in nanoseconds since the epoch; nil when there is nothing.
    package static func modified(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    /// Size in bytes and time of last change of a regular file; nil when there is none.
    package static func attributes(_ path: String) -> (sizeBytes: Int64, modifiedNanoseconds: Int64)? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let nanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        return (Int64(status.st_size), nanoseconds)
    }

    /// Whether something has this name, or may have: only what is known to be absent is not there. A folder that cannot be
    /// entered and a disk that does not answer prove nothing.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 || !isAbsence(errno)
    }

    /// Whether an error says that there is nothing of that name.
    static func isAbsence(_ error: Int32) -> Bool { error == ENOENT || error == ENOTDIR }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    // MARK: Names

    /// - Throws: also when it would take the place of audio of a bag, or take that away: see ``BagAudioPath``.
    package static func rename(_ path: String, to other: String) throws(Failure) {
        if BagAudioPath.includes(other), exists(other) { throw refusal("replace", other) }
        if BagAudioPath.includes(path), !isFolder(path) { throw refusal("move", path) }
        try renameAnything(path, to: other)
    }

    private static func renameAnything(_ path: String, to other: String) throws(Failure) {
        guard !Failpoint.fails("rename"), Foundation.rename(path, other) == 0 else {
            throw failure("rename to \(other) the file", path)
        }
    }

    package static func setMode(_ path: String, _ mode: UInt32) throws(Failure) {
        guard chmod(path, mode) == 0 else { throw failure("set the mode of", path) }
    }

    // MARK: Audio of a bag

    private static func refusal(_ operation: String, _ path: String) -> Failure {
        Failure(
            .fileSystem,
            "refused to \(operation) \(path): it is audio of a bag",
            advice: "This is a defect of dialvault; nothing was changed. Please report it"
        )
    }

    /// Removes one name of a bag's audio. The caller has made sure that the vault has the bytes under another one.
    static func removeAudio(_ path: String) throws(Failure) {
        guard !Failpoint.fails("unlink"), unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Moves audio out of a bag, or into one in the place of a file that is not what was published. Whatever has the other
    /// name is replaced.
    static func moveAudio(_ path: String, to other: String) throws(Failure) { try renameAnything(path, to: other) }

    // MARK: Exchange and links

    static func setModified(_ path: String, _ nanoseconds: Int64) throws(Failure) {
        let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        guard utimensat(AT_FDCWD, path, [time, time], 0) == 0 else { throw failure("set the time of", path) }
    }

    static func flushFile(_ path: String) throws(Failure) { try OpenFile(path, flags: O_RDONLY).flush() }

    /// Swaps what two names stand for in one step (`renameat2`, `RENAME_EXCHANGE`).
    ///
    /// - Returns: false when the file system cannot do that; then nothing has changed.
    package static func exchange(_ left: String, _ right: String) throws(Failure) -> Bool {
        if !Failpoint.fails("exchange"), linux_exchange(left, right) == 0 { return true }
        guard errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
            throw failure("exchange with \(right) the folder", left)
        }
        return false
    }

    /// Gives the file `source` the further name `target`; where links are not possible, copies it.
    ///
    /// A `target` that is there already stays: names under the vault are made from contents.
    package static func link(_ source: String, to target: String, mode: UInt32) throws(Failure) {
        if !Failpoint.fails("link"), Foundation.link(source, target) == 0 || errno == EEXIST { return }
        guard canCopyInstead(of: errno) else { throw failure("link to \(target) the file", source) }
        try copy(source, to: target, mode: mode)
    }

    /// Whether a file system that answers a link so may still take a copy: it has no links (ENOSYS, EPERM, EOPNOTSUPP,
    /// and EINVAL or EIO from some that run in user space), no more of them (EMLINK), or none from there (EXDEV).
    static func canCopyInstead(of error: Int32) -> Bool {
        [EMLINK, EXDEV, EPERM, EOPNOTSUPP, ENOSYS, EINVAL, EIO].contains(error)
    }

    private static func copy(_ source: String, to target: String, mode: UInt32) throws(Failure) {
        let input = try OpenFile(source, flags: O_RDONLY)
        let temporary = target + ".new"
        unlink(temporary)
        var output = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        while case let chunk = try input.read(upTo: 1 << 20), !chunk.isEmpty {
            try output.write(chunk)
        }
        try output.close()
        try renameAnything(temporary, to: target)
    }

    // MARK: Many files

    /// Does the same with each of many, on all cores and in no order. Throws the first failure that came; others are still
    /// being dealt with then, up to 2048 for each core.
    package static func onAllCores<Item: Sendable>(
        _ items: [Item],
        _ work: @Sendable (Item) throws(Failure) -> Void
    ) throws(Failure) {
        let size = 2048
        let failure = Mutex<Failure?>(nil)
        DispatchQueue.concurrentPerform(iterations: (items.count + size - 1) / size) { part in
            guard failure.withLock({ $0 == nil }) else { return }
            do throws(Failure) {
                for place in part * size..<min(items.count, part * size + size) { try work(items[place]) }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failure.withLock(\.self) { throw failure }
    }

    // MARK: Durability

    /// Writes everything pending on the file system that holds `path` to the disk: one call for a whole day.
    package static func flushAll(_ path: String) throws(Failure) {
        let folder = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
        guard !Failpoint.fails("syncfs"), linux_syncfs(folder.descriptor) == 0 else {
            throw failure("flush the disk of", path)
        }
    }

    /// Makes the names in a folder durable.
    package static func flushFolder(_ path: String) throws(Failure) {
        let folder = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
        try folder.flush()
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}

/// An open file, closed with its owner.
package struct OpenFile: ~Copyable {
    package private(set) var descriptor: Int32
    private let path: String

    package init(_ path: String, flags: Int32, mode: UInt32 = 0) throws(Failure) {
        descriptor = Failpoint.fails("open") ? -1 : open(path, flags | O_CLOEXEC, mode)
        self.path = path
        guard descriptor >= 0 else {
            throw FileSystem.failure(flags & O_CREAT != 0 ? "create" : "open", path)
        }
        if flags & O_EXCL != 0, fchmod(descriptor, mode) != 0 {
            throw FileSystem.failure("set the mode of", path)
        }
    }

    deinit {
        if descriptor >= 0 { Foundation.close(descriptor) }
    }

    package func write(_ data: Data) throws(Failure) {
        var rest = data
        while !rest.isEmpty {
            let count =
                Failpoint.fails("write")
                ? -1 : rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileSystem.failure("write", path)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Up to `count` bytes from where the last read ended; empty at the end of the file.
    package func read(upTo count: Int) throws(Failure) -> Data {
        var buffer = Data(count: count)
        while true {
            let got = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if got >= 0 { return buffer.prefix(got) }
            guard errno == EINTR else { throw FileSystem.failure("read", path) }
        }
    }

    /// Makes it empty, and the next write its first.
    package func empty() throws(Failure) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw FileSystem.failure("empty", path)
        }
    }

    package func flush() throws(Failure) {
        guard !Failpoint.fails("fsync"), fsync(descriptor) == 0 else { throw FileSystem.failure("flush", path) }
    }

    /// Closes it now, so that an error of a delayed write is not lost.
    package mutating func close() throws(Failure) {
        let result = Foundation.close(descriptor)
        descriptor = -1
        guard !Failpoint.fails("close"), result == 0 else { throw FileSystem.failure("close", path) }
    }
}
