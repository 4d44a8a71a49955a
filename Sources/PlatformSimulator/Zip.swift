import Foundation
import Recordings

/// How the members of a bulk ZIP are written.
package enum ZipMethod: String, Sendable, CaseIterable {
    /// Sizes and CRC stand before the bytes.
    case stored
    /// As Java's servers stream it: sizes and CRC follow the bytes in a data descriptor. The deflate stream consists
    /// of stored blocks (RFC 1951, section 3.2.4), because audio does not get smaller.
    case deflated
}

struct ZipEntry: Hashable, Sendable {
    var name: String
    var content: Content
}

/// Writes a ZIP (APPNOTE 6.3.10, without ZIP64) while it is read: no more than a piece is in memory.
struct ZipStream {
    private let method: ZipMethod
    private var waiting: ArraySlice<ZipEntry>
    private var current: (entry: ZipEntry, reader: ContentReader, crc: CRC32, size: UInt32, written: UInt32)?
    private var directory = Data()
    private var count: UInt16 = 0
    private var offset: UInt32 = 0
    private var entryOffset: UInt32 = 0
    private var isFinished = false

    /// - throws: ``Failure`` with code `badAnswer` when the members do not fit into a ZIP without ZIP64.
    init(_ entries: [ZipEntry], method: ZipMethod) throws {
        let sizes = entries.map { $0.content.facts()?.size ?? 0 }
        guard entries.count < 65_535, sizes.reduce(0, +) < 4_000_000_000 else {
            throw Failure(.badAnswer, "the files asked for do not fit into one ZIP")
        }
        self.method = method
        waiting = entries[...]
    }

    /// The next bytes; nil after the end.
    mutating func next() throws -> Data? {
        if let piece = try nextOfCurrent() { return counted(piece) }
        if let entry = waiting.popFirst() { return counted(try begin(entry)) }
        guard !isFinished else { return nil }
        isFinished = true
        return endOfArchive()
    }

    private mutating func counted(_ data: Data) -> Data {
        offset += UInt32(data.count)
        return data
    }

    private mutating func begin(_ entry: ZipEntry) throws -> Data {
        let size = entry.content.facts()?.size ?? 0
        var crc = CRC32()
        if method == .stored {
            var reader = try ContentReader(entry.content, offset: 0, length: size)
            while let piece = try reader.next() { crc.update(piece) }
        }
        entryOffset = offset
        var header = Data()
        header.append(little: 0x0403_4b50 as UInt32)
        appendCommonFields(to: &header, crc: crc.value, written: UInt32(size), size: UInt32(size), isLocal: true)
        header.append(little: UInt16(entry.name.utf8.count))
        header.append(little: 0 as UInt16)
        header.append(contentsOf: entry.name.utf8)
        let reader = try ContentReader(entry.content, offset: 0, length: size)
        current = (entry, reader, CRC32(), 0, 0)
        return header
    }

    private mutating func nextOfCurrent() throws -> Data? {
        guard var member = current else { return nil }
        if let piece = try member.reader.next() {
            member.crc.update(piece)
            let written = method == .stored ? piece : Self.storedBlocks(piece)
            member.size += UInt32(piece.count)
            member.written += UInt32(written.count)
            current = member
            return written
        }
        current = nil
        var tail = Data()
        if method == .deflated {
            // An empty last block (RFC 1951, section 3.2.4): BFINAL 1, BTYPE 00, LEN 0, NLEN 0xFFFF.
            tail.append(contentsOf: [0x01, 0x00, 0x00, 0xff, 0xff])
            member.written += 5
            tail.append(little: 0x0807_4b50 as UInt32)
            tail.append(little: member.crc.value)
            tail.append(little: member.written)
            tail.append(little: member.size)
        }
        appendToDirectory(member.entry, crc: member.crc.value, written: member.written, size: member.size)
        return tail
    }

    private static func storedBlocks(_ data: Data) -> Data {
        var blocks = Data()
        var rest = data
        while !rest.isEmpty {
            let block = rest.prefix(65_535)
            blocks.append(0x00)
            blocks.append(little: UInt16(block.count))
            blocks.append(little: ~UInt16(block.count))
            blocks.append(block)
            rest = rest.dropFirst(block.count)
        }
        return blocks
    }

    /// Version, flags, method, time, CRC and sizes: the fields that local and central headers share.
    private func appendCommonFields(
        to header: inout Data,
        crc: UInt32,
        written: UInt32,
        size: UInt32,
        isLocal: Bool
    ) {
        let followsInDescriptor = isLocal && method == .deflated
        // Bit 11: names are UTF-8. Bit 3: CRC and sizes follow in a data descriptor.
        let flags: UInt16 = method == .deflated ? 0x0808 : 0x0800
        header.append(little: 20 as UInt16)
        header.append(little: flags)
        header.append(little: method == .deflated ? 8 : 0 as UInt16)
        // 2018-04-05 00:00 as an MS-DOS time and date.
        header.append(little: 0 as UInt16)
        header.append(little: ((2018 - 1980) << 9 | 4 << 5 | 5) as UInt16)
        header.append(little: followsInDescriptor ? 0 : crc)
        header.append(little: followsInDescriptor ? 0 : written)
        header.append(little: followsInDescriptor ? 0 : size)
    }

    private mutating func appendToDirectory(_ entry: ZipEntry, crc: UInt32, written: UInt32, size: UInt32) {
        directory.append(little: 0x0201_4b50 as UInt32)
        directory.append(little: 20 as UInt16)
        appendCommonFields(to: &directory, crc: crc, written: written, size: size, isLocal: false)
        directory.append(little: UInt16(entry.name.utf8.count))
        directory.append(Data(count: 12))
        directory.append(little: entryOffset)
        directory.append(contentsOf: entry.name.utf8)
        count += 1
    }

    private func endOfArchive() -> Data {
        var data = directory
        data.append(little: 0x0605_4b50 as UInt32)
        data.append(little: 0 as UInt32)
        data.append(little: count)
        data.append(little: count)
        data.append(little: UInt32(directory.count))
        data.append(little: offset)
        data.append(little: 0 as UInt16)
        return data
    }
}

extension Data {
    fileprivate mutating func append<Value: FixedWidthInteger>(little value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// The checksum of ZIP and gzip: the reflected polynomial 0xEDB88320 (APPNOTE 6.3.10, section 4.4.7).
struct CRC32: Sendable {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }

    private var register: UInt32 = 0xffff_ffff

    var value: UInt32 { ~register }

    mutating func update(_ data: Data) {
        register = Self.table.withUnsafeBufferPointer { table in
            data.withUnsafeBytes { bytes in
                bytes.reduce(register) { register, byte in
                    table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ register >> 8
                }
            }
        }
    }
}
