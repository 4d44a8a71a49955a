import CLinux
import Failpoints
import Foundation
import Recordings
import Vault

/// The folders that blobs are written to, open, so that no path is walked for each of them.
final class BlobFolders: Sendable {
    let blobs: Int32
    let incoming: Int32
    let blobsPath: String
    let mode: UInt32

    init(_ request: UnpackRequest) throws(Failure) {
        blobsPath = request.blobsFolder
        mode = request.modes.sealed
        try FileSystem.removeTree(request.incomingFolder)
        try FileSystem.createFolders(request.blobsFolder, mode: request.modes.directory)
        try FileSystem.createFolders(request.incomingFolder, mode: request.modes.directory)
        blobs = try Self.open(request.blobsFolder)
        do throws(Failure) { incoming = try Self.open(request.incomingFolder) } catch {
            close(blobs)
            throw error
        }
    }

    deinit {
        close(blobs)
        close(incoming)
    }

    private static func open(_ path: String) throws(Failure) -> Int32 {
        let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystem.failure("open the folder", path) }
        return descriptor
    }
}

/// Writes files one after the other, each under a name of its own until its digest is known.
final class BlobFile {
    private let folders: BlobFolders
    private let name: String
    private var descriptor: Int32 = -1
    private var size = 0
    private static let earlyBytes = 64 << 10
    /// Whether the process's umask takes bits away that the mode has; known after the first file.
    private var needsMode: Bool?

    /// - Parameter name: that no other has at the same time.
    init(_ folders: BlobFolders, name: String) {
        self.folders = folders
        self.name = name
    }

    deinit { discard() }

    func start() throws(Failure) {
        discard()
        size = 0
        descriptor = openat(
            folders.incoming,
            name,
            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
            mode_t(folders.mode)
        )
        guard !Failpoint.fails("blob: open"), descriptor >= 0 else { throw failure("create a file in") }
        if needsMode ?? true {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw failure("create a file in") }
            let isRight = UInt32(status.st_mode) & 0o7777 == folders.mode
            needsMode = !isRight
            guard isRight || fchmod(descriptor, mode_t(folders.mode)) == 0 else { throw failure("set a mode in") }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        size += bytes.count
        var done = 0
        while done < bytes.count {
            if Failpoint.fails("blob: write") { throw failure("write to") }
            let count = Foundation.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write to")
            }
            done += count
        }
    }

    /// Gives the file its digest as its name. A blob of that name has the same bytes, and is replaced.
    func keep(as digest: Digest) throws(Failure) {
        // The disk writes while the next members are decoded; small files are better left to be written together.
        if size >= Self.earlyBytes { _ = linux_start_writing(descriptor) }
        let result = close(descriptor)
        descriptor = -1
        guard !Failpoint.fails("blob: close"), result == 0 else { throw failure("write to") }
        guard !Failpoint.fails("blob: rename"),
            renameat(folders.incoming, name, folders.blobs, digest.hex) == 0
        else { throw failure("name a file in") }
    }

    func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlinkat(folders.incoming, name, 0)
    }

    private func failure(_ operation: String) -> Failure {
        FileSystem.failure(operation, folders.blobsPath)
    }
}
