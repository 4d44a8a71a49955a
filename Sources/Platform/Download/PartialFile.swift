import Crypto
import Failpoints
import Foundation
import NIOPosix
package import Recordings

/// A download on its way: `<destination>.partial`, and beside it a note that says of what it is a part.
///
/// Its lock keeps another process from writing into it. `Mark` is what has to be the same for the rest to fit: what the
/// server says of the file.
package struct PartialFile<Mark: Codable & Sendable>: ~Copyable {
    private struct Note: Codable {
        /// SHA-256 of the URL, which itself may carry a signature that nobody else should see.
        var urlSHA256: Recordings.Digest
        var validator: Mark
    }

    package let destination: String
    private let urlSHA256: Recordings.Digest
    private let lock: FileLock
    private var hasher = SHA256()
    package private(set) var count: Int64 = 0
    /// The mark of what an earlier try left, when it can be gone on with: ``count`` bytes are there then.
    package private(set) var adopted: Mark?

    private var path: String { destination + ".partial" }
    private var notePath: String { destination + ".partial.json" }

    /// Opens what an earlier try left, or starts anew. Reads what is there, to hash it.
    ///
    /// - Parameter address: where the file comes from: what an earlier try left from elsewhere is none of it.
    /// - Throws: `Failure` with code `locked` when another process has it, or that of the file system.
    package static func open(_ destination: String, from address: String) async throws -> PartialFile {
        let path = destination + ".partial"
        // A file that was given its name between the opening and the locking is no partial one any more.
        guard let lock = try FileLock.attempt(path), lock.isStill(at: path) else {
            throw Failure(
                .locked,
                "Another process is downloading \(destination)",
                advice: "Run it again when that one is done"
            )
        }
        var file = PartialFile(destination: destination, address: address, lock: lock)
        try await file.adopt()
        return file
    }

    private init(destination: String, address: String, lock: consuming FileLock) {
        self.destination = destination
        self.lock = lock
        urlSHA256 = Recordings.Digest(bytes: SHA256.hash(data: Data(address.utf8)))
    }

    private mutating func adopt() async throws {
        let size = Int64(lseek(lock.descriptor, 0, SEEK_END))
        guard size > 0 else { return }
        guard let data = FileManager.default.contents(atPath: notePath), data.count < 65_536,
            let note = try? JSONDecoder().decode(Note.self, from: data), note.urlSHA256 == urlSHA256
        else { return }
        hasher = try await Self.hash(lock.descriptor, size: size, path: path, into: SHA256())
        count = size
        adopted = note.validator
    }

    /// Makes ready for bytes from `offset` on: 0, or where the bytes end.
    package mutating func begin(at offset: Int64, mark: Mark?) throws {
        if offset == 0 {
            guard ftruncate(lock.descriptor, 0) == 0 else { throw Failure.file("empty", path, errno) }
            hasher = SHA256()
            count = 0
        }
        precondition(offset == count, "bytes come in their order")
        guard let mark else {
            unlink(notePath)
            return
        }
        let note = Note(urlSHA256: urlSHA256, validator: mark)
        do {
            try JSONEncoder().encode(note).write(to: URL(fileURLWithPath: notePath), options: .atomic)
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw Failure.file("write", notePath, isFull ? ENOSPC : EIO)
        }
    }

    package mutating func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var rest = UnsafeRawBufferPointer(rebasing: buffer[...])
            while !rest.isEmpty {
                let written =
                    Failpoint.fails("download: write")
                    ? -1 : pwrite(lock.descriptor, rest.baseAddress, rest.count, off_t(count))
                if written < 0 {
                    if errno == EINTR { continue }
                    throw Failure.file("write", path, errno)
                }
                hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: rest.prefix(written)))
                count += Int64(written)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }

    /// SHA-256 of all bytes so far.
    package var sha256: Recordings.Digest { Recordings.Digest(bytes: hasher.finalize()) }

    /// The file's first bytes.
    func head(_ limit: Int) -> [UInt8] { lock.contents(upTo: limit) }

    /// Another digest than SHA-256 of all bytes, which are read again for it.
    package func hex(_ algorithm: ExpectedDigest.Algorithm) async throws -> String {
        switch algorithm {
        case .sha256: return sha256.hex
        case .md5: return ExpectedDigest.hex(try await hashed(Insecure.MD5()).finalize())
        case .sha1: return ExpectedDigest.hex(try await hashed(Insecure.SHA1()).finalize())
        case .sha512: return ExpectedDigest.hex(try await hashed(SHA512()).finalize())
        }
    }

    private func hashed<Hash: HashFunction & Sendable>(_ hash: Hash) async throws -> Hash {
        try await Self.hash(lock.descriptor, size: count, path: path, into: hash)
    }

    /// Removes what is there: it is not what it should be.
    package func abandon() {
        unlink(notePath)
        unlink(path)
    }

    /// Brings the bytes to disk and gives the file its name.
    package consuming func publish(permissions: UInt32) async throws {
        let descriptor = lock.descriptor
        let (path, destination, notePath) = (path, destination, notePath)
        try await NIOThreadPool.singleton.runIfActive {
            guard !Failpoint.fails("download: fsync"), fchmod(descriptor, mode_t(permissions)) == 0,
                fsync(descriptor) == 0
            else {
                throw Failure.file("flush", path, errno)
            }
            guard !Failpoint.fails("download: rename"), rename(path, destination) == 0 else {
                throw Failure.file("rename", path, errno)
            }
            Failpoint.reach("download: in place")
            unlink(notePath)
            let folder = Foundation.open((destination as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
            if folder >= 0 {
                fsync(folder)
                close(folder)
            }
        }
    }

    /// Reads a file's first `size` bytes into a hash, on a thread that may wait.
    private static func hash<Hash: HashFunction & Sendable>(
        _ descriptor: Int32,
        size: Int64,
        path: String,
        into hash: Hash
    ) async throws -> Hash {
        try await NIOThreadPool.singleton.runIfActive {
            var hash = hash
            var done: Int64 = 0
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while done < size {
                let wanted = Int(min(Int64(buffer.count), size - done))
                let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, wanted, off_t(done)) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Failure.file("read", path, count < 0 ? errno : EIO) }
                buffer.withUnsafeBytes {
                    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
                }
                done += Int64(count)
            }
            return hash
        }
    }
}

extension PartialFile where Mark == Validator {
    /// What a server is asked to go on from.
    var resumption: Resumption? { adopted.map { Resumption(offset: count, validator: $0) } }
}
