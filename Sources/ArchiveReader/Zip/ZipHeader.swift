import Foundation
import Recordings

/// What a header says of an entry (APPNOTE 6.3.10, sections 4.3.7 and 4.3.12).
struct ZipHeader {
    var name: [UInt8]
    var flags: Int
    var method: Int
    var crc: UInt32
    /// In the archive.
    var packedSize: Int64
    /// Unpacked.
    var size: Int64
    /// Where its local header stands, as the directory counts.
    var offset: Int64 = 0
    var dosTime: Int
    var dosDate: Int
    /// From the extra fields, where one has it.
    var utcTime: Timestamp?
    /// The file type bits of a Unix mode; 0 where there are none.
    var fileType: Int = 0
    /// Whether it was made on MS-DOS or Windows, or that is not said; there backslashes are slashes.
    var isMadeOnDOS = true
    /// The directory attribute of MS-DOS.
    var hasDirectoryAttribute = false
    /// The length of the header itself, with name, extra fields and comment.
    var length: Int
    /// A name in UTF-8 that goes with the other one (Info-ZIP's Unicode path field).
    var unicodeName: [UInt8]?
    /// Whether a number is larger than anything a file can have.
    var isAbsurd = false

    static let localLength = 30
    /// With name and extra fields, which have up to 65,535 bytes each.
    static let longestLocal = localLength + 2 * 65_535
    static let centralLength = 46

    var isEncrypted: Bool { flags & 1 != 0 }
    /// Checksum and sizes stand behind the data.
    var hasDescriptor: Bool { flags & 8 != 0 }
    /// By its name, for which some writers on Windows take a backslash, or by its attributes.
    var isDirectory: Bool {
        guard size == 0 else { return false }
        return name.last == UInt8(ascii: "/") || name.last == UInt8(ascii: "\\") || fileType == 0o040000
            || hasDirectoryAttribute
    }
    /// Stored or deflated: what is read here.
    var isPlain: Bool { !isEncrypted && (method == 0 || method == 8) }

    /// - Parameter bytes: begin with the whole header; nil when they do not.
    init?(central bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.centralLength, bytes.u32(0) == ZipSignature.centralHeader else { return nil }
        let lengths = (bytes.u16(28), bytes.u16(30), bytes.u16(32))
        length = Self.centralLength + lengths.0 + lengths.1 + lengths.2
        guard bytes.count >= length else { return nil }
        flags = bytes.u16(8)
        method = bytes.u16(10)
        dosTime = bytes.u16(12)
        dosDate = bytes.u16(14)
        crc = UInt32(bytes.u32(16))
        packedSize = bytes.u32(20)
        size = bytes.u32(24)
        offset = bytes.u32(42)
        name = Array(bytes[46..<46 + lengths.0])
        // Made on Unix (3) or macOS (19): the upper half of the external attributes is the file's mode.
        let host = bytes.u16(4) >> 8
        if [3, 19].contains(host) { fileType = Int(bytes.u32(38) >> 16) & 0o170000 }
        // MS-DOS, HPFS, NTFS and VFAT (section 4.4.2.2).
        isMadeOnDOS = [0, 6, 10, 14].contains(host)
        hasDirectoryAttribute = isMadeOnDOS && bytes.u32(38) & 0x10 != 0
        let extraStart = 46 + lengths.0
        readExtra(UnsafeRawBufferPointer(rebasing: bytes[extraStart..<extraStart + lengths.1]), isCentral: true)
    }

    init?(local bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.localLength, bytes.u32(0) == ZipSignature.localHeader else { return nil }
        let lengths = (bytes.u16(26), bytes.u16(28))
        length = Self.localLength + lengths.0 + lengths.1
        guard bytes.count >= length else { return nil }
        flags = bytes.u16(6)
        method = bytes.u16(8)
        dosTime = bytes.u16(10)
        dosDate = bytes.u16(12)
        crc = UInt32(bytes.u32(14))
        packedSize = bytes.u32(18)
        size = bytes.u32(22)
        name = Array(bytes[30..<30 + lengths.0])
        let extraStart = 30 + lengths.0
        readExtra(UnsafeRawBufferPointer(rebasing: bytes[extraStart..<extraStart + lengths.1]), isCentral: false)
    }

    private mutating func readExtra(_ extra: UnsafeRawBufferPointer, isCentral: Bool) {
        var place = 0
        var times = ZipTimes()
        defer { utcTime = times.best }
        while place + 4 <= extra.count {
            let end = place + 4 + extra.u16(place + 2)
            guard end <= extra.count else { return }
            let field = UnsafeRawBufferPointer(rebasing: extra[place + 4..<end])
            switch extra.u16(place) {
            case 0x0001: readZip64(field, isCentral: isCentral)
            case 0x7075 where field.count > 5 && field[0] == 1:
                // It goes with a name of this checksum only (APPNOTE, section 4.6.9).
                if UInt32(field.u32(1)) == checksum(of: name) { unicodeName = Array(field[5...]) }
            case let kind: times.see(kind, field)
            }
            place = end
        }
    }

    /// Only the numbers that did not fit are there, in this order (APPNOTE, section 4.5.3).
    private mutating func readZip64(_ field: UnsafeRawBufferPointer, isCentral: Bool) {
        var place = 0
        func next() -> Int64? {
            guard place + 8 <= field.count else { return nil }
            defer { place += 8 }
            return field.u64(place)
        }
        let tooBig: Int64 = 0xffff_ffff
        if size == tooBig { if let value = next() { size = value } else { isAbsurd = true } }
        if packedSize == tooBig { if let value = next() { packedSize = value } else { isAbsurd = true } }
        if isCentral, offset == tooBig { if let value = next() { offset = value } else { isAbsurd = true } }
    }

    /// When it was changed. Only some writers give a moment; the others give what a clock on their wall showed.
    func modifiedAt(in zone: TimeZone) -> Timestamp? {
        if let utcTime { return utcTime }
        guard
            let date = Day(
                year: 1980 + (dosDate >> 9),
                month: dosDate >> 5 & 15,
                dayOfMonth: dosDate & 31
            ),
            dosTime >> 11 < 24, dosTime >> 5 & 63 < 60, dosTime & 31 < 30
        else { return nil }
        let time = CivilTime(date: date, hour: dosTime >> 11, minute: dosTime >> 5 & 63, second: (dosTime & 31) * 2)
        return .ofArchive(time, in: zone)
    }

    /// Its name as a path: UTF-8 with slashes, as far as it can be understood.
    var path: [UInt8] {
        // That the name is UTF-8, is said by bit 11 (section 4.4.4).
        if flags & 0x800 != 0 { return ZipName.slashed(name, hasSlashesOnly: !isMadeOnDOS) }
        return unicodeName ?? ZipName.path(name, hasSlashesOnly: !isMadeOnDOS)
    }

    /// What it is, unless it is a directory.
    var kind: MemberHeader.Kind {
        switch fileType {
        case 0o120000: .special("a symbolic link")
        // What zip was given by a pipe has the type of a pipe, and is a file.
        case 0o020000, 0o060000, 0o010000, 0o140000: size > 0 ? .file : .special("a device, pipe or socket")
        default: .file
        }
    }

    var entryKind: ArchiveTally.EntryKind { isDirectory ? .directory : kind.entryKind }

    /// What the entry is told as.
    func memberHeader(_ index: Int, zone: TimeZone) -> MemberHeader {
        MemberHeader(index: index, name: MemberName(path), kind: kind, modifiedAt: modifiedAt(in: zone))
    }

    /// Where the two headers of an entry disagree, in words; nil when they agree.
    func disagreement(with local: ZipHeader) -> String? {
        if local.name != name { return "its local header names it \(MemberName(local.name).text)" }
        if local.method != method || local.isEncrypted != isEncrypted { return "its local header gives another method" }
        // With a descriptor behind the data the local header has zeros, or what the writer expected.
        if local.hasDescriptor { return nil }
        if local.crc != crc { return "its local header gives another checksum" }
        if local.size != size || local.packedSize != packedSize { return "its local header gives another size" }
        return nil
    }

    /// How long the data is, where `local` gives another number: the one that fits the other numbers.
    func packedSize(besides local: ZipHeader) -> Int64 {
        guard !local.hasDescriptor, !local.isAbsurd, local.method == method, local.isPlain else { return packedSize }
        // Deflated data says itself where it ends.
        if method == 8 { return max(packedSize, local.packedSize) }
        return packedSize != size && local.packedSize == local.size ? local.packedSize : packedSize
    }
}
