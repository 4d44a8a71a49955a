import Recordings
import Synchronization

/// How far the digest of an archive is that is taken along with its members'.
struct ArchiveHashing: ~Copyable {
    private let file: ArchiveFile
    private let progress: ReadProgress
    private var hasher = BlockHasher()
    private let buffer = Buffer(256 << 10)
    private let handed: HandedParts
    /// Where the bytes lie that are hashed next, if not in the buffer.
    private var part: Slot?
    /// Read and not hashed yet.
    private var ahead = UnsafeRawBufferPointer.empty
    /// Behind what has been read.
    private var offset: Int64 = 0
    private var failure: Failure?
    /// Whether nothing of the archive is left.
    private(set) var isAtEnd = false
    /// Fewer bytes of a member are not worth the trouble.
    private static let leastTakenAlong = 4096

    init(_ file: ArchiveFile, _ progress: ReadProgress, _ handed: HandedParts) {
        self.file = file
        self.progress = progress
        self.handed = handed
    }

    /// Takes bytes of a member, and of the archive beside them.
    mutating func update(_ member: inout BlockHasher, _ bytes: UnsafeRawBufferPointer) {
        let taken = bytes.count < Self.leastTakenAlong ? 0 : takeAlong(&member, bytes)
        member.update(UnsafeRawBufferPointer(rebasing: bytes[taken...]))
    }

    /// Takes bytes of a member, and of the archive beside them. Returns how many of the member's: not all, where the archive is
    /// at its end or far enough ahead of the reader.
    mutating func takeAlong(_ member: inout BlockHasher, _ bytes: UnsafeRawBufferPointer) -> Int {
        var taken = 0
        while taken < bytes.count, offset < progress.bytesRead.load(ordering: .relaxed) + Fingerprint.lead, readAhead()
        {
            let part = UnsafeRawBufferPointer(rebasing: bytes[taken...].prefix(ahead.count))
            let used = member.update(part, beside: &hasher, ahead)
            didHash(used)
            taken += part.count
            // Less than a block: the end of the file, or of a part that the file system gave.
            if used == 0 { hashAhead() }
        }
        return taken
    }

    mutating func finish() -> Result<Recordings.Digest, Failure> {
        while readAhead() { hashAhead() }
        if let failure { return .failure(failure) }
        return .success(hasher.finish())
    }

    mutating func hashHanded(downTo count: Int) {
        while handed.count > count, readAhead() { hashAhead() }
    }

    mutating func endHanding() {
        if let part {
            offset -= Int64(ahead.count)
            ahead = .empty
            part.release()
        }
        part = nil
        handed.end()
    }

    private mutating func hashAhead() {
        hasher.update(ahead)
        didHash(ahead.count)
    }

    private mutating func didHash(_ count: Int) {
        ahead = UnsafeRawBufferPointer(rebasing: ahead[count...])
        progress.didWork(Int64(count))
    }

    /// Returns whether anything of the archive is left to be hashed.
    private mutating func readAhead() -> Bool {
        guard ahead.isEmpty else { return true }
        guard failure == nil else { return false }
        part?.release()
        part = nil
        switch handed.next() {
        case .part(let next):
            ahead = next.bytes
            part = next
        case .later:
            return false
        case .ended:
            do throws(Failure) {
                ahead = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<(try file.read(buffer.bytes, at: offset))])
            } catch {
                failure = error
            }
        }
        offset += Int64(ahead.count)
        isAtEnd = ahead.isEmpty
        return !ahead.isEmpty
    }
}

/// Parts of an archive in their order, from the thread that reads it to those that hash it.
final class HandedParts: Sendable {
    private struct State: Sendable {
        var parts: [Slot] = []
        var isOpen = false
    }

    enum Next {
        case part(Slot)
        /// More will come.
        case later
        case ended
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.parts.count } }

    func open() { state.withLock { $0.isOpen = true } }

    /// Holds a part until it is released by who gets it.
    func add(_ part: Slot) {
        part.hold()
        state.withLock { $0.parts.append(part) }
    }

    func next() -> Next {
        state.withLock { state in
            guard state.parts.isEmpty else { return .part(state.parts.removeFirst()) }
            return state.isOpen ? .later : .ended
        }
    }

    /// Releases those that nobody has got.
    func end() {
        let rest = state.withLock { state in
            defer { state = State() }
            return state.parts
        }
        for part in rest { part.release() }
    }
}
