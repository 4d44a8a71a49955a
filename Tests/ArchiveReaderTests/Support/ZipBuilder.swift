/// Builds zips byte by byte (APPNOTE 6.3.10), true or not.
struct ZipBuilder {
    struct Entry {
        var name: [UInt8]
        var content: [UInt8]
        /// What the archive holds; the content itself when it is stored.
        var packed: [UInt8]
        var method = 0
        var flags = 0x800
        var crc: UInt32
        var size: Int
        var packedSize: Int
        var madeBy = 0
        var attributes: UInt32 = 0
        var localName: [UInt8]?
        var localSize: Int?
        var localExtra: [UInt8] = []
        var centralExtra: [UInt8] = []
        /// Where the directory says that it is; nil for where it is.
        var offset: Int?

        init(_ name: String, _ content: [UInt8]) { self.init(Array(name.utf8), content) }

        init(_ name: [UInt8], _ content: [UInt8]) {
            self.name = name
            self.content = content
            packed = content
            crc = Self.crc32(content)
            size = content.count
            packedSize = content.count
        }

        /// Bit by bit, from the polynomial (APPNOTE, section 4.4.7).
        static func crc32(_ bytes: [UInt8]) -> UInt32 {
            var sum = ~UInt32(0)
            for byte in bytes {
                sum ^= UInt32(byte)
                for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xedb8_8320 : sum >> 1 }
            }
            return ~sum
        }
    }

    static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func local(_ entry: Entry) -> [UInt8] {
        let name = entry.localName ?? entry.name
        let hidesSizes = entry.flags & 8 != 0
        var bytes: [UInt8] = [0x50, 0x4b, 3, 4]
        bytes += little(20, 2) + little(entry.flags, 2) + little(entry.method, 2)
        bytes += little(0x4129, 2) + little(0x4c85, 2)
        bytes += little(hidesSizes ? 0 : Int(entry.crc), 4) + little(hidesSizes ? 0 : entry.packedSize, 4)
        bytes += little(hidesSizes ? 0 : entry.localSize ?? entry.size, 4)
        bytes += little(name.count, 2) + little(entry.localExtra.count, 2) + name + entry.localExtra + entry.packed
        if hidesSizes {
            bytes += [0x50, 0x4b, 7, 8] + little(Int(entry.crc), 4)
            bytes += little(entry.packedSize, 4) + little(entry.size, 4)
        }
        return bytes
    }

    static func central(_ entry: Entry, at offset: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x50, 0x4b, 1, 2, 20, UInt8(entry.madeBy)]
        bytes += little(20, 2) + little(entry.flags, 2)
        bytes += little(entry.method, 2) + little(0x4129, 2) + little(0x4c85, 2) + little(Int(entry.crc), 4)
        bytes += little(entry.packedSize, 4) + little(entry.size, 4) + little(entry.name.count, 2)
        bytes += little(entry.centralExtra.count, 2) + little(0, 2) + little(0, 2) + little(0, 2)
        bytes += little(Int(entry.attributes), 4) + little(entry.offset ?? offset, 4)
        return bytes + entry.name + entry.centralExtra
    }

    static func end(count: Int, size: Int, offset: Int, comment: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = [0x50, 0x4b, 5, 6]
        bytes += little(0, 4) + little(count, 2) + little(count, 2)
        bytes += little(size, 4) + little(offset, 4) + little(comment.count, 2)
        return bytes + comment
    }

    /// All of it, in the usual order.
    static func zip(_ entries: [Entry], comment: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            directory += central(entry, at: bytes.count)
            bytes += local(entry)
        }
        return bytes + directory
            + end(count: entries.count, size: directory.count, offset: bytes.count, comment: comment)
    }
}
