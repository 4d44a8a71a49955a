import Crypto
import Dispatch
import Foundation
import Recordings
import Synchronization

/// The SHA-256 of the whole archive file, taken close to where the reader is, so that each part is read from the disk once.
///
/// Those who hash the members can take it along (``MemberHasher``); otherwise it is taken on a thread of its own.
package final class Fingerprint: Sendable {
    private let isAbandoned = Atomic<Bool>(false)
    private let isReaderDone = Atomic<Bool>(false)
    private let result = Mutex<Result<Recordings.Digest, Failure>?>(nil)
    private let ended = DispatchSemaphore(value: 0)
    private let isTakenAlong: Bool
    private let takesAlong = Atomic<Bool>(false)
    /// Whose turn it is at `along`. No mutex: threads have it for as long as they hash, and a mutex spins meanwhile.
    private let turn = DispatchSemaphore(value: 1)
    // Safe by this proof: only the thread that has the turn comes here.
    /// What is taken along; nil while nothing is.
    nonisolated(unsafe) private var along: ArchiveHashing?

    /// How far ahead of the reader it goes: near enough that what it has read is still in memory when the reader comes.
    fileprivate static let lead: Int64 = 256 << 20

    /// - Parameter isTakenAlong: whether those who take the members hash them with a ``MemberHasher`` beside this.
    package init(isTakenAlong: Bool = false) {
        self.isTakenAlong = isTakenAlong && BlockHasher.isAvailable
    }

    /// - Parameter known: the digest, where it is known; then nothing is read.
    func start(_ file: ArchiveFile, known: Recordings.Digest?, following progress: ReadProgress) {
        if let known {
            result.withLock { $0 = .success(known) }
            ended.signal()
        } else if isTakenAlong {
            setAlong(ArchiveHashing(file, progress))
            ended.signal()
        } else {
            startThread("archive-digest") { [self] in
                let digest = take(file, progress)
                result.withLock { $0 = digest }
                ended.signal()
            }
        }
    }

    /// Whether members are to be hashed beside the archive.
    var isTakingAlong: Bool { takesAlong.load(ordering: .relaxed) }

    enum Turn {
        case waitedFor
        /// Only if no other thread has it.
        case ifFree
    }

    /// Lets a thread hash members beside the archive: one thread at a time, where several take members; the others write
    /// meanwhile. Returns false where it is another's turn that was not to be waited for.
    @discardableResult
    func take(turn kind: Turn, _ body: (inout ArchiveHashing) -> Void) -> Bool {
        switch kind {
        case .waitedFor: turn.wait()
        case .ifFree: guard turn.wait(timeout: .now()) == .success else { return false }
        }
        defer { turn.signal() }
        guard var hashing = along.take() else { return true }
        body(&hashing)
        if hashing.isAtEnd { takesAlong.store(false, ordering: .relaxed) }
        along = consume hashing
        return true
    }

    private func setAlong(_ next: consuming ArchiveHashing?) {
        turn.wait()
        defer { turn.signal() }
        takesAlong.store(next != nil, ordering: .relaxed)
        along = next
    }

    private func take(_ file: ArchiveFile, _ progress: ReadProgress) -> Result<Recordings.Digest, Failure>? {
        let buffer = Buffer(256 << 10)
        var hasher = SHA256()
        var offset: Int64 = 0
        while !isAbandoned.load(ordering: .relaxed) {
            if offset > progress.bytesRead.load(ordering: .relaxed) + Self.lead, !isReaderDone.load(ordering: .relaxed)
            {
                usleep(5000)
                continue
            }
            if let window = FileWindow(file, at: offset) {
                hasher.update(bufferPointer: window.bytes)
                offset += Int64(window.bytes.count)
                progress.didWork(Int64(window.bytes.count))
                continue
            }
            do throws(Failure) {
                let count = try file.read(buffer.bytes, at: offset)
                guard count > 0 else { return .success(Digest(bytes: hasher.finalize())) }
                hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
                offset += Int64(count)
                progress.didWork(Int64(count))
            } catch {
                return .failure(error)
            }
        }
        return nil
    }

    func abandon() {
        isAbandoned.store(true, ordering: .relaxed)
        ended.wait()
        setAlong(nil)
    }

    /// Waits until it is taken.
    func digest() throws(Failure) -> Recordings.Digest {
        isReaderDone.store(true, ordering: .relaxed)
        ended.wait()
        var rest: Result<Recordings.Digest, Failure>?
        take(turn: .waitedFor) { rest = $0.finish() }
        setAlong(nil)
        guard let result = rest ?? result.withLock({ $0 }) else {
            throw Failure(.interrupted, "the archive's digest was abandoned")
        }
        return try result.get()
    }
}

/// How far the digest of an archive is that is taken along with its members'.
struct ArchiveHashing: ~Copyable {
    private let file: ArchiveFile
    private let progress: ReadProgress
    private var hasher = BlockHasher()
    private let buffer = Buffer(256 << 10)
    private var window: FileWindow?
    /// Read and not hashed yet: in the window or the buffer.
    private var ahead = UnsafeRawBufferPointer.empty
    /// Behind what has been read.
    private var offset: Int64 = 0
    private var failure: Failure?
    /// Whether nothing of the archive is left.
    private(set) var isAtEnd = false
    /// Fewer bytes of a member are not worth the trouble.
    private static let leastTakenAlong = 4096

    init(_ file: ArchiveFile, _ progress: ReadProgress) {
        self.file = file
        self.progress = progress
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
        window = nil
        if let next = FileWindow(file, at: offset) {
            ahead = next.bytes
            window = consume next
        } else {
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
