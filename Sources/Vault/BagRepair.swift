import Failpoints
import Foundation
package import Recordings

/// What a repair put back, and what it could not.
package struct BagRepair: Sendable {
    /// Relative to the bag.
    package var restored: [String] = []
    /// Audio of which the bytes are nowhere; relative to the bag.
    package var missing: [String] = []
}

extension Vault {
    /// Puts back what is damaged or missing in a day's bag, as it was published: its own files from the history, its audio
    /// from wherever the bytes still are. The revision stays the same one. The caller holds the publication lock.
    ///
    /// - Parameter audio: where the bytes of a digest are outside the bag; nil for nowhere.
    /// - Throws: `Failure` with code `damaged` when the history does not have the revision or is damaged itself.
    package func repair(
        _ day: Day,
        audio: @Sendable (Digest) throws(Failure) -> String?
    ) throws(Failure) -> BagRepair {
        try completeHistoryIfIntact(day)
        guard let last = try revisionsInHistory(day).last,
            let (summary, kept) = try revisionFiles(day, revision: last)
        else {
            throw Failure(
                .damaged,
                "the history of \(day) has no revision from which it could be restored",
                advice: "Restore \(bag(day)) from a backup"
            )
        }
        let recordings = try JSONLines.decode(Recording.self, from: kept.manifest, origin: "the history of \(day)")
        var revision = kept
        if !FileSystem.exists(historyExceptions(day, revision: last)), let own = try ownExceptions(day) {
            revision = RevisionFiles(summary: kept.summary, manifest: kept.manifest, exceptions: own)
        }
        try FileSystem.createFolders("\(bag(day))/data", mode: modes.directory)
        var result = try restoreAudio(of: recordings, on: day, readsAll: true, from: audio)
        for file in Bag.tagFiles(summary, revision, recordings) {
            let path = "\(bag(day))/\(file.name)"
            if let present = try HeldFolder(bag(day))?.file(file.name)?.content(), present == file.content { continue }
            try replace(path, with: file.content, on: day)
            result.restored.append(file.name)
            Failpoint.reach("repair: file restored")
        }
        try FileSystem.flushFolder(bag(day))
        return result
    }

    /// Puts back published audio that is missing or changed, where its bytes are at hand. What is in its place goes to
    /// quarantine. The caller holds the publication lock.
    ///
    /// - Parameter readsAll: whether every file is read, and not only what was written to since its bag was made.
    package func restoreAudio(
        of recordings: [Recording],
        on day: Day,
        readsAll: Bool = false,
        from audio: @Sendable (Digest) throws(Failure) -> String?
    ) throws(Failure) -> BagRepair {
        var result = BagRepair()
        let published = PublishedAudio(self, day, readsAll: readsAll)
        for recording in recordings where try published.file(of: recording) == nil {
            guard let source = try audio(recording.sha256), try digest(of: source) == recording.sha256 else {
                result.missing.append(recording.path)
                continue
            }
            try restore(recording, from: source, on: day)
            result.restored.append(recording.path)
            Failpoint.reach("repair: audio restored")
        }
        return result
    }

    private func restore(_ recording: Recording, from source: String, on day: Day) throws(Failure) {
        let target = "\(bag(day))/\(recording.path)"
        let staged = "\(stagingFolder)/\(day).repair"
        try FileSystem.createFolders(FileSystem.parent(of: target), mode: modes.directory)
        try FileSystem.removeTree(staged)
        try FileSystem.link(source, to: staged, mode: modes.sealed)
        try FileSystem.setMode(staged, modes.sealed)
        try quarantineDamaged(target, on: day)
        try FileSystem.moveAudio(staged, to: target)
        // Not newer than its bag, so that it is not read as a whole each time.
        if let made = try FileSystem.regularFile("\(bag(day))/\(BagFile.payloadManifest)")?.modifiedNanoseconds {
            try FileSystem.setModified(target, made)
        }
        try FileSystem.flushFile(target)
        try FileSystem.flushFolder(FileSystem.parent(of: target))
    }

    /// Keeps whatever is in the place of published audio and is not what was published.
    private func quarantineDamaged(_ path: String, on day: Day) throws(Failure) {
        guard FileSystem.exists(path) else { return }
        try moveToQuarantine(path, of: day)
    }

    private func replace(_ path: String, with content: Data, on day: Day) throws(Failure) {
        let staged = "\(stagingFolder)/\(day).repair"
        try FileSystem.write(content, to: staged, mode: modes.sealed, flush: true)
        try FileSystem.rename(staged, to: path)
    }

    /// A bag that reads back is the best witness of itself.
    private func completeHistoryIfIntact(_ day: Day) throws(Failure) {
        do throws(Failure) { try completeHistory(of: day) } catch {
            guard error.code == .damaged else { throw error }
        }
    }

    /// The bag's own exceptions, when they are as they were published.
    private func ownExceptions(_ day: Day) throws(Failure) -> Data? {
        guard let folder = try HeldFolder(bag(day)) else { return nil }
        do throws(Failure) { return try BagReading(day, folder).content(BagFile.exceptions) } catch {
            guard error.code == .damaged else { throw error }
            return nil
        }
    }
}
