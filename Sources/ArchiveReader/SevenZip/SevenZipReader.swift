/// Reads a 7z directory as far as to the number of its files (7zFormat.txt, in 7-Zip's own documentation). Whatever is not as
/// it should be ends it with nil.
struct SevenZipReader {
    static let header: UInt8 = 0x01
    static let encodedHeader: UInt8 = 0x17

    private enum ID {
        static let end: UInt8 = 0x00
        static let archiveProperties: UInt8 = 0x02
        static let additionalStreams: UInt8 = 0x03
        static let mainStreams: UInt8 = 0x04
        static let files: UInt8 = 0x05
        static let packInfo: UInt8 = 0x06
        static let unpackInfo: UInt8 = 0x07
        static let subStreams: UInt8 = 0x08
        static let size: UInt8 = 0x09
        static let digest: UInt8 = 0x0a
        static let folder: UInt8 = 0x0b
        static let unpackSizes: UInt8 = 0x0c
        static let streamCounts: UInt8 = 0x0d
    }

    /// A directory that is packed.
    struct PackedStream {
        /// From behind the signature header on.
        var offset: Int64
        var packedSize: Int64
        var size: Int64
        var coder: [UInt8]
        var properties: [UInt8]
    }

    private struct Folder {
        var coders: [(id: [UInt8], properties: [UInt8])] = []
        var outputs: Int64 = 0
        var hasDigest = false
        var sizes: [Int64] = []
    }

    private struct Streams {
        var offset: Int64 = 0
        var packedSizes: [Int64] = []
        var folders: [Folder] = []
    }

    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Behind the mark of a packed header: the stream that holds the header; nil where there is not just one, by one coder.
    mutating func packedStream() -> PackedStream? {
        guard let streams = streams(), let folder = streams.folders.first, streams.folders.count == 1,
            let packedSize = streams.packedSizes.first, streams.packedSizes.count == 1,
            let coder = folder.coders.first, folder.coders.count == 1, let size = folder.sizes.first
        else { return nil }
        return PackedStream(
            offset: streams.offset,
            packedSize: packedSize,
            size: size,
            coder: coder.id,
            properties: coder.properties
        )
    }

    /// Behind the mark of a header: how many files it has.
    mutating func fileCount() -> Int64? {
        var id = byte()
        if id == ID.archiveProperties {
            while let property = byte(), property != ID.end {
                guard let size = number(), skip(size) else { return nil }
            }
            id = byte()
        }
        for streams in [ID.additionalStreams, ID.mainStreams] where id == streams {
            guard self.streams() != nil else { return nil }
            id = byte()
        }
        if id == ID.end { return 0 }
        return id == ID.files ? number() : nil
    }

    // MARK: Streams

    private mutating func streams() -> Streams? {
        var streams = Streams()
        while let id = byte() {
            switch id {
            case ID.end: return streams
            case ID.packInfo: guard readPackInfo(&streams) else { return nil }
            case ID.unpackInfo: guard readUnpackInfo(&streams) else { return nil }
            case ID.subStreams: guard skipSubStreams(streams.folders) else { return nil }
            default: return nil
            }
        }
        return nil
    }

    private mutating func readPackInfo(_ streams: inout Streams) -> Bool {
        guard let offset = number(), let count = countOfWhatIsLeft() else { return false }
        streams.offset = offset
        while let id = byte() {
            switch id {
            case ID.end: return true
            case ID.size:
                guard let sizes = numbers(count) else { return false }
                streams.packedSizes = sizes
            case ID.digest: guard digests(count) != nil else { return false }
            default: return false
            }
        }
        return false
    }

    private mutating func readUnpackInfo(_ streams: inout Streams) -> Bool {
        guard byte() == ID.folder, let count = countOfWhatIsLeft(), byte() == 0 else { return false }
        for _ in 0..<count {
            guard let folder = folder() else { return false }
            streams.folders.append(folder)
        }
        guard byte() == ID.unpackSizes else { return false }
        for index in streams.folders.indices {
            guard let sizes = numbers(Int(streams.folders[index].outputs)) else { return false }
            streams.folders[index].sizes = sizes
        }
        var id = byte()
        if id == ID.digest {
            guard let defined = digests(count) else { return false }
            for (index, isDefined) in defined.enumerated() { streams.folders[index].hasDigest = isDefined }
            id = byte()
        }
        return id == ID.end
    }

    /// One folder is a chain of coders.
    private mutating func folder() -> Folder? {
        var folder = Folder()
        var inputs: Int64 = 0
        // 7-Zip allows 32 coders, each with 32 streams.
        guard let count = number(), (1...32).contains(count) else { return nil }
        for _ in 0..<count {
            guard let flags = byte(), flags & 0xc0 == 0, let id = take(Int64(flags & 0xf)) else { return nil }
            var streams: (in: Int64, out: Int64) = (1, 1)
            if flags & 0x10 != 0 {
                guard let input = number(), let output = number(), (1...32).contains(input), (1...32).contains(output)
                else { return nil }
                streams = (input, output)
            }
            var properties: [UInt8] = []
            if flags & 0x20 != 0 {
                guard let size = number(), let taken = take(size) else { return nil }
                properties = taken
            }
            inputs += streams.in
            folder.outputs += streams.out
            folder.coders.append((id, properties))
        }
        let bonds = folder.outputs - 1
        guard bonds <= inputs, numbers(2 * Int(bonds)) != nil else { return nil }
        let packed = inputs - bonds
        return packed == 1 || numbers(Int(packed)) != nil ? folder : nil
    }

    /// What the streams of folders are divided into.
    private mutating func skipSubStreams(_ folders: [Folder]) -> Bool {
        var counts = [Int64](repeating: 1, count: folders.count)
        var id = byte()
        if id == ID.streamCounts {
            guard let stated = numbers(folders.count) else { return false }
            counts = stated
            id = byte()
        }
        // The last size of each folder is what is left of it.
        if id == ID.size {
            for count in counts where count > 1 { guard skipNumbers(count - 1) else { return false } }
            id = byte()
        }
        if id == ID.digest {
            var unknown: Int64 = 0
            for (folder, count) in zip(folders, counts) where count != 1 || !folder.hasDigest {
                guard count <= Int64(bytes.count) else { return false }
                unknown += count
            }
            guard unknown <= Int64(bytes.count), digests(Int(unknown)) != nil else { return false }
            id = byte()
        }
        return id == ID.end
    }

    /// For which of so many streams there is a CRC-32; passes over them.
    private mutating func digests(_ count: Int) -> [Bool]? {
        var defined = [Bool](repeating: true, count: count)
        guard let all = byte() else { return nil }
        if all == 0 {
            guard let bits = take(Int64((count + 7) / 8)) else { return nil }
            for index in 0..<count { defined[index] = bits[index / 8] & (0x80 >> UInt8(index % 8)) != 0 }
        }
        return skip(4 * Int64(defined.count(where: \.self))) ? defined : nil
    }

    // MARK: Bytes and numbers

    mutating func byte() -> UInt8? {
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return bytes[place]
    }

    private mutating func take(_ count: Int64) -> [UInt8]? {
        guard count >= 0, count <= Int64(bytes.count - place) else { return nil }
        defer { place += Int(count) }
        return Array(bytes[place..<place + Int(count)])
    }

    private mutating func skip(_ count: Int64) -> Bool {
        guard count >= 0, count <= Int64(bytes.count - place) else { return false }
        place += Int(count)
        return true
    }

    /// Of a number of things that have a byte each at the least; nil when there are not as many bytes.
    private mutating func countOfWhatIsLeft() -> Int? {
        guard let count = number(), count <= Int64(bytes.count - place) else { return nil }
        return Int(count)
    }

    private mutating func numbers(_ count: Int) -> [Int64]? {
        guard count <= bytes.count - place else { return nil }
        var numbers: [Int64] = []
        for _ in 0..<count {
            guard let next = number() else { return nil }
            numbers.append(next)
        }
        return numbers
    }

    private mutating func skipNumbers(_ count: Int64) -> Bool {
        guard count <= Int64(bytes.count - place) else { return false }
        for _ in 0..<count { guard number() != nil else { return false } }
        return true
    }

    /// The leading bits set in the first byte say how many bytes follow; what is left of it are the highest bits of the
    /// number. Nil where it is over 2^63 - 1.
    private mutating func number() -> Int64? {
        guard let first = byte() else { return nil }
        let count = (~first).leadingZeroBitCount
        guard let rest = take(Int64(count)) else { return nil }
        var value: UInt64 = 0
        for (index, next) in rest.enumerated() { value |= UInt64(next) << UInt64(8 * index) }
        if count < 7 { value |= UInt64(first & (0x7f >> UInt8(count))) << UInt64(8 * count) }
        return Int64(exactly: value)
    }
}
