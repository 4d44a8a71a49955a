import Recordings
package import Synchronization

/// How much one archive may ask for. Going over any of them ends that archive; what came before stays.
package struct ArchiveLimits: Codable, Hashable, Sendable {
    /// Unpacked bytes of all members together.
    package var archiveBytes: Int64 = 200 << 30
    /// Unpacked bytes of one member.
    package var memberBytes: Int64 = 2 << 30
    /// Entries, directories and links counted.
    package var members = 2_000_000
    /// Unpacked bytes for each byte of the archive, beyond ``ratioAllowance``.
    package var ratio = 200
    /// Unpacked bytes that no ratio is asked of: a short archive of silence is no bomb.
    package var ratioAllowance: Int64 = 256 << 20
    /// How many levels of archives inside the archive are opened.
    package var nesting = 1
    /// Bytes of a member's name. A zip cannot hold more than 65,535 (APPNOTE 6.3.10, section 4.4.10).
    package var nameBytes = 65_535

    package init() {}
}

/// Why reading an archive stopped before its end.
enum Stop: Error {
    /// The host failed, or whoever takes the members did: nothing is said about the archive.
    case failure(Failure)
    /// The archive went over a limit: which one, for people.
    case limit(String)
}

/// What has been unpacked so far, held against the limits. Shared by the threads that read one archive.
final class Budget: Sendable {
    let limits: ArchiveLimits
    private let bytes = Atomic<Int64>(0)
    private let members = Atomic<Int>(0)
    private let progress: ReadProgress

    init(_ limits: ArchiveLimits, _ progress: ReadProgress) {
        self.limits = limits
        self.progress = progress
    }

    /// Counts an entry.
    func enter(_ header: MemberHeader) throws(Stop) {
        let count = members.add(1, ordering: .relaxed).newValue
        guard count <= limits.members else {
            throw .limit("it has more than \(limits.members) entries (limits.members)")
        }
        guard header.name.byteCount <= limits.nameBytes else {
            throw .limit("entry \(header.index) has a name of \(header.name.byteCount) bytes, over \(limits.nameBytes)")
        }
    }

    /// Whether a member of that many bytes is within the limit.
    func allowsMember(ofBytes size: Int64) -> Bool { size <= limits.memberBytes }

    var memberLimitMessage: String {
        "it is larger than \(limits.memberBytes) bytes (limits.member_bytes)"
    }

    /// Counts unpacked bytes.
    func spend(_ count: Int) throws(Stop) {
        let total = bytes.add(Int64(count), ordering: .relaxed).newValue
        progress.didUnpack(Int64(count))
        guard total <= limits.archiveBytes else {
            throw .limit("it unpacks to more than \(limits.archiveBytes) bytes (limits.archive_bytes)")
        }
        guard total > limits.ratioAllowance else { return }
        let read = max(progress.bytesRead.load(ordering: .relaxed), 1)
        let (allowed, overflow) = read.multipliedReportingOverflow(by: Int64(limits.ratio))
        guard overflow || total <= allowed else {
            throw .limit("it unpacks to more than \(limits.ratio) times its size (limits.ratio)")
        }
    }

    var totalBytes: Int64 { bytes.load(ordering: .relaxed) }
    var totalMembers: Int { members.load(ordering: .relaxed) }
}

/// How far the reading of an archive is; may be looked at from any thread.
package final class ReadProgress: Sendable {
    /// Bytes of the archive file that have been read.
    package let bytesRead = Atomic<Int64>(0)
    /// Bytes that have been unpacked.
    package let bytesOut = Atomic<Int64>(0)
    /// Entries that are done.
    package let members = Atomic<Int>(0)
    /// Grows whenever anything is read, unpacked or hashed, in archives inside the archive as well: who stands still
    /// here has stopped.
    package let activity = Atomic<Int64>(0)
    private let outer: ReadProgress?

    /// - Parameter outer: of the archive that this one lies in.
    package init(in outer: ReadProgress? = nil) { self.outer = outer }

    func didRead(_ count: Int64) {
        bytesRead.add(count, ordering: .relaxed)
        didWork(count)
    }

    func didUnpack(_ count: Int64) {
        bytesOut.add(count, ordering: .relaxed)
        didWork(count)
    }

    func didWork(_ count: Int64) {
        activity.add(count, ordering: .relaxed)
        outer?.didWork(count)
    }
}
