import Foundation
package import Recordings
import Synchronization

/// The audio of a published day: whether each file is still what was published.
package struct PublishedAudio: Sendable {
    private let vault: Vault
    private let bag: String
    /// When the bag was made, in nanoseconds since the epoch, by its payload manifest; nil when there is none, or none that
    /// can be looked at.
    private let madeAt: Int64?
    /// Whether every file is read as a whole.
    private let readsAll: Bool

    /// - Parameter readsAll: whether the digest of every file is taken, and not only of those that were written to after their
    ///   bag had been made: damage by the disk itself leaves no other trace.
    package init(_ vault: Vault, _ day: Day, readsAll: Bool = false) {
        self.vault = vault
        self.readsAll = readsAll
        bag = vault.bag(day)
        madeAt = (try? FileSystem.regularFile("\(bag)/\(BagFile.payloadManifest)"))??.modifiedNanoseconds
    }

    /// The file of a row, absolute, if it is still what was published; nil when it is missing or changed.
    ///
    /// - Throws: `Failure` when the system does not let it be looked at, which proves nothing.
    package func file(of recording: Recording) throws(Failure) -> String? {
        try file(recording.path, recording.sha256, recording.sizeBytes)
    }

    func file(_ path: String, _ sha256: Digest, _ sizeBytes: Int64?) throws(Failure) -> String? {
        let path = "\(bag)/\(path)"
        guard let file = try FileSystem.regularFile(path), sizeBytes ?? file.sizeBytes == file.sizeBytes else {
            return nil
        }
        if !readsAll, let madeAt, file.modifiedNanoseconds <= madeAt { return path }
        return try vault.digest(of: path) == sha256 ? path : nil
    }
}

extension Vault {
    /// The file of a published row, absolute, if it is still what was published.
    package func intactFile(of recording: Recording) throws(Failure) -> String? {
        try PublishedAudio(self, recording.day).file(of: recording)
    }

    /// The rows of a published day whose audio is missing or is not what was published.
    ///
    /// - Throws: `Failure` with code `damaged` when the system does not let some of it be looked at.
    package func damagedAudio(of day: PublishedDay, readsAll: Bool = false) throws(Failure) -> [Recording] {
        let audio = PublishedAudio(self, day.summary.day, readsAll: readsAll)
        let damaged = Mutex<[Recording]>([])
        do throws(Failure) {
            try FileSystem.onAllCores(day.recordings) { recording throws(Failure) in
                if try audio.file(of: recording) == nil { damaged.withLock { $0.append(recording) } }
            }
        } catch {
            throw .damaged(day.summary.day, error.message, in: bag(day.summary.day))
        }
        return Recording.inManifestOrder(damaged.withLock(\.self))
    }

    /// The digest of a file's bytes; nil when there is no regular file of that name.
    package func digest(of path: String) throws(Failure) -> Digest? {
        var buffer = ReadBuffer()
        guard let folder = try HeldFolder(FileSystem.parent(of: path)),
            let file = try folder.file(FileSystem.name(of: path))
        else { return nil }
        return try file.digest(&buffer).sha256
    }

    /// Whether both names are there and are one file.
    package func isSameFile(_ left: String, _ right: String) throws(Failure) -> Bool {
        guard let left = try FileSystem.regularFile(left), let right = try FileSystem.regularFile(right) else {
            return false
        }
        return left.identity == right.identity
    }
}
