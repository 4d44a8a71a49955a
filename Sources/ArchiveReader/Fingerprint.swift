import Crypto
import Dispatch
import Recordings
import Synchronization

/// The SHA-256 of the whole archive file, taken on a thread of its own close to where the reader is, so that each part is
/// read from the disk once.
final class Fingerprint: Sendable {
    private let isAbandoned = Atomic<Bool>(false)
    private let isReaderDone = Atomic<Bool>(false)
    private let result = Mutex<Result<Recordings.Digest, Failure>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// How far ahead of the reader it goes.
    private static let lead: Int64 = 16 << 20

    init(_ file: ArchiveFile, following progress: ReadProgress) {
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
        ended.wait()
        guard let result = result.withLock({ $0 }) else {
            throw Failure(.interrupted, "the archive's digest was abandoned")
        }
        return try result.get()
    }
}
