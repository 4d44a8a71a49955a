import Testing

/// Files made from a format's specification.
struct Built: Sendable, CustomTestStringConvertible {
    let name: String
    let codec: String
    let bytes: [UInt8]
    var testDescription: String { name }

    static let all = [
        Built(name: "amr.amr", codec: "amr_nb", bytes: amrFrames(100)),
        Built(name: "modes.amr", codec: "amr_nb", bytes: amrModes(100)),
        Built(name: "wide.awb", codec: "amr_wb", bytes: wideAMRFrames(100)),
        Built(name: "modes.awb", codec: "amr_wb", bytes: wideAMRModes(100)),
        Built(name: "rf64.wav", codec: "pcm_s16le", bytes: wave64("RF64", someSound(24_000))),
        Built(name: "bw64.wav", codec: "pcm_s16le", bytes: wave64("BW64", someSound(24_002))),
        Built(name: "layer1.mp1", codec: "mp1", bytes: layer1Frames(60)),
        Built(name: "vbri.mp3", codec: "mp3", bytes: vbriFrame(frames: 40) + emptyLayer3Frames(40)),
    ]

    /// Layer I, 32 kbit/s, 32 kHz, one channel: 384 samples in 48 bytes, no bit allocated to any subband.
    static func layer1Frames(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { _ in [0xFF, 0xFF, 0x18, 0xC0] + [UInt8](repeating: 0, count: 44) }
    }

    /// Layer III frames whose side information gives no bits to anything.
    static func emptyLayer3Frames(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { _ in [0xFF, 0xE3, 0x38, 0xC0] + [UInt8](repeating: 0, count: 212) }
    }

    /// A VBRI header: version, delay, quality, bytes, frames, and a table of contents of no entries.
    static func vbriFrame(frames: Int) -> [UInt8] {
        let head: [UInt8] = [0xFF, 0xE3, 0x38, 0xC0] + [UInt8](repeating: 0, count: 32) + Array("VBRI".utf8)
        let figures =
            bigEndian(1, 2) + bigEndian(0, 2) + bigEndian(75, 2) + bigEndian(UInt64((frames + 1) * 216), 4)
            + bigEndian(UInt64(frames), 4) + bigEndian(0, 2) + bigEndian(1, 2) + bigEndian(2, 2) + bigEndian(100, 2)
        let frame = head + figures
        return frame + [UInt8](repeating: 0, count: 216 - frame.count)
    }
}

/// AMR at 12.2 kbit/s: 32 bytes and 20 ms a frame (RFC 4867, section 5.3; 3GPP TS 26.101, table 1).
func amrFrames(_ count: Int) -> [UInt8] {
    var dice = Dice(11)
    // No byte of the payload looks like the start of a frame.
    return Array("#!AMR\n".utf8) + (0..<count).flatMap { _ in [0x3C] + dice.plainBytes(31).map { $0 | 0x81 } }
}

/// AMR-WB at 23.85 kbit/s: 61 bytes and 20 ms a frame (RFC 4867, section 5.3; 3GPP TS 26.201, table 2: 477 bits).
func wideAMRFrames(_ count: Int) -> [UInt8] {
    var dice = Dice(12)
    return Array("#!AMR-WB\n".utf8) + (0..<count).flatMap { _ in [0x44] + dice.plainBytes(60).map { $0 | 0x81 } }
}

/// Speech frames of all eight modes in turn, by their bits (3GPP TS 26.101, table 2), filled up to whole bytes.
func amrModes(_ count: Int) -> [UInt8] {
    Array("#!AMR\n".utf8) + modes(ofBits: [95, 103, 118, 134, 148, 159, 204, 244], count)
}

/// Speech frames of all nine modes in turn (3GPP TS 26.201, table 2).
func wideAMRModes(_ count: Int) -> [UInt8] {
    Array("#!AMR-WB\n".utf8) + modes(ofBits: [132, 177, 253, 285, 317, 365, 397, 461, 477], count)
}

/// A frame's first byte: no more frames, its type in four bits, undamaged, no padding (RFC 4867, section 5.3).
private func modes(ofBits bits: [Int], _ count: Int) -> [UInt8] {
    var dice = Dice(13)
    return (0..<count).flatMap { frame in
        let mode = frame % bits.count
        return [UInt8(mode << 3 | 4)] + dice.plainBytes((bits[mode] + 7) / 8)
    }
}

/// Samples of which none is near silence.
func someSound(_ count: Int) -> [UInt8] {
    var dice = Dice(31)
    return dice.plainBytes(count)
}

/// A WAV file whose sizes stand in `ds64`, all ones in their own places (EBU Tech 3306, section 3; ITU-R BS.2088, section 4):
/// 16 bits, 8 kHz, one channel.
/// - Parameter metadata: the length of an `axml` chunk in front of the audio, its size given in the table of `ds64`.
func wave64(_ mark: String, metadata: Int? = nil, _ data: [UInt8]) -> [UInt8] {
    let table = metadata.map { Array("axml".utf8) + littleEndian(UInt64($0), 8) } ?? []
    let ones = [UInt8](repeating: 0xFF, count: 4)
    let format =
        Array("fmt ".utf8) + littleEndian(16, 4) + littleEndian(1, 2) + littleEndian(1, 2) + littleEndian(8000, 4)
        + littleEndian(16_000, 4) + littleEndian(2, 2) + littleEndian(16, 2)
    // A chunk of an odd length is filled up by a byte that its size does not count.
    let axml = metadata.map { Array("axml".utf8) + ones + [UInt8](repeating: 0x20, count: $0 + $0 % 2) } ?? []
    let sizesLength = 28 + table.count
    let riffSize = 4 + 8 + sizesLength + format.count + axml.count + 8 + data.count
    let sizes =
        littleEndian(UInt64(riffSize), 8) + littleEndian(UInt64(data.count), 8)
        + littleEndian(UInt64(data.count / 2), 8)
        + littleEndian(metadata == nil ? 0 : 1, 4) + table
    return Array(mark.utf8) + ones + Array("WAVEds64".utf8) + littleEndian(UInt64(sizesLength), 4) + sizes + format
        + axml
        + Array("data".utf8) + ones + data
}
