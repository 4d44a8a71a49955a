import Recordings

/// What is to be known of a 7z beside what libarchive says (7zFormat.txt, in 7-Zip's own documentation).
enum SevenZipHeader {
    /// Behind the signature and its version: where the directory stands, from here on, and how long it is.
    static let startLength = 32
    /// A packed directory names its coders in a few bytes; this is more than any of them has.
    private static let mostBytes = 64 << 10
    private static let packedDirectory: UInt8 = 0x17
    /// The coder of AES-256 with SHA-256, as it stands there: the length of its name, and the name.
    private static let encryption: [UInt8] = [6, 0xf1, 7, 1]

    /// Whether the directory itself is encrypted, so that not even the names can be had.
    static func isEncrypted(_ file: ArchiveFile) throws(Failure) -> Bool {
        let start = try file.bytes(at: 0, count: startLength)
        guard start.count == startLength else { return false }
        let (offset, size) = start.withUnsafeBytes { ($0.u64(12), $0.u64(20)) }
        guard let offset, let size, offset < file.sizeBytes else { return false }
        let directory = try file.bytes(
            at: Int64(startLength) + offset,
            count: Int(min(size, Int64(mostBytes)))
        )
        guard directory.first == packedDirectory, directory.count >= encryption.count else { return false }
        return (0...directory.count - encryption.count).contains {
            directory[$0..<$0 + encryption.count].elementsEqual(encryption)
        }
    }
}
