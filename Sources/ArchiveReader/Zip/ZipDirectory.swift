import Recordings

/// The directory at a zip's end (APPNOTE 6.3.10, sections 4.3.12 to 4.3.16).
struct ZipDirectory {
    /// Where it stands.
    var range: Range<Int64>
    /// What is to be added to the offsets in it: the length of what was put before the zip.
    var base: Int64
    /// Entries that it claims to have; with 32-bit records only the lower 16 bits of the number.
    var count: Int64
    var isCount16Bit: Bool
    /// Behind the record that ends the zip, with its comment.
    var end: Int64

    private static let endLength = 22
    /// A record's comment has up to 65,535 bytes; this much more may have been put behind the zip.
    private static let tailLength = 1 << 20

    /// Finds the directory whose record stands last; nil when there is none.
    static func locate(in file: ArchiveFile) throws(Failure) -> ZipDirectory? {
        let tailStart = max(0, file.sizeBytes - Int64(tailLength))
        let tail = try file.bytes(at: tailStart, count: Int(file.sizeBytes - tailStart))
        guard tail.count >= endLength else { return nil }
        var place = tail.count - endLength
        while place >= 0 {
            if tail[place] == 0x50, tail[place + 1] == 0x4b, tail[place + 2] == 5, tail[place + 3] == 6 {
                let record = tail[place...].prefix(endLength)
                if let found = try read(Array(record), at: tailStart + Int64(place), in: file) { return found }
            }
            place -= 1
        }
        return nil
    }

    private static func read(_ record: [UInt8], at place: Int64, in file: ArchiveFile) throws(Failure) -> ZipDirectory?
    {
        var (count, size, offset, comment): (Int64, Int64, Int64, Int64) = record.withUnsafeBytes {
            (Int64($0.u16(10)), $0.u32(12), $0.u32(16), Int64($0.u16(20)))
        }
        var directoryEnd = place
        var is16Bit = true
        if let wide = try readZip64(before: place, in: file) {
            if count == 0xffff { (count, is16Bit) = (wide.count, false) }
            if size == 0xffff_ffff { size = wide.size }
            if offset == 0xffff_ffff { offset = wide.offset }
            directoryEnd = wide.place
        }
        guard place + Int64(endLength) + comment <= file.sizeBytes, size >= 0, offset >= 0, size <= directoryEnd
        else { return nil }
        let end = place + Int64(endLength) + comment
        if size == 0 {
            return ZipDirectory(range: place..<end, base: 0, count: count, isCount16Bit: is16Bit, end: end)
        }
        // The offset counts from the zip's start, which something may stand before; the place in front of the record is
        // then the right one.
        for start in [offset, directoryEnd - size] where start <= directoryEnd - size {
            let head = try file.bytes(at: start, count: 4)
            guard head.count == 4, head.withUnsafeBytes({ $0.u32(0) }) == ZipSignature.centralHeader else { continue }
            return ZipDirectory(
                range: start..<start + size,
                base: start - offset,
                count: count,
                isCount16Bit: is16Bit,
                end: end
            )
        }
        return nil
    }

    /// The record of zip64, by the locator in front of the other record.
    private static func readZip64(
        before place: Int64,
        in file: ArchiveFile
    ) throws(Failure) -> (count: Int64, size: Int64, offset: Int64, place: Int64)? {
        let locator = try file.bytes(at: place - 20, count: 20)
        guard locator.count == 20, locator.withUnsafeBytes({ $0.u32(0) }) == ZipSignature.locator64 else { return nil }
        let stated = locator.withUnsafeBytes { $0.u64(8) } ?? -1
        for start in [stated, place - 20 - 56] {
            let record = try file.bytes(at: start, count: 56)
            guard record.count == 56 else { continue }
            let found: (Int64, Int64, Int64, Int64)? = record.withUnsafeBytes {
                guard
                    $0.u32(0) == ZipSignature.endOfDirectory64, let count = $0.u64(32), let size = $0.u64(40),
                    let offset = $0.u64(48)
                else { return nil }
                return (count, size, offset, start)
            }
            if let found { return found }
        }
        return nil
    }
}

/// Goes through a directory, entry by entry.
struct ZipCursor {
    private let input: ZipInput
    private let directory: ZipDirectory
    private var place: Int64
    private(set) var count: Int64 = 0

    init(_ file: ArchiveFile, _ directory: ZipDirectory) {
        // The longest header has three fields of 65,535 bytes.
        input = ZipInput(file, window: 256 << 10)
        self.directory = directory
        place = directory.range.lowerBound
    }

    /// Nil at the directory's end, or where it cannot be read on.
    mutating func next() throws(Failure) -> ZipHeader? {
        guard place < directory.range.upperBound else { return nil }
        var bytes = try input.bytes(at: place, atLeast: ZipHeader.centralLength)
        if bytes.count >= ZipHeader.centralLength {
            let length = ZipHeader.centralLength + bytes.u16(28) + bytes.u16(30) + bytes.u16(32)
            bytes = try input.bytes(at: place, atLeast: length)
        }
        guard var header = ZipHeader(central: bytes) else { return nil }
        place += Int64(header.length)
        count += 1
        let (offset, overflow) = header.offset.addingReportingOverflow(directory.base)
        header.offset = offset
        header.isAbsurd = header.isAbsurd || overflow || offset < 0
        return header
    }

    /// How many entries the directory's end says there are; nil where it has the lower bits of the number only.
    var statedCount: Int64? { directory.isCount16Bit && count > 0xffff ? nil : directory.count }

    /// What is wrong with the directory, once ``next()`` has returned nil.
    var problem: String? {
        if place < directory.range.upperBound {
            return "its directory is damaged behind entry \(count)"
        }
        let seen = directory.isCount16Bit ? count & 0xffff : count
        return seen == directory.count ? nil : "its directory has \(count) entries, and says \(directory.count)"
    }
}

extension ZipHeader {
    /// What the entry covers at least, by its directory; nil when that cannot be.
    var leastRange: Range<Int64>? {
        let fixed = Int64(Self.localLength + name.count)
        let (length, overflow) = packedSize.addingReportingOverflow(fixed)
        let (end, overflow2) = offset.addingReportingOverflow(length)
        guard !isAbsurd, !overflow, !overflow2 else { return nil }
        return offset..<end
    }
}

extension ZipInput {
    /// Where the first local header that makes sense stands; nil when there is none.
    func firstLocalHeader(in range: Range<Int64>) throws(Failure) -> Int64? {
        var place = range.lowerBound
        while place + Int64(ZipHeader.localLength) <= range.upperBound {
            let bytes = try bytes(at: place, atLeast: ZipHeader.localLength)
            let count = min(bytes.count, Int(min(range.upperBound - place, Int64(bytes.count))))
            guard count >= ZipHeader.localLength else { return nil }
            var index = 0
            while index + ZipHeader.localLength <= count {
                if bytes[index] == 0x50, bytes[index + 1] == 0x4b, bytes[index + 2] == 3, bytes[index + 3] == 4,
                    isPlausible(UnsafeRawBufferPointer(rebasing: bytes[index...]))
                {
                    return place + Int64(index)
                }
                index += 1
            }
            place += Int64(index)
        }
        return nil
    }

    /// Whether a header follows the signature, and not some data that looks like it: a version that exists (APPNOTE,
    /// section 4.4.3), a method that exists, a name.
    private func isPlausible(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.u16(4) & 0xff <= 63 && bytes.u16(8) <= 99 && bytes.u16(26) > 0
    }
}
