import AudioProbe
import Recordings
import Testing

/// MPEG 2.5 Layer III, 24 kbit/s, 8000 Hz, one channel, no checksum: 216 bytes and 72 ms a frame, by ISO/IEC 13818-3's
/// formula 72 * 24000 / 8000.
func telephoneFrames(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var dice = Dice(seed)
    return (0..<count).flatMap { _ in [0xFF, 0xE3, 0x38, 0xC0] + dice.plainBytes(212) }
}

@Suite("MPEG audio")
struct MPEGTests {
    private static let length = 216

    @Test("The vendor's published recording, 1,632 frames of 216 bytes, plays 117,504 ms")
    func vendorSample() {
        let file = telephoneFrames(1632)
        #expect(file.count == 352_512)
        let found = findings(in: file)
        #expect(found.verdict == .verified)
        #expect(
            found.audio
                == AudioFacts(
                    container: "mp3",
                    codec: "mp3",
                    sampleRateHz: 8000,
                    channels: 1,
                    bitRateBps: 24_000,
                    durationMs: 117_504
                )
        )
    }

    @Test("A single frame is not called MP3")
    func singleFrame() {
        #expect(findings(in: telephoneFrames(1)).audio == nil)
        #expect(findings(in: telephoneFrames(2)).audio?.durationMs == 144)
    }

    /// Layer III in free format, one channel, 22,050 Hz: the length of a frame stands nowhere.
    private static func freeFormat(_ count: Int, length: Int = 3400, protections: [UInt8] = [0xF3]) -> [UInt8] {
        var dice = Dice(9)
        return (0..<count).flatMap {
            [0xFF, protections[$0 % protections.count], 0x00, 0xC0] + dice.plainBytes(length - 4)
        }
    }

    @Test("Free format behind other bytes takes six frames in a row; other coded audio has three by chance")
    func freeFormatByChance() {
        var dice = Dice(8)
        let (before, behind) = (dice.plainBytes(7000), dice.plainBytes(33_000))
        for count in 3..<6 { #expect(findings(in: before + Self.freeFormat(count) + behind).audio == nil) }
        let found = findings(in: before + Self.freeFormat(6) + behind)
        #expect(found.audio?.durationMs == 157)
        #expect(found.defects.first == Defect(.leadingGarbage, "7000 bytes at byte 0"))
        #expect(findings(in: before + Self.freeFormat(6, protections: [0xF2, 0xF3]) + behind).audio == nil)
        #expect(findings(in: Self.freeFormat(3)).audio?.durationMs == 78)
    }

    @Test("A file cut inside its last frame is truncated, and says where")
    func truncated() {
        let found = findings(in: Array(telephoneFrames(100).dropLast(135)))
        #expect(found.defects == [Defect(.truncated, "the last frame has 81 of 216 bytes")])
        #expect(found.audio?.durationMs == Int64(99 * 72))
    }

    @Test("A broken header loses one frame")
    func brokenHeader() {
        var file = telephoneFrames(100)
        file[50 * Self.length] = 0x7F
        let found = findings(in: file)
        #expect(found.defects == [Defect(.lostSync, "216 bytes at byte \(50 * Self.length)")])
        #expect(found.audio?.durationMs == Int64(99 * 72))
    }

    @Test("A zeroed block of 4 KiB is lost synchronisation and a run of zeros")
    func zeroBlock() {
        var file = telephoneFrames(100)
        file.replaceSubrange(8192..<12_288, with: [UInt8](repeating: 0, count: 4096))
        #expect(findings(in: file).kinds == [.lostSync, .zeroRun])
    }

    @Test("Bytes before the first frame and behind the last are garbage, with place and length")
    func garbageAround() {
        var dice = Dice(7)
        let file = dice.plainBytes(1000) + telephoneFrames(50) + dice.plainBytes(333)
        let found = findings(in: file)
        #expect(
            found.defects == [
                Defect(.leadingGarbage, "1000 bytes at byte 0"),
                Defect(.trailingGarbage, "333 bytes at byte \(1000 + 50 * Self.length)"),
            ]
        )
        #expect(found.audio?.durationMs == Int64(50 * 72))
    }

    @Test("Bytes between frames are passed over and told")
    func garbageBetween() {
        var dice = Dice(8)
        let file = telephoneFrames(50) + dice.plainBytes(77) + telephoneFrames(50, seed: 2)
        let found = findings(in: file)
        #expect(found.defects == [Defect(.lostSync, "77 bytes at byte \(50 * Self.length)")])
        #expect(found.audio?.durationMs == Int64(100 * 72))
    }

    @Test("ID3v2 with footer, ID3v1 and APE tags are no audio and no defect")
    func tags() {
        var dice = Dice(3)
        let id3v2 = Array("ID3".utf8) + [4, 0, 0x10, 0, 0, 2, 0x01] + dice.plainBytes(257)
        let footer = Array("3DI".utf8) + [4, 0, 0x10, 0, 0, 2, 0x01]
        let items = dice.plainBytes(68)
        let figures = littleEndian(2000, 4) + littleEndian(100, 4) + littleEndian(1, 4)
        let ape =
            Array("APETAGEX".utf8) + figures + littleEndian(0xA000_0000, 4) + [UInt8](repeating: 0, count: 8) + items
            + Array("APETAGEX".utf8) + figures + littleEndian(0x8000_0000, 4) + [UInt8](repeating: 0, count: 8)
        let id3v1 = Array("TAG".utf8) + dice.plainBytes(125)
        let found = findings(in: id3v2 + footer + telephoneFrames(20) + ape + id3v1)
        #expect(found.defects == [])
        #expect(found.audio?.durationMs == Int64(20 * 72))
    }

    @Test("An APE tag without a header is no garbage")
    func apeFooterOnly() {
        var dice = Dice(3)
        let figures =
            littleEndian(1000, 4) + littleEndian(100, 4) + littleEndian(1, 4) + [UInt8](repeating: 0, count: 12)
        let file = telephoneFrames(20) + dice.plainBytes(68) + Array("APETAGEX".utf8) + figures
        #expect(findings(in: file).defects == [])
    }

    @Test("A tag between two streams tells that files were joined")
    func joined() {
        let id3v1 = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        let found = findings(in: telephoneFrames(20) + id3v1 + telephoneFrames(30) + id3v1)
        #expect(found.kinds == [.headerMismatch])
        #expect(found.audio?.durationMs == Int64(50 * 72))
    }

    @Test("The result does not depend on the chunks")
    func chunks() {
        var dice = Dice(9)
        var file = dice.plainBytes(300) + telephoneFrames(40) + dice.plainBytes(99) + telephoneFrames(40, seed: 4)
        file[5000..<9200] = ArraySlice([UInt8](repeating: 0, count: 4200))
        let whole = findings(in: file, chunkSize: file.count)
        for size in [1, 2, 3, 7, 215, 216, 217, 1000, 4096] {
            #expect(findings(in: file, chunkSize: size) == whole)
        }
    }

    @Test("A VBRI header's count is compared with the frames")
    func vbri() {
        let frames = Built.emptyLayer3Frames(40)
        #expect(findings(in: Built.vbriFrame(frames: 40) + frames).audio?.durationMs == Int64(40 * 72))
        #expect(findings(in: Built.vbriFrame(frames: 50) + frames).kinds == [.truncated])
        #expect(findings(in: Built.vbriFrame(frames: 30) + frames).kinds == [.headerMismatch])
    }

    /// CRC-16 bit by bit, as ISO/IEC 11172-3, 2.4.3.1 describes it.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(0xFFFF) { before, byte in
            (0..<8).reduce(before) { crc, bit in
                let carries = crc >> 15 != UInt16(byte >> UInt8(7 - bit) & 1)
                return crc << 1 ^ (carries ? 0x8005 : 0)
            }
        }
    }

    @Test("Frame checksums of Layer I cover the header's end and the bit allocation, and a wrong one is told")
    func layer1Checksums() {
        // One channel: 32 subbands of four bits.
        let allocation = [UInt8](repeating: 0, count: 16)
        let crc = Self.checksum([0x18, 0xC0] + allocation)
        let frame =
            [0xFF, 0xFE, 0x18, 0xC0] + bigEndian(UInt64(crc), 2) + allocation + [UInt8](repeating: 0, count: 26)
        var file = (0..<20).flatMap { _ in frame }
        #expect(findings(in: file).defects == [])
        #expect(findings(in: file).audio?.durationMs == Int64(20 * 12))
        file[48 * 7 + 6] = 0x40
        #expect(findings(in: file).defects == [Defect(.badCRC, "frame at byte \(48 * 7)")])
    }

    @Test("Checksums of which not one is right were never filled in, and are no damage")
    func unusedChecksums() {
        let frames = (0..<20).flatMap { _ in [0xFF, 0xFE, 0x18, 0xC0, 0x12, 0x34] + [UInt8](repeating: 0, count: 42) }
        #expect(findings(in: frames).defects == [])
    }

    @Test("A stream with another sampling rate behind the first is told, and counts")
    func otherStream() {
        let found = findings(in: telephoneFrames(50) + Built.layer1Frames(50))
        #expect(found.kinds == [.headerMismatch])
        #expect(found.audio?.durationMs == Int64(50 * 72 + 50 * 12))
    }
}
