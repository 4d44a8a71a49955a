import Crypto
import Dispatch
import Foundation
import Recordings
import Synchronization

/// The SHA-256 of the whole archive file, taken on a thread of its own close to where the reader is, so that each part is
/// read from the disk once.
final class Fingerprint: Sendable {
    private let isAbandoned = Atomic<Bool>(false)
    private let isReaderDone = Atomic<Bool>(false)
    private let result = Mutex<Result<Recordings.Digest, Failure>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// How far ahead of the reader it goes: near enough that what it has read is still in memory when the reader comes.
    private static let lead: Int64 = 256 << 20

    /// - Parameter known: the digest, where it is known; then nothing is read.
    init(_ file: ArchiveFile, known: Recordings.Digest?, following progress: ReadProgress) {
        if let known {
            result.withLock { $0 = .success(known) }
            ended.signal()
            return
        }
        startThread("archive-digest") { [self] in
            let digest = take(file, progress)
            result.withLock { $0 = digest }
            ended.signal()
        }
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
    }

    /// Waits until it is taken.
    func digest() throws(Failure) -> Recordings.Digest {
        isReaderDone.store(true, ordering: .relaxed)
        ended.wait()
        guard let result = result.withLock({ $0 }) else {
            throw Failure(.interrupted, "the archive's digest was abandoned")
        }
        return try result.get()
    }
}
