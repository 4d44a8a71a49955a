import Foundation
package import Recordings

// Bytes that were received, or published once, and are not published. A file there has the digest of its bytes for a name,
// and is believed only when it has been read.
extension Vault {
    /// Whether the quarantine of a day has these bytes.
    package func isInQuarantine(_ digest: Digest, of day: Day) throws(Failure) -> Bool {
        try self.digest(of: quarantineFile(digest, of: day)) == digest
    }

    /// Absolute.
    package func quarantineFile(_ digest: Digest, of day: Day) -> String {
        "\(root)/\(quarantinePath(digest, of: day))"
    }

    /// Keeps the bytes of a file that are not published, and says where.
    ///
    /// - Parameter digest: of the file's bytes, by which it was asked for.
    /// - Returns: the path relative to the vault.
    package func quarantine(_ source: String, as digest: Digest, of day: Day) throws(Failure) -> String {
        let target = quarantineFile(digest, of: day)
        if source != target, try !isSameFile(source, target), try !makeRoom(for: digest, of: day) {
            try FileSystem.link(source, to: target, mode: modes.sealed)
        }
        return quarantinePath(digest, of: day)
    }

    /// Moves a file, which may be the last name of what it holds, into the day's quarantine under the digest of its bytes; what
    /// is no regular file, under a name of its own.
    func moveToQuarantine(_ file: String, of day: Day) throws(Failure) {
        guard let digest = try digest(of: file) else {
            try FileSystem.createFolders("\(quarantineFolder)/\(day)", mode: modes.directory)
            return try FileSystem.moveAudio(
                file,
                to: try freeName("\(quarantineFolder)/\(day)/\(FileSystem.name(of: file))")
            )
        }
        if try makeRoom(for: digest, of: day) { return try FileSystem.removeAudio(file) }
        try FileSystem.moveAudio(file, to: quarantineFile(digest, of: day))
    }

    /// Makes sure that a digest's name in the quarantine is free or has its bytes: a file with other bytes gets the name that
    /// is right for it.
    ///
    /// - Returns: whether the bytes are there.
    private func makeRoom(for digest: Digest, of day: Day) throws(Failure) -> Bool {
        let path = quarantineFile(digest, of: day)
        try FileSystem.createFolders("\(quarantineFolder)/\(day)", mode: modes.directory)
        guard FileSystem.exists(path) else { return false }
        guard let actual = try self.digest(of: path) else {
            try FileSystem.moveAudio(path, to: try freeName(path + ".other"))
            return false
        }
        if actual == digest { return true }
        let target = quarantineFile(actual, of: day)
        let isThere = try self.digest(of: target) == actual
        try FileSystem.moveAudio(path, to: isThere ? target : try freeName(target))
        return false
    }

    private func freeName(_ path: String) throws(Failure) -> String {
        guard FileSystem.exists(path) else { return path }
        var number = 2
        while FileSystem.exists("\(path).\(number)") { number += 1 }
        return "\(path).\(number)"
    }
}
