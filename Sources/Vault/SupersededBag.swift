import Failpoints
import Foundation
import Recordings

/// A bag in the staging folder whose place another one has taken.
///
/// Audio is taken away from it only where the vault has the very same file under another name, or a copy of it that is
/// published; everything else goes to quarantine. This is the only way in which a name of published audio ever goes.
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
        let files = try HeldFolder(folder)?.files() ?? []
        try FileSystem.onAllCores(files.filter { $0.hasPrefix("data/") }) { path throws(Failure) in
            let file = "\(folder)/\(path)"
            if vault.isSameFile(file, "\(vault.bag(day))/\(path)") { return try FileSystem.removeAudio(file) }
            guard let digest = known[path] else { return try keep(file, as: vault.digest(of: file)) }
            if gone.contains(digest) { return try FileSystem.removeAudio(file) }
            let size = FileSystem.regularFile(file)?.sizeBytes
            // A revision that moved the file, or a file system on which each revision has copies.
            if let other = present[digest], published.file(other, digest, size) != nil {
                return try FileSystem.removeAudio(file)
            }
            try keep(file, as: digest)
        }
        for name in BagFile.all where name != BagFile.summary { try FileSystem.removeTree("\(folder)/\(name)") }
        try FileSystem.removeTree("\(folder)/data")
        Failpoint.reach("publish: former audio removed")
        try FileSystem.removeTree(folder)
    }

    /// What the bag's own manifest says of its audio, by path; empty when it cannot be read.
    private func digests() throws(Failure) -> [String: Digest] {
        guard let manifest = try FileSystem.read("\(folder)/\(BagFile.payloadManifest)") else { return [:] }
        return BagInspection.entries(manifest).entries
    }

    /// Moves a file that has no other name into the day's quarantine.
    private func keep(_ file: String, as digest: Digest?) throws(Failure) {
        guard let digest else {
            throw Failure(
                .fileSystem,
                "cannot read \(file), which may be the only copy of a recording",
                advice: "Check the disk; the file stays where it is until it can be read"
            )
        }
        if let size = FileSystem.regularFile(file)?.sizeBytes,
            vault.isInQuarantine(digest, sizeBytes: size, of: day)
        {
            return try FileSystem.removeAudio(file)
        }
        try FileSystem.createFolders("\(vault.quarantineFolder)/\(day)", mode: vault.modes.directory)
        try FileSystem.moveAudio(file, to: "\(vault.root)/\(vault.quarantinePath(digest, of: day))")
    }
}

extension Vault {
    /// Where the published bag of a day has each digest, relative to it, by its payload manifest.
    func publishedFiles(_ day: Day) throws(Failure) -> [Digest: String] {
        guard let manifest = try FileSystem.read("\(bag(day))/\(BagFile.payloadManifest)") else { return [:] }
        return Dictionary(BagInspection.entries(manifest).entries.map { ($0.value, $0.key) }) { first, _ in first }
    }

    /// Whether both names are there and are one file.
    func isSameFile(_ left: String, _ right: String) -> Bool {
        guard let left = FileSystem.regularFile(left), let right = FileSystem.regularFile(right) else { return false }
        return left.identity == right.identity
    }
}
