package import Recordings

/// What kind of container a file is, by its content and never by its name.
package enum ArchiveKind: Hashable, Sendable {
    case tar, zip, sevenZip, cab, rar
    /// A compressed stream: what is in it, an archive or a single file, is known once it has been decoded.
    case compressed(Compression)
    /// A zip by its format, and one file by its meaning: it is not opened.
    case document(ZipDocument)

    /// Whether it is compressed as a whole, so that only its end tells whether all of it is intact.
    package var isCompressed: Bool {
        if case .compressed = self { true } else { false }
    }

    package var isDocument: Bool {
        if case .document = self { true } else { false }
    }
}

extension ArchiveKind: CustomStringConvertible {
    /// In words that follow "it is".
    package var description: String {
        switch self {
        case .tar: "a tar archive"
        case .zip: "a ZIP archive"
        case .sevenZip: "a 7z archive"
        case .cab: "a cabinet archive"
        case .rar: "a RAR archive"
        case .compressed(let compression): "a \(compression.rawValue) file"
        case .document(let document): document.description
        }
    }
}

extension ArchiveReader {
    /// How much of the start of a file ``kindOfArchive(head:)`` needs.
    package static let kindBytes = TarBlock.size

    /// What kind of container a file is by its first bytes; nil when it is none.
    ///
    /// A file in a format without any marks, such as raw µ-law audio, can begin with the two bytes of gzip or compress, so
    /// more is asked of those than of a file that is delivered as an archive.
    package static func kindOfArchive(head: [UInt8]) -> ArchiveKind? {
        switch Content(head: head) {
        case .tar: TarBlock.isHeader(head[...]) || TarBlock.hasMark(head) ? .tar : nil
        case .zip: .zip
        case .sevenZip: .sevenZip
        case .cab: .cab
        case .rar: .rar
        case .gzip: isGzipHeader(head) ? .compressed(.gzip) : nil
        case .zstd: .compressed(.zstd)
        case .filtered(.bzip2): isBzip2Header(head) ? .compressed(.bzip2) : nil
        case .filtered(.compress): isCompressHeader(head) ? .compressed(.compress) : nil
        case .filtered(let filter): .compressed(filter.compression)
        case .empty, .other, .unknown: nil
        }
    }

    /// What kind of container the file at `path` is; nil when it is none. Unlike ``kindOfArchive(head:)`` this tells office
    /// documents and the like from other zips, whichever of their entries comes first.
    ///
    /// - Parameter head: the file's first ``kindBytes`` bytes.
    /// - Throws: `Failure` when the file cannot be read.
    package static func kindOfArchive(at path: String, head: [UInt8]) throws(Failure) -> ArchiveKind? {
        let kind = kindOfArchive(head: head)
        guard kind == .zip else { return kind }
        let file = try ArchiveFile(path)
        guard let directory = try ZipDirectory.locate(in: file) else { return kind }
        var signs = ZipDocument.Signs()
        var cursor = ZipCursor(file, directory)
        while let entry = try cursor.next() { signs.see(entry) }
        return try signs.document(in: file).map { .document($0) } ?? kind
    }

    /// The magic number, the only method there is, and no reserved flag (RFC 1952, section 2.3.1).
    private static func isGzipHeader(_ head: [UInt8]) -> Bool {
        head.count >= 10 && head[2] == GzipHeader.deflate && head[3] & 0xe0 == 0
    }

    /// The magic number, and flags with a width of 9 to 16 bits and none that is reserved (compress(1), `BIT_MASK`).
    private static func isCompressHeader(_ head: [UInt8]) -> Bool {
        head.count >= 3 && head[2] & 0x60 == 0 && (9...16).contains(head[2] & 0x1f)
    }

    /// After the signature and the block size, the mark of a block (the digits of π) or of the end (those of its root).
    private static func isBzip2Header(_ head: [UInt8]) -> Bool {
        let mark = head.dropFirst(4).prefix(6)
        return mark.elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
            || mark.elementsEqual([0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
    }
}
