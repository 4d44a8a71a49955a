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

    /// What the reader has handed on.
    private let handed = HandedParts()

    /// How far ahead of the reader it goes: near enough that what it has read is still in memory when the reader comes.
    static let lead: Int64 = 256 << 20

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
            setAlong(ArchiveHashing(file, progress, handed))
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

    // MARK: What the reader hands on

    /// Whoever reads the archive from its start to its end can hand on what was read: then it is read once. To be called
    /// before members are hashed. Returns whether there is use for it.
    func startHanding() -> Bool {
        guard isTakingAlong else { return false }
        handed.open()
        return true
    }

    /// Hands on the next bytes; they are held until they are hashed.
    ///
    /// - Parameter most: how many parts may be held. The calling thread hashes some itself, where those who take members do
    ///   not get on with it.
    func hand(_ part: Slot, most: Int) {
        handed.add(part)
        guard handed.count >= most else { return }
        take(turn: .waitedFor) { $0.hashHanded(downTo: most / 2) }
    }

    /// Ends the handing on. Nothing is held any more; what was not hashed is read again.
    func endHanding() { take(turn: .waitedFor) { $0.endHanding() } }

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
