import Foundation
import Recordings

extension SevenZipHeader {
    /// How many entries the directory says there are; nil where that cannot be told: it is encrypted, packed by something
    /// other than LZMA, or larger than ``mostDirectoryBytes``.
    static func entryCount(_ file: ArchiveFile) throws(Failure) -> Int64? {
        let start = try file.bytes(at: 0, count: startLength)
        guard start.count == startLength else { return nil }
        let (offset, size) = start.withUnsafeBytes { ($0.u64(12), $0.u64(20)) }
        guard let offset, let size, offset < file.sizeBytes, size <= mostDirectoryBytes else { return nil }
        guard size > 0 else { return 0 }
        var bytes = try file.bytes(at: Int64(startLength) + offset, count: Int(size))
        // A packed directory can be packed again; 7-Zip never does.
        for _ in 0..<4 {
            var reader = SevenZipReader(bytes)
            switch reader.byte() {
            case SevenZipReader.header: return reader.fileCount()
            case SevenZipReader.encodedHeader:
                guard let packed = reader.packedStream(), let unpacked = try unpack(packed, file) else { return nil }
                bytes = unpacked
            default: return nil
            }
        }
        return nil
    }

    /// libarchive holds the whole directory as well; two million entries with names of 40 characters take 200 MB, and then
    /// their number is not worth the same again.
    private static let mostDirectoryBytes: Int64 = 32 << 20

    private static func unpack(_ packed: SevenZipReader.PackedStream, _ file: ArchiveFile) throws(Failure) -> [UInt8]? {
        guard packed.packedSize <= mostDirectoryBytes, packed.size <= mostDirectoryBytes,
            packed.offset < file.sizeBytes
        else { return nil }
        let bytes = try file.bytes(at: Int64(startLength) + packed.offset, count: Int(packed.packedSize))
        guard bytes.count == Int(packed.packedSize) else { return nil }
        switch packed.coder {
        case [0]: return bytes
        case [3, 1, 1]: return try LibArchive.undoingLZMA(bytes, packed.properties, size: Int(packed.size))
        default: return nil
        }
    }
}

extension LibArchive {
    /// Undoes a raw LZMA stream: as a file in the format of LZMA Utils, which begins with the properties, the size of the
    /// dictionary and the size of the data (liblzma, doc/lzma-file-format.txt, section 1.1). Nil where it is damaged.
    fileprivate static func undoingLZMA(
        _ packed: [UInt8],
        _ properties: [UInt8],
        size: Int
    ) throws(Failure) -> [UInt8]? {
        guard properties.count == 5 else { return nil }
        let stated = properties.withUnsafeBytes { $0.u32(1) }
        // libarchive takes the usual sizes of a dictionary only. A larger one does no harm, and none larger than the data is
        // ever needed.
        var dictionary = 1 << 12
        while dictionary < min(Int(stated), size) { dictionary *= 2 }
        let head = [properties[0]] + (0..<4).map { UInt8(truncatingIfNeeded: dictionary >> (8 * $0)) }
        let archive = try LibArchive(
            BytesFeed(head + (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + packed)
        )
        guard case .ok = archive.supportLZMA(), case .ok = archive.support(.raw), case .ok = try archive.open(),
            archive.isUndoingCompression, case .ok = try archive.nextEntry().0
        else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < size {
            let (status, block) = try archive.nextBlock()
            guard case .ok = status, !block.bytes.isEmpty else { return nil }
            bytes += block.bytes
        }
        return bytes
    }
}

/// Lets libarchive read from memory.
private final class BytesFeed: LibArchiveFeed {
    private let memory: Buffer
    private var isRead = false

    init(_ bytes: [UInt8]) {
        memory = Buffer(bytes.count)
        memory.bytes.copyBytes(from: bytes)
    }

    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        defer { isRead = true }
        return isRead ? nil : UnsafeRawBufferPointer(memory.bytes)
    }

    func seek(_ offset: Int64, _ whence: Int32) -> Int64? { nil }
}
