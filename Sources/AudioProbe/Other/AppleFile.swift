import Recordings

/// AppleDouble and AppleSingle files, by their header (RFC 1740, appendix A and B).
///
/// A Mac writes an AppleDouble file `._NAME` beside `NAME` wherever a file system or an archive has no place for what it
/// knows of the file. It holds no content. AppleSingle does.
struct AppleFile {
    private let isDouble: Bool
    /// Whether one of the entries is the file's own content.
    let hasDataFork: Bool

    /// Returns nil when the bytes are neither.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 26 else { return nil }
        let mark = bytes.bigEndian32(at: 0)
        let version = bytes.bigEndian32(at: 4)
        guard mark == 0x0005_1607 || mark == 0x0005_1600, version == 0x0001_0000 || version == 0x0002_0000 else {
            return nil
        }
        isDouble = mark == 0x0005_1607
        let count = Int(bytes.bigEndian16(at: 24))
        hasDataFork = (0..<count).contains { entry in
            let place = 26 + 12 * entry
            // An entry that is out of sight may be any.
            guard place + 12 <= bytes.count else { return true }
            return bytes.bigEndian32(at: place) == 1 && bytes.bigEndian32(at: place + 8) > 0
        }
    }

    var other: OtherFile {
        let name = isDouble ? "an AppleDouble file" : "an AppleSingle file"
        return hasDataFork ? OtherFile("\(name) with content", .unrecognised) : OtherFile(name, .systemFile)
    }
}
