import Recordings
import Vault

/// Where the bytes of a day's blobs are kept for good, so that the work folder needs them no more.
///
/// Only what is found on the disk counts: a file of the same size under the bag or the quarantine that should have it.
struct KeptAudio {
    private let vault: Vault
    private let day: Day
    private var published: [Digest: Recording] = [:]
    private var quarantined: Set<Digest>

    init(_ vault: Vault, _ day: Day, _ result: DayMerge.Result) throws {
        self.vault = vault
        self.day = day
        quarantined = Set(result.exceptions.compactMap(\.sha256))
        for recording in result.recordings + result.movedOut { published[recording.sha256] = recording }
    }

    /// Whether a blob's bytes are kept.
    func includes(_ digest: Digest, like blob: String) -> Bool {
        if let recording = published[digest], vault.hasFile(of: recording) { return true }
        guard quarantined.contains(digest) else { return false }
        let kept = FileSystem.attributes("\(vault.root)/\(vault.quarantinePath(digest, of: day))")
        return kept != nil && kept?.sizeBytes == FileSystem.attributes(blob)?.sizeBytes
    }
}
