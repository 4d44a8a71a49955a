import Foundation
package import Recordings
import Synchronization

/// The audio of a published day: whether each file is still what was published.
package struct PublishedAudio: Sendable {
    private let vault: Vault
    private let bag: String
    /// When the bag was made, in nanoseconds since the epoch, by its payload manifest; nil when there is none.
    private let madeAt: Int64?

    package init(_ vault: Vault, _ day: Day) {
        self.vault = vault
        bag = vault.bag(day)
        madeAt = FileSystem.regularFile("\(bag)/\(BagFile.payloadManifest)")?.modifiedNanoseconds
    }

    /// The file of a row, absolute, if it is still what was published; nil when it is missing or changed.
    ///
    /// Its size is always looked at. Its digest is, when it was written to after its bag had been made.
    package func file(of recording: Recording) -> String? {
        file(recording.path, recording.sha256, recording.sizeBytes)
    }

    func file(_ path: String, _ sha256: Digest, _ sizeBytes: Int64?) -> String? {
        let path = "\(bag)/\(path)"
        guard let file = FileSystem.regularFile(path), sizeBytes ?? file.sizeBytes == file.sizeBytes else { return nil }
        if let madeAt, file.modifiedNanoseconds <= madeAt { return path }
        return vault.digest(of: path) == sha256 ? path : nil
    }
}

extension Vault {
    /// The file of a published row, absolute, if it is still what was published.
    package func intactFile(of recording: Recording) -> String? {
        PublishedAudio(self, recording.day).file(of: recording)
    }

    /// Whether a published row has a file of its size.
    package func hasFile(of recording: Recording) -> Bool {
        FileSystem.regularFile("\(bag(recording.day))/\(recording.path)")?.sizeBytes == recording.sizeBytes
    }

    /// The rows of a published day whose audio is missing or is not what was published.
    package func damagedAudio(of day: PublishedDay) throws(Failure) -> [Recording] {
        let audio = PublishedAudio(self, day.summary.day)
        let damaged = Mutex<[Recording]>([])
        try FileSystem.onAllCores(day.recordings) { recording throws(Failure) in
            if audio.file(of: recording) == nil { damaged.withLock { $0.append(recording) } }
        }
        return Recording.inManifestOrder(damaged.withLock(\.self))
    }

    /// The digest of a file's bytes; nil when it cannot be read.
    package func digest(of path: String) -> Digest? {
        var buffer = ReadBuffer()
        guard let folder = try? HeldFolder(FileSystem.parent(of: path)),
            let file = try? folder.file(FileSystem.name(of: path))
        else { return nil }
        return try? file.digest(&buffer).sha256
    }

    /// Whether the quarantine of a day has these bytes, as far as their number tells.
    func isInQuarantine(_ digest: Digest, sizeBytes: Int64, of day: Day) -> Bool {
        FileSystem.regularFile("\(root)/\(quarantinePath(digest, of: day))")?.sizeBytes == sizeBytes
    }
}
