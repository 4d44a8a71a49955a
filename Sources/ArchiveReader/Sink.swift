package import Recordings
import Synchronization

/// What an archive says of one of its entries, before the first byte of it.
package struct MemberHeader: Sendable {
    /// The entry's place in its archive, from 0, directories counted.
    package var index: Int
    package var name: MemberName
    package var kind: Kind
    package var modifiedAt: Timestamp?
    /// Whether this is the one file that a compressed file holds; then the name is that of the compressed file without its
    /// ending, and no member of an archive.
    package var isSingleFile: Bool

    package enum Kind: Sendable, Hashable {
        case file
        /// The same file as an earlier member, named as that one is.
        case hardLink(to: MemberName)
        /// What is never unpacked, in words for people: `a symbolic link to /etc/passwd`.
        case special(String)
    }

    package init(
        index: Int,
        name: MemberName,
        kind: Kind,
        modifiedAt: Timestamp? = nil,
        isSingleFile: Bool = false
    ) {
        self.index = index
        self.name = name
        self.kind = kind
        self.modifiedAt = modifiedAt
        self.isSingleFile = isSingleFile
    }
}

/// How an entry came out of the archive.
package enum MemberOutcome: Sendable, Hashable {
    /// Every byte of it, and a checksum of its own matched where the format has one.
    case whole
    /// What was handed over is not all, or not what was packed: why, for people.
    case damaged(String)
    /// It is over a limit or not allowed; what was handed over is its beginning: why, for people.
    case refused(String)
}

/// Takes the members of an archive, one after the other, on one thread.
///
/// For each entry but directories: `begin`, then `take` as often as there are bytes, then `end`; a member that goes over a
/// limit may be left without `end`. Links and special files have no bytes. What any of them throws ends the reading.
///
/// A lane may put off what it does with held bytes, even beyond the end of their member, until it is told to settle.
package protocol MemberLane: AnyObject {
    func begin(_ header: MemberHeader) throws(Failure)
    /// The next bytes, valid during the call only.
    func take(_ bytes: RawSpan) throws(Failure)
    /// The next bytes, valid until the lane is settled.
    func take(_ bytes: HeldBytes) throws(Failure)
    func end(_ outcome: MemberOutcome) throws(Failure)
    /// Whether nothing is put off.
    var isSettled: Bool { get }
    /// Does what was put off. Also called once after a failure, for the members that ended before it.
    func settle() throws(Failure)
}

/// A lane that puts nothing off.
extension MemberLane {
    package func take(_ bytes: HeldBytes) throws(Failure) { try take(bytes.pointer.bytes) }
    package var isSettled: Bool { true }
    package func settle() throws(Failure) {}
}

/// Bytes of a member in the buffer that they were decoded into.
package struct HeldBytes: @unchecked Sendable {
    // Sendable by this proof: nobody writes to the buffer while it is held, and whoever hands them on keeps it held for as
    // long as they are valid.
    let pointer: UnsafeRawBufferPointer

    init(_ pointer: UnsafeRawBufferPointer) { self.pointer = pointer }

    package var count: Int { pointer.count }

    package func withUnsafeBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value { body(pointer) }
}

/// Takes the members of an archive, of several at the same time where the format allows it.
package protocol MemberSink: Sendable {
    associatedtype Lane: MemberLane
    /// Called once on each thread that reads members.
    func makeLane() throws(Failure) -> Lane
}

/// What readers hand members to: a lane, or several, with the limits in front.
protocol MemberTarget {
    var budget: Budget { get }
    func begin(_ header: MemberHeader) throws(Stop)
    func take(_ bytes: UnsafeRawBufferPointer) throws(Stop)
    func end(_ outcome: MemberOutcome) throws(Stop)
}

extension MemberTarget {
    /// An entry that has no bytes to hand over.
    func note(_ header: MemberHeader, _ outcome: MemberOutcome) throws(Stop) {
        try begin(header)
        try end(outcome)
    }
}

/// A lane with the limits in front of it.
struct MeteredLane<Lane: MemberLane>: MemberTarget {
    let lane: Lane
    let budget: Budget
    let progress: ReadProgress

    func begin(_ header: MemberHeader) throws(Stop) {
        try budget.enter(header)
        do { try lane.begin(header) } catch { throw .failure(error) }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(Stop) {
        guard !bytes.isEmpty else { return }
        try budget.spend(bytes.count)
        do { try lane.take(bytes.bytes) } catch { throw .failure(error) }
    }

    func end(_ outcome: MemberOutcome) throws(Stop) {
        progress.members.add(1, ordering: .relaxed)
        do { try lane.end(outcome) } catch { throw .failure(error) }
    }
}
