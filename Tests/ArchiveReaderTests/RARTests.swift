import ArchiveReader
import Recordings
import Testing

/// A RAR of version 4 with one stored file (RARLAB's technical note, "RAR archive file format").
@Suite("RAR, where it is allowed")
struct RARTests {
    private let content = noise(3000, seed: 9)

    private var archive: [UInt8] {
        let little = ZipBuilder.little
        /// A header's checksum is the lower half of the CRC-32 of all that follows it.
        func block(_ bytes: [UInt8]) -> [UInt8] {
            little(Int(ZipBuilder.Entry.crc32(bytes)) & 0xffff, 2) + bytes
        }
        let main = block([0x73] + little(0, 2) + little(13, 2) + little(0, 6))
        let name = Array("a.mp3".utf8)
        var file: [UInt8] = [0x74] + little(0x8000, 2) + little(32 + name.count, 2)
        file += little(content.count, 4) + little(content.count, 4) + [3]
        file += little(Int(ZipBuilder.Entry.crc32(content)), 4) + little(0x4c85_4129, 4) + [20, 0x30]
        file += little(name.count, 2) + little(0o100644, 4) + name
        let end: [UInt8] = [0xc4, 0x3d, 0x7b, 0, 0x40, 7, 0]
        return Array("Rar!\u{1a}\u{7}\u{0}".utf8) + main + block(file) + content + end
    }

    @Test("It is read when it is allowed")
    func allowed() throws {
        let reading = try Reading(archive) { $0.allowsRAR = true }
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.report.format == "rar")
        #expect(reading.bytes(of: "a.mp3") == content)
    }

    @Test("It is named and refused when it is not")
    func refused() throws {
        let reading = try Reading(archive)
        #expect(reading.report.state == .unreadable)
        #expect(reading.report.detail == "it is a RAR archive, which is not read (limits.allow_rar is off)")
        #expect(reading.entries.isEmpty)
    }
}
