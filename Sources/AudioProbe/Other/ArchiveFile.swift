import Recordings

/// Archives and compressed files, which may hold anything.
enum ArchiveFile {
    private static let marks = [
        FileMark("a ZIP archive", "PK\u{3}\u{4}"),
        FileMark("a ZIP archive", "PK\u{5}\u{6}"),
        FileMark("a ZIP archive", "PK\u{7}\u{8}PK"),
        FileMark("a gzip archive", [0x1F, 0x8B, 0x08]),
        FileMark("a 7-Zip archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
        FileMark("an xz archive", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
        FileMark("a Zstandard archive", [0x28, 0xB5, 0x2F, 0xFD]),
        FileMark("an LZ4 archive", [0x04, 0x22, 0x4D, 0x18]),
        FileMark("an lzip archive", "LZIP\u{1}"),
        FileMark("an lzop archive", [0x89, 0x4C, 0x5A, 0x4F, 0, 0x0D, 0x0A]),
        FileMark("a file packed by compress", [0x1F, 0x9D, 0x90]),
        // The first block's mark, or that of the end, after the size of the blocks.
        FileMark("a bzip2 archive", [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4),
        FileMark("a bzip2 archive", [0x17, 0x72, 0x45, 0x38, 0x50, 0x90], at: 4),
        FileMark("a RAR archive", "Rar!\u{1A}\u{7}"),
        FileMark("a tar archive", "ustar", at: 257),
        FileMark("a cabinet", "MSCF\0\0\0\0"),
        FileMark("an ar archive", "!<arch>\n"),
        FileMark("a xar archive", "xar!"),
        FileMark("an LHA archive", "-lh5-", at: 2),
        FileMark("an LHA archive", "-lh6-", at: 2),
        FileMark("an LHA archive", "-lh7-", at: 2),
        FileMark("a cpio archive", "070701"),
        FileMark("a cpio archive", "070702"),
        FileMark("a cpio archive", "070707"),
        FileMark("data encrypted by OpenSSL", "Salted__"),
    ]

    static func look(_ bytes: UnsafeRawBufferPointer) -> OtherFile? {
        marks.first { $0.stands(in: bytes) }.map { OtherFile($0.name, .archive) }
    }
}
