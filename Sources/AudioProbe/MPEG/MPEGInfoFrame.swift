/// A first frame that carries figures about the stream instead of audio: Xing's, LAME's (`Xing` or `Info`) or
/// Fraunhofer's (`VBRI`).
struct MPEGInfoFrame: Sendable {
    /// Frames of audio; nil where it does not say.
    var frames: Int64?
    /// Bytes of all frames, this one included.
    var bytes: Int64?
    /// Samples that the encoder put in front and behind, where an encoder that is known to fill the field wrote it.
    var gap: (delay: Int, padding: Int)?
    /// CRC-16 over everything from the next frame to the last, and the bytes that it and this frame cover.
    var music: (crc: UInt16, length: Int64)?
    /// Whether the tag's own CRC-16 agrees; nil where it carries none.
    var isTagIntact: Bool?

    /// Reads the frame at `start`, all of which is in `bytes`; nil when it is a frame of audio.
    init?(_ header: MPEGHeader, at start: Int, length: Int, in window: UnsafeRawBufferPointer) {
        guard header.layer == 3 else { return nil }
        let frame = UnsafeRawBufferPointer(rebasing: window[start..<start + length])
        let xing = 4 + header.sideInformationLength
        // Where frames carry a checksum, some encoders put the tag behind it and some where it would be without.
        for place in header.isProtected ? [xing, xing + 2] : [xing]
        where frame.holds("Xing", at: place) || frame.holds("Info", at: place) {
            readXing(frame, at: place)
            return
        }
        // Fraunhofer's stands at a fixed place, 32 bytes behind the header.
        guard frame.holds("VBRI", at: 36), length >= 36 + 18 else { return nil }
        bytes = Int64(frame.bigEndian32(at: 36 + 10))
        frames = Int64(frame.bigEndian32(at: 36 + 14))
    }

    /// A cheap look for what ``init(_:at:length:in:)`` reads, at every frame.
    @inline(__always)
    static func mayStand(at start: Int, in bytes: UnsafeRawBufferPointer, sideInformationLength: Int) -> Bool {
        let mark = bytes.loadUnaligned(fromByteOffset: start + 4 + sideInformationLength, as: UInt32.self)
        return mark == UInt32(bigEndian: 0x5869_6E67) || mark == UInt32(bigEndian: 0x496E_666F)
    }

    private mutating func readXing(_ frame: UnsafeRawBufferPointer, at place: Int) {
        guard place + 8 <= frame.count else { return }
        let flags = frame.bigEndian32(at: place + 4)
        var next = place + 8
        func field(_ flag: UInt32, _ length: Int) -> Int? {
            guard flags & flag != 0, next + length <= frame.count else { return nil }
            defer { next += length }
            return next
        }
        frames = field(1, 4).map { Int64(frame.bigEndian32(at: $0)) }
        bytes = field(2, 4).map { Int64(frame.bigEndian32(at: $0)) }
        _ = field(4, 100)
        _ = field(8, 4)
        readLAME(frame, at: next)
    }

    /// "Mp3 Info Tag rev 1 specifications": 36 bytes behind Xing's.
    private mutating func readLAME(_ frame: UnsafeRawBufferPointer, at place: Int) {
        let isKnown =
            frame.holds("LAME", at: place) || frame.holds("Lavf", at: place) || frame.holds("Lavc", at: place)
        guard isKnown, place + 36 <= frame.count else { return }
        let first = Int(frame[place + 21])
        let second = Int(frame[place + 22])
        let third = Int(frame[place + 23])
        gap = (delay: first << 4 | second >> 4, padding: (second & 0xF) << 8 | third)
        let length = Int64(frame.bigEndian32(at: place + 28))
        let musicCRC = frame.bigEndian16(at: place + 32)
        if musicCRC != 0, length > 0 { music = (musicCRC, length) }
        let tagCRC = frame.bigEndian16(at: place + 34)
        // FFmpeg's tag in a frame of fewer than 190 bytes has a checksum over what is not in the file.
        guard tagCRC != 0, frame.holds("LAME", at: place) || frame.count >= 190 else { return }
        isTagIntact = Self.checksums(of: frame, fieldAt: place + 34).contains(tagCRC)
    }

    /// CRC-16 over what stands before the field, as LAME does it, and over the first 190 bytes with the field empty, which
    /// is what FFmpeg does and not the same in one-channel streams.
    private static func checksums(of frame: UnsafeRawBufferPointer, fieldAt field: Int) -> [UInt16] {
        let before = ReflectedCRC16.update(0, UnsafeRawBufferPointer(rebasing: frame[..<field]))
        guard field + 2 <= 190, 190 <= frame.count else { return [before] }
        let empty = [UInt8](repeating: 0, count: 2).withUnsafeBytes { ReflectedCRC16.update(before, $0) }
        let all = ReflectedCRC16.update(empty, UnsafeRawBufferPointer(rebasing: frame[(field + 2)..<190]))
        return [before, all]
    }
}
