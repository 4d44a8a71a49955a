import Failpoints
import Foundation
import Recordings

/// A bag in the staging folder whose place another one has taken.
///
/// A file is taken away from it only where the vault has the very same file under another name, or has its bytes published;
/// everything else that is not one of the bag's own files goes to quarantine, wherever in the bag it is. This is the only way
/// in which a name of published audio ever goes.
struct SupersededBag {
    let vault: Vault
    let day: Day
    /// Where it is now: a folder in staging.
    let folder: String
    /// Recordings that the new revision leaves out for good: of these alone the bytes go, too.
    var removals: [PublishedIdentity: Removal] = [:]

    /// Removes the bag: first its audio, then its own files, and last the summary that tells what it is.
    func remove() throws(Failure) {
        let known = try digests()
        let gone = Set(removals.filter { $0.value == .erased || $0.value == .pruned }.map(\.key.sha256))
        let present = try vault.publishedFiles(day)
        let published = PublishedAudio(vault, day)
        let own = Set(BagFile.all)
        let files = try HeldFolder(folder)?.files() ?? []
        try FileSystem.onAllCores(files.filter { !own.contains($0) }) { path throws(Failure) in
            let file = "\(folder)/\(path)"
            if try vault.isSameFile(file, "\(vault.bag(day))/\(path)") { return try FileSystem.removeAudio(file) }
            if let digest = known[path] {
                if gone.contains(digest) { return try FileSystem.removeAudio(file) }
                // A revision that moved the file, or a file system on which each revision has copies.
                let size = try FileSystem.regularFile(file)?.sizeBytes
                if let size, let other = present[digest], try published.file(other, digest, size) != nil {
                    return try FileSystem.removeAudio(file)
                }
            }
            try vault.moveToQuarantine(file, of: day)
        }
        for name in BagFile.all where name != BagFile.summary { try FileSystem.removeTree("\(folder)/\(name)") }
        Failpoint.reach("publish: former audio removed")
        try FileSystem.removeTree("\(folder)/\(BagFile.summary)")
        _ = try FileSystem.removeEmptyFolders(folder)
    }

    /// What the bag's own manifest says of its audio, by path; empty when it cannot be read.
    private func digests() throws(Failure) -> [String: Digest] {
        guard let manifest = try FileSystem.read("\(folder)/\(BagFile.payloadManifest)") else { return [:] }
        return BagInspection.entries(manifest).entries
    }
}

extension Vault {
    /// Where the published bag of a day has each digest, relative to it, by its payload manifest.
    func publishedFiles(_ day: Day) throws(Failure) -> [Digest: String] {
        guard let manifest = try FileSystem.read("\(bag(day))/\(BagFile.payloadManifest)") else { return [:] }
        return Dictionary(BagInspection.entries(manifest).entries.map { ($0.value, $0.key) }) { first, _ in first }
    }
}
