/// What a stream of bytes is, told from its first bytes.
enum Content: Equatable {
    case empty
    case tar, zip, sevenZip, cab, rar
    case gzip, zstd
    case filtered(LibArchive.Filter)
    /// Something else that has a name: `an HTML page`, `a PDF`, …
    case other(String)
    case unknown

    /// The most bytes that ``init(head:)`` looks at.
    static let headBytes = 64 << 10

    /// - Parameter head: the first bytes, ``headBytes`` of them where the stream has as many.
    init(head: [UInt8]) {
        guard !head.isEmpty else {
            self = .empty
            return
        }
        self = Self.byMagic(head) ?? Self.byText(head) ?? .unknown
        // A tar has no magic number at its start, and its first name can look like one.
        if TarBlock.isHeader(head[...]) {
            self = .tar
        } else if self == .unknown, TarBlock.firstHeader(in: head) != nil || TarBlock.hasMark(head) {
            self = .tar
        } else if self == .unknown, TarBlock.isEmptyArchive(head) {
            self = .tar
        }
    }

    private static let magics: [(at: Int, bytes: [UInt8], content: Content)] = [
        (0, [0x1f, 0x8b], .gzip),
        (0, [0x50, 0x4b, 3, 4], .zip),
        (0, [0x50, 0x4b, 5, 6], .zip),
        (0, [0x50, 0x4b, 7, 8], .zip),
        (0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .sevenZip),
        (0, Array("MSCF\0\0\0\0".utf8), .cab),
        (0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], .filtered(.xz)),
        (0, [4, 0x22, 0x4d, 0x18], .filtered(.lz4)),
        (0, [2, 0x21, 0x4c, 0x18], .filtered(.lz4)),
        (0, [0x1f, 0x9d], .filtered(.compress)),
        (0, Array("Rar!\u{1a}\u{7}".utf8), .rar),
        (0, Array("%PDF-".utf8), .other("a PDF")),
        (0, Array("xar!".utf8), .other("a xar archive")),
        (0, Array("!<arch>\n".utf8), .other("an ar archive")),
        (0, Array("070701".utf8), .other("a cpio archive")),
        (0, Array("070702".utf8), .other("a cpio archive")),
        (0, Array("070707".utf8), .other("a cpio archive")),
        (0, [0xc7, 0x71], .other("a cpio archive")),
        (0, Array("LZIP".utf8), .other("an lzip file")),
        (0, [0x89, 0x4c, 0x5a, 0x4f], .other("an lzop file")),
        (0, [0x5d, 0, 0], .other("an LZMA file")),
        (0, [0x1f, 0xa0], .other("a file packed by SCO compress")),
        (0, [0x60, 0xea], .other("an ARJ archive")),
        (2, Array("-lh".utf8), .other("an LHA archive")),
        (0, Array("Salted__".utf8), .other("a file encrypted by OpenSSL")),
        (0, Array("-----BEGIN PGP".utf8), .other("a PGP message")),
        (0, Array("ID3".utf8), .other("an MP3 file")),
        (0, Array("RIFF".utf8), .other("a RIFF file, as WAV audio is")),
        (0, Array("OggS".utf8), .other("an Ogg file")),
        (0, Array("fLaC".utf8), .other("a FLAC file")),
        (0, [0x7f, 0x45, 0x4c, 0x46], .other("a program")),
        (32_769, Array("CD001".utf8), .other("an ISO image")),
    ]

    private static func byMagic(_ head: [UInt8]) -> Content? {
        for magic in magics where head.dropFirst(magic.at).starts(with: magic.bytes) { return magic.content }
        if Zstd.isFrameStart(head) { return .zstd }
        // bzip2: a version letter and the block size, 1 to 9, then the magic of a block or of the end.
        if head.starts(with: Array("BZh".utf8)), head.count > 3, (0x31...0x39).contains(head[3]) {
            return .filtered(.bzip2)
        }
        // An MPEG audio frame: eleven set bits, then neither a reserved version nor a reserved layer.
        if head.count > 2, head[0] == 0xff, head[1] & 0xe0 == 0xe0, head[1] & 0x18 != 8, head[1] & 6 != 0 {
            return .other("an MP3 file")
        }
        return nil
    }

    private static func byText(_ head: [UInt8]) -> Content? {
        let bom: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = (head.starts(with: bom) ? head.dropFirst(3) : head[...])
            .drop { [0x20, 9, 10, 13].contains($0) }.prefix(1024)
        let start = String(decoding: text, as: UTF8.self).lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.hasPrefix("<head") {
            return .other("an HTML page")
        }
        if start.hasPrefix("<?xml") {
            return .other(start.contains("<error") ? "an XML error message" : "an XML document")
        }
        if start.hasPrefix("{") || start.hasPrefix("[") { return .other("a JSON document") }
        let isText = !text.isEmpty && text.allSatisfy { $0 >= 0x20 && $0 < 0x7f || (9...13).contains($0) }
        return isText ? .other("a text file") : nil
    }
}

/// What is to be known of a tar's blocks (POSIX.1-2017, pax, "ustar Interchange Format").
enum TarBlock {
    static let size = 512

    /// Whether a header with a matching checksum begins here.
    static func isHeader(_ block: some RandomAccessCollection<UInt8>) -> Bool {
        guard block.count >= size else { return false }
        let bytes = Array(block.prefix(size))
        var stated = 0
        var digits = 0
        for byte in bytes[148..<156] {
            switch byte {
            case 0x30...0x37:
                stated = stated * 8 + Int(byte - 0x30)
                digits += 1
            case 0x20, 0: continue
            default: return false
            }
        }
        // The sum counts its own field as spaces; some old writers added the bytes as signed ones.
        let field = bytes[148..<156]
        let rest = bytes.reduce(0) { $0 + Int($1) } - field.reduce(0) { $0 + Int($1) } + 8 * 0x20
        let signed =
            bytes.reduce(0) { $0 + Int(Int8(bitPattern: $1)) } - field.reduce(0) { $0 + Int(Int8(bitPattern: $1)) }
            + 8 * 0x20
        return digits > 0 && (stated == rest || stated == signed) && bytes[0] != 0
    }

    /// Whether the magic of a ustar, pax or GNU header stands where it should, whatever the checksum says.
    static func hasMark<Bytes: RandomAccessCollection<UInt8>>(_ head: Bytes) -> Bool where Bytes.Index == Int {
        let start = head.startIndex + 257
        return head.count >= size && head[start..<start + 5].elementsEqual("ustar".utf8)
    }

    static func isZero(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy { $0 == 0 } }

    /// The place of the first header at a multiple of 512; nil when there is none.
    static func firstHeader(in head: [UInt8]) -> Int? {
        stride(from: 0, to: head.count - size + 1, by: size).first { isHeader(head[$0..<$0 + size]) }
    }

    /// Whether this is a tar without members: nothing but a writer's usual end. More zeros than that are a file whose
    /// content was lost.
    static func isEmptyArchive(_ head: [UInt8]) -> Bool {
        head.count >= 2 * size && head.count <= 20 * size && head.count % size == 0 && isZero(head)
    }
}
