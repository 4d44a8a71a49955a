/// The CRC-16 that a protected frame carries behind its header (ISO/IEC 11172-3, 2.4.3.1): over the header's last two
/// bytes and the side information, bit allocation and scale factor selection that follow the checksum.
enum MPEGFrameCRC {
    /// Whether the checksum of the frame at `start` agrees; nil where the frame is too short to hold what it covers.
    static func agrees(_ header: MPEGHeader, at start: Int, length: Int, in bytes: UnsafeRawBufferPointer) -> Bool? {
        guard length >= 6 else { return nil }
        let frame = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        var bits: Int
        switch header.layer {
        case 3: bits = header.sideInformationLength * 8
        case 2:
            guard let count = layer2Bits(header, frame) else { return nil }
            bits = count
        default: bits = 4 * (header.channels == 2 ? 32 + bound(header) : 32)
        }
        guard 6 + (bits + 7) / 8 <= frame.count else { return nil }
        var crc = CRC16.update(0xFFFF, UnsafeRawBufferPointer(rebasing: frame[2..<4]))
        var next = 6
        while bits >= 8 {
            crc = CRC16.update(crc, byte: frame[next])
            next += 1
            bits -= 8
        }
        for bit in 0..<bits {
            let carries = crc >> 15 != UInt16(frame[next] >> (7 - UInt8(bit)) & 1)
            crc = crc << 1 ^ (carries ? 0x8005 : 0)
        }
        return crc == frame.bigEndian16(at: 4)
    }

    /// The first subband that joint stereo codes once for both channels.
    private static func bound(_ header: MPEGHeader) -> Int {
        header.mode == 1 ? 4 * (header.modeExtension + 1) : 32
    }

    /// Layer II covers bit allocation and scale factor selection, and how long these are hangs on what they say.
    private static func layer2Bits(_ header: MPEGHeader, _ frame: UnsafeRawBufferPointer) -> Int? {
        let table = AllocationTable(header)
        let shared = header.channels == 2 ? min(bound(header), table.bands) : table.bands
        var place = 6 * 8
        var selections = 0
        for band in 0..<table.bands {
            let width = table.width(band)
            let ownChannels = header.channels == 2 && band < shared ? 2 : 1
            for _ in 0..<ownChannels {
                guard let allocation = read(width, at: place, frame) else { return nil }
                place += width
                guard allocation != 0 else { continue }
                // An allocation that both channels share has a selection for each.
                selections += header.channels == 2 && ownChannels == 1 ? 2 : 1
            }
        }
        return place - 6 * 8 + 2 * selections
    }

    /// Bits of allocation by subband: so many subbands of four, then of three, then of two (ISO/IEC 11172-3, tables B.2a
    /// to B.2d; ISO/IEC 13818-3, table B.1).
    private struct AllocationTable {
        private let ofFour: Int
        private let ofThree: Int
        let bands: Int

        init(_ header: MPEGHeader) {
            let perChannel = header.isFreeFormat ? Int.max : header.bitRateKbps / header.channels
            if !header.isVersion1 {
                (ofFour, ofThree, bands) = (4, 7, 30)
            } else if perChannel >= 56 {
                let isWide = header.sampleRate != 48_000 && perChannel >= 96
                (ofFour, ofThree, bands) = (11, 12, isWide ? 30 : 27)
            } else {
                (ofFour, ofThree, bands) = header.sampleRate == 32_000 ? (2, 10, 12) : (2, 6, 8)
            }
        }

        func width(_ band: Int) -> Int { band < ofFour ? 4 : band < ofFour + ofThree ? 3 : 2 }
    }

    private static func read(_ count: Int, at bit: Int, _ frame: UnsafeRawBufferPointer) -> Int? {
        guard (bit + count + 7) / 8 <= frame.count else { return nil }
        return (bit..<bit + count).reduce(0) { $0 << 1 | Int(frame[$1 / 8] >> UInt8(7 - $1 % 8) & 1) }
    }
}
