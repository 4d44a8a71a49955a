import Recordings

/// A window that moves over a file; one a thread.
final class ZipInput {
    let file: ArchiveFile
    private let buffer: Buffer
    private var start: Int64 = 0
    private var count = 0

    init(_ file: ArchiveFile, window: Int = 128 << 10) {
        self.file = file
        buffer = Buffer(window)
    }

    /// The bytes from `offset` on: at least `count` of them where the file has as many, at most what the window holds.
    /// Valid until the next call.
    func bytes(at offset: Int64, atLeast count: Int = 1) throws(Failure) -> UnsafeRawBufferPointer {
        if offset < start || offset + Int64(count) > start + Int64(self.count) {
            self.count = 0
            start = offset
            self.count = try file.read(buffer.bytes, at: offset)
        }
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[Int(offset - start)..<self.count])
    }
}

extension UnsafeRawBufferPointer {
    /// Little-endian numbers, as zip has them (APPNOTE 6.3.10, section 4.4.1.1). The caller knows that they are there.
    func u16(_ at: Int) -> Int { Int(UInt16(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt16.self))) }
    func u32(_ at: Int) -> Int64 { Int64(UInt32(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt32.self))) }
    /// Nil where the number is over what a file can have.
    func u64(_ at: Int) -> Int64? {
        Int64(exactly: UInt64(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt64.self)))
    }
}

/// The signatures of APPNOTE 6.3.10, section 4.3, read as little-endian numbers.
enum ZipSignature {
    static let localHeader: Int64 = 0x0403_4b50
    static let centralHeader: Int64 = 0x0201_4b50
    static let endOfDirectory: Int64 = 0x0605_4b50
    static let endOfDirectory64: Int64 = 0x0606_4b50
    static let locator64: Int64 = 0x0706_4b50
    static let descriptor: Int64 = 0x0807_4b50
}
