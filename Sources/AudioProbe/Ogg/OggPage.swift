/// One page of an Ogg stream (RFC 3533, section 6), all of which is in memory.
struct OggPage {
    static let headerLength = 27

    let bytes: UnsafeRawBufferPointer
    /// Where the payload begins: behind the segment table.
    private let payloadStart: Int

    /// What stands at `index`: the page's length, or how many bytes it takes to know it; nil when no page begins there.
    enum Length: Equatable {
        case known(Int)
        case undecided(needed: Int)
    }

    static func length(at index: Int, in bytes: UnsafeRawBufferPointer) -> Length? {
        guard index + 4 <= bytes.count else { return .undecided(needed: 4) }
        guard bytes.holds("OggS", at: index) else { return nil }
        guard index + headerLength <= bytes.count else { return .undecided(needed: headerLength) }
        guard bytes[index + 4] == 0, bytes[index + 5] & 0xF8 == 0 else { return nil }
        let table = headerLength + Int(bytes[index + 26])
        guard index + table <= bytes.count else { return .undecided(needed: table) }
        let payload = bytes[(index + headerLength)..<(index + table)].reduce(0) { $0 + Int($1) }
        return .known(table + payload)
    }

    /// - Parameter length: what ``length(at:in:)`` gave.
    init(at index: Int, length: Int, in bytes: UnsafeRawBufferPointer) {
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[index..<index + length])
        payloadStart = Self.headerLength + Int(bytes[index + 26])
    }

    var isContinued: Bool { bytes[5] & 1 != 0 }
    var isFirst: Bool { bytes[5] & 2 != 0 }
    var isLast: Bool { bytes[5] & 4 != 0 }
    /// -1 when no packet ends on this page.
    var granule: Int64 { Int64(bitPattern: bytes.littleEndian64(at: 6)) }
    var serial: UInt32 { bytes.littleEndian32(at: 14) }
    var number: UInt32 { bytes.littleEndian32(at: 18) }
    var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[payloadStart...]) }
    private var segments: Slice<UnsafeRawBufferPointer> { bytes[Self.headerLength..<payloadStart] }

    /// Whether the checksum agrees: over the whole page, with its own field taken as zero.
    var isIntact: Bool {
        var crc = OggCRC.update(0, UnsafeRawBufferPointer(rebasing: bytes[..<22]))
        crc = withUnsafeBytes(of: UInt32(0)) { OggCRC.update(crc, $0) }
        crc = OggCRC.update(crc, UnsafeRawBufferPointer(rebasing: bytes[26...]))
        return crc == bytes.littleEndian32(at: 22)
    }

    /// Calls `body` with every packet that begins and ends on this page.
    func forEachWholePacket(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start = payloadStart
        var end = start
        var isPart = isContinued
        for segment in segments {
            end += Int(segment)
            guard segment < 255 else { continue }
            if !isPart { body(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
            isPart = false
            start = end
        }
    }
}
