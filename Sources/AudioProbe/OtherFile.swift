/// Names files that are no recordings, by how they begin.
enum OtherFile {
    /// So many bytes tell whether a file begins with a binary mark, or audio with a mark of its own.
    static let needed = 264

    /// A file that is something else whatever stands inside it; nil for what has no such mark.
    static func binaryName(_ bytes: UnsafeRawBufferPointer) -> String? {
        for (name, mark, place) in marks where holds(bytes, mark, at: place) { return name }
        if bytes.holds("RIFF"), bytes.holds("WEBP", at: 8) { return "a WebP image" }
        if bytes.holds("RIFF"), bytes.holds("AVI ", at: 8) { return "an AVI video" }
        return nil
    }

    /// What a file without audio is, from its first bytes; nil when they tell nothing.
    static func name(_ bytes: UnsafeRawBufferPointer) -> String? {
        // ADTS: twelve bits of synchronisation and two of layer, which is none.
        if bytes.count >= 2, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 {
            return "AAC in ADTS frames, which is not read"
        }
        return binaryName(bytes) ?? textName(bytes)
    }

    private static let marks: [(name: String, mark: [UInt8], place: Int)] = [
        ("a PDF document", ascii("%PDF-"), 0),
        ("a PNG image", [0x89] + ascii("PNG\r\n"), 0),
        ("a GIF image", ascii("GIF8"), 0),
        ("a JPEG image", [0xFF, 0xD8, 0xFF], 0),
        ("a TIFF image", ascii("II*\0"), 0),
        ("a TIFF image", ascii("MM\0*"), 0),
        ("a ZIP archive", ascii("PK\u{3}\u{4}"), 0),
        ("a ZIP archive", ascii("PK\u{5}\u{6}"), 0),
        ("a gzip archive", [0x1F, 0x8B, 0x08], 0),
        ("a 7-Zip archive", ascii("7z") + [0xBC, 0xAF, 0x27, 0x1C], 0),
        ("an xz archive", [0xFD] + ascii("7zXZ\0"), 0),
        ("a Zstandard archive", [0x28, 0xB5, 0x2F, 0xFD], 0),
        ("a bzip2 archive", ascii("BZh"), 0),
        ("a RAR archive", ascii("Rar!\u{1A}\u{7}"), 0),
        ("a tar archive", ascii("ustar"), 257),
        ("a Matroska or WebM file", [0x1A, 0x45, 0xDF, 0xA3], 0),
        ("a Windows Media file", [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], 0),
        ("an AIFF file, a format that is not read", ascii("FORM"), 0),
        ("a Core Audio file, a format that is not read", ascii("caff"), 0),
        ("a Wave64 file, a format that is not read", ascii("riff") + [0x2E, 0x91, 0xCF, 0x11], 0),
        ("an SQLite database", ascii("SQLite format 3\0"), 0),
        ("an ELF program", [0x7F] + ascii("ELF"), 0),
    ]

    private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func holds(_ bytes: UnsafeRawBufferPointer, _ mark: [UInt8], at place: Int) -> Bool {
        place + mark.count <= bytes.count && bytes[place..<place + mark.count].elementsEqual(mark)
    }

    private static func textName(_ bytes: UnsafeRawBufferPointer) -> String? {
        if holds(bytes, [0xFF, 0xFE], at: 0) || holds(bytes, [0xFE, 0xFF], at: 0) { return "plain text" }
        let mark = holds(bytes, [0xEF, 0xBB, 0xBF], at: 0) ? 3 : 0
        let text = bytes[mark...]
        let isText = text.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) || $0 == 0x1B }
        guard isText, !text.isEmpty else { return nil }
        let trimmed = text.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let opening = String(decoding: trimmed.prefix(256), as: UTF8.self).lowercased()
        switch opening.first {
        case "<": return markupName(opening)
        case "{", "[": return "a JSON document"
        default: return isTable(text) ? "a CSV table" : "plain text"
        }
    }

    private static func markupName(_ opening: String) -> String {
        if opening.hasPrefix("<?xml") { return opening.contains("<html") ? "an HTML page" : "an XML document" }
        let pages = [
            "<!doctype html", "<html", "<head", "<body", "<title", "<br", "<p", "<div", "<h1", "<center", "<b>",
        ]
        return pages.contains { opening.hasPrefix($0) } ? "an HTML page" : "an XML document"
    }

    /// Two lines at least that have the same number of separators, one or more.
    private static func isTable(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: true)
        // The last line may be cut where the opening ends.
        guard lines.count >= 2 else { return false }
        return [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].contains { separator in
            let counts = lines.prefix(lines.count > 2 ? lines.count - 1 : 2).map { line in
                line.count { $0 == separator }
            }
            return counts.allSatisfy { $0 == counts[0] } && counts[0] > 0
        }
    }
}
