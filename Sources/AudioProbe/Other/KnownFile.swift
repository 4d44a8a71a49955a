import Recordings

/// Files that are known not to be audio. Each pattern is long enough that no sound has it by chance.
enum KnownFile {
    private static let marks = [
        FileMark("a PDF document", "%PDF-"),
        FileMark("a PNG image", [0x89] + Array("PNG\r\n".utf8)),
        FileMark("a GIF image", "GIF87a"),
        FileMark("a GIF image", "GIF89a"),
        FileMark("a Photoshop image", "8BPS\0\u{1}"),
        FileMark("an SQLite database", "SQLite format 3\0"),
        FileMark("an Access database", [0, 1, 0, 0] + Array("Standard ".utf8)),
        FileMark("an Outlook mailbox", "!BDN"),
        FileMark("a Windows shortcut", [0x4C, 0, 0, 0, 1, 0x14, 2, 0]),
        FileMark("a Windows event log", "ElfFile\0"),
        FileMark("a Windows registry hive", "regf"),
        FileMark("a packet capture", [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0]),
        FileMark("a packet capture", [0xA1, 0xB2, 0xC3, 0xD4, 0, 2, 0, 4]),
        // [MS-CFB], section 2.2: also Thumbs.db, and mail that Outlook saved.
        FileMark("an Office document (OLE2)", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
        FileMark("an ELF program", [0x7F] + Array("ELF\u{1}\u{1}\u{1}".utf8)),
        FileMark("an ELF program", [0x7F] + Array("ELF\u{2}\u{1}\u{1}".utf8)),
        FileMark("an ELF program", [0x7F] + Array("ELF\u{1}\u{2}\u{1}".utf8)),
        FileMark("an ELF program", [0x7F] + Array("ELF\u{2}\u{2}\u{1}".utf8)),
    ]

    /// A file that is something else by how it begins.
    static func look(_ bytes: UnsafeRawBufferPointer) -> OtherFile? {
        // Buds: the mark of a .DS_Store's allocator.
        if bytes.holds("Bud1", at: 4), bytes.holds("\0\0\0\u{1}") { return OtherFile("a .DS_Store", .systemFile) }
        if let mark = marks.first(where: { $0.stands(in: bytes) }) { return OtherFile(mark.name, .notAudio) }
        if OfficeDocument.begins(bytes) { return OtherFile("an Office document", .notAudio) }
        return imageName(bytes).map { OtherFile($0, .notAudio) }
    }

    /// What has a weak mark, and says of itself how long it is or where more of it stands.
    static func bySize(_ bytes: UnsafeRawBufferPointer, _ size: Int64) -> OtherFile? {
        // BITMAPFILEHEADER and the sizes of the headers that follow it.
        if bytes.holds("BM"), bytes.count >= 18, Int64(bytes.littleEndian32(at: 2)) == size,
            bytes.littleEndian32(at: 6) == 0, [12, 40, 52, 56, 64, 108, 124].contains(bytes.littleEndian32(at: 14))
        {
            return OtherFile("a BMP image", .notAudio)
        }
        if bytes.holds("MZ"), bytes.count >= 64 {
            let place = Int(bytes.littleEndian32(at: 60))
            if bytes.holds("PE\0\0", at: place) { return OtherFile("a Windows program", .notAudio) }
        }
        return nil
    }

    private static func imageName(_ bytes: UnsafeRawBufferPointer) -> String? {
        if isJPEG(bytes) { return "a JPEG image" }
        // TIFF 6.0, section 2: the first directory begins after the header.
        let isLittle = bytes.holds("II*\0")
        if isLittle || bytes.holds("MM\0*"), bytes.count >= 8 {
            let directory = isLittle ? bytes.littleEndian32(at: 4) : bytes.bigEndian32(at: 4)
            if directory >= 8 { return "a TIFF image" }
        }
        if bytes.holds("RIFF"), bytes.holds("WEBP", at: 8) { return "a WebP image" }
        if bytes.holds("RIFF"), bytes.holds("ACON", at: 8) { return "an animated cursor" }
        if bytes.holds("ftyp", at: 4), isImageBrand(bytes) { return "a HEIF image" }
        // The first of an icon's images: no reserved byte, its place right after the table.
        if bytes.holds("\0\0\u{1}\0"), bytes.count >= 22, bytes[9] == 0 {
            let count = UInt32(bytes.littleEndian16(at: 4))
            if (1...64).contains(count), bytes.littleEndian32(at: 18) == 6 + 16 * count { return "an icon" }
        }
        return nil
    }

    /// Whether the box at the start names a still image (ISO/IEC 23008-12, section 10; AVIF, section 6.3).
    static func isImageBrand(_ bytes: UnsafeRawBufferPointer, at start: Int = 0) -> Bool {
        ["heic", "heix", "heim", "heis", "mif1", "avif"].contains { bytes.holds($0, at: start + 8) }
    }

    /// The start of an image and a first segment of a kind that encoders write there (ISO/IEC 10918-1, table B.1).
    private static func isJPEG(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 11, bytes[0] == 0xFF, bytes[1] == 0xD8, bytes[2] == 0xFF else { return false }
        switch bytes[3] {
        case 0xE0: return bytes.holds("JF", at: 6)
        case 0xE1: return bytes.holds("Exif\0", at: 6) || bytes.holds("http", at: 6)
        case 0xE2: return bytes.holds("ICC_P", at: 6) || bytes.holds("MPF\0", at: 6)
        case 0xED: return bytes.holds("Photo", at: 6)
        case 0xEE: return bytes.holds("Adobe", at: 6)
        // Quantization tables or a comment at once: what follows the segment is a marker too.
        case 0xDB, 0xFE:
            let next = 4 + Int(bytes.bigEndian16(at: 4))
            return next + 2 <= bytes.count && bytes[next] == 0xFF && bytes[next + 1] >= 0xC0
        default: return false
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func holds(_ text: String, at index: Int) -> Bool {
        let bytes = text.utf8
        return index >= 0 && index <= count - bytes.count && self[index..<index + bytes.count].elementsEqual(bytes)
    }
}

/// Documents of office programs that are ZIP archives: one file for who looks at it, and not one of many.
package enum OfficeDocument {
    /// Parts with which these programs begin their archives (ECMA-376, part 2; measured with Microsoft Office,
    /// LibreOffice, Google's and Apple's programs and the usual libraries).
    private static let parts = [
        "[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "docProps/custom.xml",
        "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels",
        "word/document.xml", "word/styles.xml", "word/settings.xml", "word/_rels/document.xml.rels",
        "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels", "visio/document.xml", "Index/Document.iwa",
    ]
    private static let folders = ["xl/worksheets/sheet", "xl/theme/theme", "word/theme/theme", "ppt/theme/theme"]
    /// What OpenDocument and EPUB store first, uncompressed (OpenDocument 1.2, part 3, section 3.3).
    private static let mediaTypes = [
        "application/vnd.oasis.opendocument.", "application/epub+zip", "application/vnd.sun.xml.",
    ]

    /// Whether a file that begins with `bytes`, 1,024 of them where it has as many, is such a document.
    package static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // APPNOTE, section 4.3.7: the local header of the first entry.
        guard bytes.holds("PK\u{3}\u{4}"), bytes.count >= 30 else { return false }
        let end = 30 + Int(bytes.littleEndian16(at: 26))
        guard end <= bytes.count else { return false }
        let name = String(decoding: bytes[30..<end], as: UTF8.self)
        if name == "mimetype" {
            let content = end + Int(bytes.littleEndian16(at: 28))
            return mediaTypes.contains { bytes.holds($0, at: content) }
        }
        return parts.contains(name) || (name.hasSuffix(".xml") && folders.contains { name.hasPrefix($0) })
    }
}
