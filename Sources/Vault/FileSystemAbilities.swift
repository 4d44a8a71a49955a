import Foundation
package import Recordings

/// What the file system under a vault can do, tried out rather than looked up.
package struct FileSystemAbilities: Sendable {
    /// Whether two folders can be exchanged in one step (`RENAME_EXCHANGE`).
    package let canExchange: Bool
    /// Whether one file can have several names.
    package let canLink: Bool
    /// Whether a lock that is held keeps others out.
    package let canLock: Bool

    /// Tries them in a folder of its own in `place`, which is gone afterwards.
    ///
    /// - Throws: `Failure` when nothing can be written there.
    package init(tryingIn place: String, modes: FileModes) throws(Failure) {
        let folder = "\(place)/doctor-\(getpid())"
        try FileSystem.createFolders(folder, mode: modes.directory)
        do throws(Failure) {
            canExchange = try Self.exchanges(in: folder, modes)
            canLink = try Self.links(in: folder, modes)
            canLock = try Self.locks(in: folder, modes)
        } catch {
            try? FileSystem.removeTree(folder)
            throw error
        }
        try FileSystem.removeTree(folder)
    }

    private static func exchanges(in folder: String, _ modes: FileModes) throws(Failure) -> Bool {
        try FileSystem.createFolders("\(folder)/left/mark", mode: modes.directory)
        try FileSystem.createFolders("\(folder)/right", mode: modes.directory)
        let isDone = try FileSystem.exchange("\(folder)/left", "\(folder)/right")
        return isDone && FileSystem.exists("\(folder)/right/mark")
    }

    private static func links(in folder: String, _ modes: FileModes) throws(Failure) -> Bool {
        try FileSystem.write(Data("one".utf8), to: "\(folder)/one", mode: modes.working, flush: true)
        return Foundation.link("\(folder)/one", "\(folder)/two") == 0
    }

    private static func locks(in folder: String, _ modes: FileModes) throws(Failure) -> Bool {
        guard let lock = try Lock.take("\(folder)/lock", holder: "doctor", mode: modes.working) else { return false }
        let second = try Lock.take("\(folder)/lock", holder: "doctor", mode: modes.working)
        let isExclusive: Bool
        if let second {
            _ = consume second
            isExclusive = false
        } else {
            isExclusive = true
        }
        _ = consume lock
        return isExclusive
    }
}

/// How much room there is where a path lies.
package struct FreeSpace: Sendable {
    /// Bytes that this user may still write.
    package let freeBytes: Int64
    package let totalBytes: Int64
    /// Files that can still be made; nil where there is no such limit.
    package let freeFiles: Int64?

    package init(at path: String) throws(Failure) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw FileSystem.failure("look at the disk of", path) }
        let block = Int64(clamping: status.f_frsize)
        freeBytes = Int64(clamping: status.f_bavail) &* block
        totalBytes = Int64(clamping: status.f_blocks) &* block
        freeFiles = status.f_files == 0 ? nil : Int64(clamping: status.f_favail)
    }
}

extension Vault {
    /// The vault's own hidden folder, or, as long as there is no vault, the nearest folder above it that is there.
    package var nearestFolder: String {
        if FileSystem.isFolder(hidden) { return hidden }
        var folder = root
        while !FileSystem.isFolder(folder), folder != "/" { folder = FileSystem.parent(of: folder) }
        return folder
    }
}
