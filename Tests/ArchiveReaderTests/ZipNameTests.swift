import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

/// How names without the mark of UTF-8 are read, is said by Python's zipfile.
@Suite("The names of zip entries")
struct ZipNameTests {
    private func entry(_ name: [UInt8], madeBy: Int = 0, flags: Int = 0) -> ZipBuilder.Entry {
        var entry = ZipBuilder.Entry(name, [1, 2, 3])
        entry.flags = flags
        entry.madeBy = madeBy
        return entry
    }

    private func namesByPython(_ zip: [UInt8]) throws -> [String] {
        let folder = try ScratchFolder()
        try folder.write(Data(zip), to: "out.zip")
        let script = "import json, zipfile; print(json.dumps(zipfile.ZipFile('out.zip').namelist()))"
        let run = try Program("python3", ["-c", script], in: folder.path)
        return try JSONDecoder().decode([String].self, from: run.output)
    }

    @Test("Bytes that are not UTF-8 are code page 437")
    func codePage437() throws {
        let names = (0x80...0xff).map { Array("call-".utf8) + [UInt8($0)] + Array(".mp3".utf8) }
        let zip = ZipBuilder.zip(names.map { entry($0) })
        let expected = try namesByPython(zip)
        #expect(expected.contains("call-ü.mp3") && expected.contains("call-ß.mp3"))
        #expect(try Reading(zip).names.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test("UTF-8 that is not marked as such stays what it is")
    func unmarkedUTF8() throws {
        let names = ["Grüße.mp3", "日本.wav", "plain.mp3"]
        #expect(try Reading(ZipBuilder.zip(names.map { entry(Array($0.utf8), madeBy: 3) })).names == names)
    }

    @Test("What is marked as UTF-8 and is not, is shown by its bytes")
    func markedWrongly() throws {
        #expect(try Reading(ZipBuilder.zip([entry([0x81, 0x2e], flags: 0x800)])).names == ["\\x81."])
    }

    @Test("A Unicode path is used where its checksum is that of the name, and not otherwise")
    func unicodePath() throws {
        var right = entry([0x81, 0x2e])
        var wrong = entry([0x84, 0x2e])
        for (isRight, name) in [(true, "日."), (false, "本.")] {
            let crc = ZipBuilder.Entry.crc32(isRight ? right.name : [1])
            let field = [1] + ZipBuilder.little(Int(crc), 4) + Array(name.utf8)
            let extra = ZipBuilder.little(0x7075, 2) + ZipBuilder.little(field.count, 2) + field
            if isRight { right.centralExtra = extra } else { wrong.centralExtra = extra }
        }
        #expect(try Reading(ZipBuilder.zip([right, wrong])).names == ["日.", "ä."])
    }

    @Test("Backslashes are slashes in what was made on Windows, as the .NET Framework wrote them")
    func backslashes() throws {
        var folder = entry(Array("2018\\04\\".utf8))
        folder.content = []
        (folder.packed, folder.size, folder.packedSize, folder.crc) = ([], 0, 0, 0)
        let zip = ZipBuilder.zip([
            folder, entry(Array("2018\\04\\a.mp3".utf8)), entry(Array("2018\\04/b.mp3".utf8)),
            entry(Array("2018\\04\\c.mp3".utf8), madeBy: 3), entry(Array("..\\d.mp3".utf8), madeBy: 10),
        ])
        let reading = try Reading(zip)
        #expect(reading.names == ["2018/04/a.mp3", "2018\\04/b.mp3", "2018\\04\\c.mp3", "../d.mp3"])
        #expect(reading.entries.last?.header.name.isUnsafe == true)
        #expect(reading.report.tally.directories == 1)
        #expect(reading.report.state == .complete)
    }

    @Test("Directories are known by a slash, a backslash, the attribute of MS-DOS or the type of Unix")
    func directories() throws {
        func folder(_ name: String, madeBy: Int, attributes: UInt32 = 0) -> ZipBuilder.Entry {
            var entry = ZipBuilder.Entry(name, [])
            entry.madeBy = madeBy
            entry.attributes = attributes
            return entry
        }
        let zip = ZipBuilder.zip([
            folder("a/", madeBy: 3), folder("b\\", madeBy: 0), folder("b\\c\\", madeBy: 3),
            folder("d", madeBy: 0, attributes: 0x10), folder("e", madeBy: 3, attributes: 0o040755 << 16),
            folder("empty", madeBy: 0, attributes: 0x20), ZipBuilder.Entry("odd/", [1]),
        ])
        let reading = try Reading(zip)
        #expect(reading.names == ["empty", "odd/"])
        #expect(reading.report.tally.directories == 5)
        #expect(reading.report.tally.files == 2)
    }

    @Test("A zip that libarchive reads has the same names")
    func encrypted() throws {
        var entries = [entry(Array("g\\".utf8) + [0x81, 0x2e]), entry(Array("plain".utf8))]
        // Encrypted, for which alone libarchive is asked.
        entries[1].flags = 1
        entries[1].packed = noise(20)
        entries[1].packedSize = 20
        let reading = try Reading(ZipBuilder.zip(entries))
        #expect(reading.names == ["g/ü.", "plain"])
        #expect(reading.report.encryption == .noPassphrase)
    }
}
