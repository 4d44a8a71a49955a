import Recordings
import Vault

/// Where the bytes of a day's blobs are kept for good, so that the work folder needs them no more.
///
/// Only what is found on the disk counts: the very same file under the bag or the quarantine that should have it, or one that
/// has been read and has the digest.
struct KeptAudio {
    private let vault: Vault
    private let day: Day
    private var published: [Digest: Recording] = [:]
    private var quarantined: Set<Digest>

    init(_ vault: Vault, _ day: Day, _ result: DayMerge.Result) {
        self.vault = vault
        self.day = day
        quarantined = Set(result.exceptions.compactMap(\.sha256))
        for recording in result.recordings + result.movedOut { published[recording.sha256] = recording }
    }

    /// Whether a blob's bytes are kept.
    func includes(_ digest: Digest, like blob: String) throws(Failure) -> Bool {
        var places: [String] = []
        if let recording = published[digest] { places.append("\(vault.bag(recording.day))/\(recording.path)") }
        if quarantined.contains(digest) { places.append(vault.quarantineFile(digest, of: day)) }
        for place in places where FileSystem.exists(place) {
            if try vault.isSameFile(place, blob) { return true }
            if try vault.digest(of: place) == digest { return true }
        }
        return false
    }

    /// The published row of a blob's bytes on this day.
    func row(of digest: Digest) -> Recording? { published[digest].flatMap { $0.day == day ? $0 : nil } }
}
