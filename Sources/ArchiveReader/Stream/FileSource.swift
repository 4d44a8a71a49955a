import Recordings

/// The archive file from its start to its end, read once: the digest is taken from the same bytes.
final class FileSource: ByteSource, SlotSource {
    private let file: ArchiveFile
    private let progress: ReadProgress
    private let pool: SlotPool
    /// Who takes the digest, where it has a use for the bytes.
    private let fingerprint: Fingerprint?
    /// How many buffers are held for it at most: as much as lies between here and where members are hashed.
    private let mostHanded: Int
    private static let mostHandedBytes = 8 << 20
    /// Behind what has been read.
    private var offset: Int64 = 0
    private var current: Slot?
    /// Of the current slot, what was not drawn yet.
    private var rest = UnsafeRawBufferPointer.empty
    let findings = Findings()

    /// - Parameter slots: how many buffers of `bytes` each others may hold.
    init(_ file: ArchiveFile, _ progress: ReadProgress, slots: Int, bytes: Int, handingTo fingerprint: Fingerprint) {
        self.file = file
        self.progress = progress
        self.fingerprint = fingerprint.startHanding() ? fingerprint : nil
        mostHanded = self.fingerprint == nil ? 0 : Self.mostHandedBytes / bytes
        // One is being filled, and one was read before.
        pool = SlotPool(slots + mostHanded + 2, bytes: bytes)
    }

    deinit { current?.release() }

    func next() throws(Failure) -> Slot? {
        let next = try pool.take { target throws(Failure) in try file.read(target, at: offset) }
        guard let slot = next else { return nil }
        offset += Int64(slot.bytes.count)
        progress.didRead(Int64(slot.bytes.count))
        fingerprint?.hand(slot, most: mostHanded)
        return slot
    }

    func finish() -> Findings { findings }

    func chunk(_ buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
        if rest.isEmpty { try advance() }
        defer { rest = .empty }
        return rest
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var done = 0
        while done < target.count {
            if rest.isEmpty { try advance() }
            guard !rest.isEmpty else { break }
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(target.count - done))
            UnsafeMutableRawBufferPointer(rebasing: target[done...]).copyMemory(from: part)
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
            done += part.count
        }
        return done
    }

    private func advance() throws(Failure) {
        current?.release()
        current = nil
        current = try next()
        rest = current?.bytes ?? .empty
    }
}
