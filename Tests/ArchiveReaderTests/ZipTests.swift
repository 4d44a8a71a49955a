import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Zip")
struct ZipTests {
    private let a = ZipBuilder.Entry("a.mp3", noise(1200, seed: 1))
    private let b = ZipBuilder.Entry("b.mp3", noise(800, seed: 2))
    private let c = ZipBuilder.Entry("c.mp3", noise(500, seed: 3))

    /// Raw deflate data of `content`, made by gzip: its wrapping taken off (RFC 1952: 10 bytes before, 8 behind).
    private func deflated(_ name: String, _ content: [UInt8], descriptor: Bool = false) throws -> ZipBuilder.Entry {
        var entry = ZipBuilder.Entry(name, content)
        entry.packed = Array(try gzip(content).dropFirst(10).dropLast(8))
        entry.packedSize = entry.packed.count
        entry.method = 8
        if descriptor { entry.flags |= 8 }
        return entry
    }

    @Test("A whole zip is complete, its members are as they were packed")
    func whole() throws {
        let text = Array(String(repeating: "all work and no play ", count: 20_000).utf8)
        let reading = try Reading(ZipBuilder.zip([a, try deflated("t.csv", text), b]))
        #expect(reading.report.state == .complete)
        #expect(reading.wholeNames == ["a.mp3", "t.csv", "b.mp3"])
        #expect(reading.bytes(of: "a.mp3") == a.content)
        #expect(reading.bytes(of: "t.csv") == text)
    }

    @Test("What zip, 7z, bsdtar and Python write is read", arguments: ["zip", "stream", "7z", "bsdtar", "python"])
    func writers(_ writer: String) throws {
        let folder = try ScratchFolder()
        try folder.write(Data(a.content), to: "d/a.mp3")
        try folder.write(Data(repeating: 0x20, count: 300_000), to: "d/ü.txt")
        let command =
            switch writer {
            case "zip": "zip -qr out.zip d"
            case "stream": "zip -qr - d | cat > out.zip"
            case "7z": "7z a -bd -tzip out.zip d > /dev/null"
            case "bsdtar": "bsdtar -a -cf out.zip d"
            default: "python3 -m zipfile -c out.zip d"
            }
        try Program("sh", ["-c", command], in: folder.path)
        let reading = try Reading(path: folder.file("out.zip"))
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.bytes(of: "d/a.mp3") == a.content)
        #expect(reading.bytes(of: "d/ü.txt")?.count == 300_000)
    }

    @Test("Numbers of 64 bits are read, with a descriptor and without")
    func zip64() throws {
        let folder = try ScratchFolder()
        let script = """
            import zipfile, sys
            with zipfile.ZipFile("out.zip", "w") as z:
                with z.open("a", "w", force_zip64=True) as f: f.write(b"x" * 70000)
                z.writestr("b", b"y" * 10)
            """
        try Program("python3", ["-c", script], in: folder.path)
        try Program("sh", ["-c", "head -c 50000 /dev/zero | zip -q -fz out2.zip -"], in: folder.path)
        let reading = try Reading(path: folder.file("out.zip"))
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.entries.map(\.bytes.count) == [70_000, 10])
        let streamed = try Reading(path: folder.file("out2.zip"))
        #expect(streamed.report.state == .complete, "\(streamed.report.detail ?? "")")
        #expect(streamed.entries.map(\.bytes.count) == [50_000])
    }

    @Test("An entry whose checksum fails is damaged, the others are not")
    func badChecksum() throws {
        var bad = b
        bad.packed[17] ^= 1
        let reading = try Reading(ZipBuilder.zip([a, bad, c]))
        #expect(reading.report.state == .partial)
        #expect(!reading.report.isSuspect)
        #expect(reading.wholeNames == ["a.mp3", "c.mp3"])
        #expect(reading.outcome(of: "b.mp3") == .damaged("its checksum (CRC-32) does not match"))
    }

    @Test("Two zips glued together: the entries of both are found")
    func glued() throws {
        let reading = try Reading(ZipBuilder.zip([a, b]) + ZipBuilder.zip([c]))
        #expect(Set(reading.wholeNames) == ["a.mp3", "b.mp3", "c.mp3"])
        #expect(reading.report.state == .partial)
    }

    @Test("A second directory in the comment does not hide the entries of the first")
    func twoDirectories() throws {
        let locals = ZipBuilder.local(a) + ZipBuilder.local(b)
        let second = ZipBuilder.central(b, at: ZipBuilder.local(a).count)
        let first = ZipBuilder.central(a, at: 0) + second
        let fake = second + ZipBuilder.end(count: 1, size: second.count, offset: locals.count + first.count + 22)
        let zip = locals + first + ZipBuilder.end(count: 2, size: first.count, offset: locals.count, comment: fake)
        let reading = try Reading(zip)
        #expect(Set(reading.wholeNames) == ["a.mp3", "b.mp3"])
        #expect(reading.report.state == .partial)
    }

    @Test("Entries that the directory leaves out are found")
    func hidden() throws {
        let locals = ZipBuilder.local(a) + ZipBuilder.local(b) + ZipBuilder.local(c)
        let directory = ZipBuilder.central(b, at: ZipBuilder.local(a).count)
        let zip = locals + directory + ZipBuilder.end(count: 1, size: directory.count, offset: locals.count)
        let reading = try Reading(zip)
        #expect(Set(reading.wholeNames) == ["a.mp3", "b.mp3", "c.mp3"])
        #expect(reading.report.state == .partial)
    }

    @Test("Without its directory every entry is read by its own header", arguments: [false, true])
    func noDirectory(_ streamed: Bool) throws {
        var stored = b
        if streamed { stored.flags |= 8 }
        let text = Array(String(repeating: "no play ", count: 9000).utf8)
        let entries = [try deflated("t", text, descriptor: streamed), stored, a]
        let reading = try Reading(entries.flatMap(ZipBuilder.local))
        #expect(reading.wholeNames == ["t", "b.mp3", "a.mp3"])
        #expect(reading.bytes(of: "t") == text)
        #expect(reading.bytes(of: "b.mp3") == b.content)
        #expect(reading.report.state == .partial)
    }

    @Test("A local header that disagrees with the directory makes the zip partial")
    func disagreement() throws {
        var other = b
        other.localName = Array("B.MP3".utf8)
        let named = try Reading(ZipBuilder.zip([a, other]))
        #expect(named.report.state == .partial)
        #expect(named.bytes(of: "b.mp3") == b.content)
        var sized = b
        sized.localSize = 12
        #expect(try Reading(ZipBuilder.zip([a, sized])).report.state == .partial)
    }

    @Test("A size that lies, with a checksum that fits, keeps the bytes and tells it")
    func lyingSize() throws {
        let text = Array(String(repeating: "x", count: 5000).utf8)
        for lie in [4000, 6000] {
            var entry = try deflated("t", text)
            entry.size = lie
            let reading = try Reading(ZipBuilder.zip([entry]))
            #expect(reading.bytes(of: "t") == text)
            #expect(reading.report.state == .partial)
        }
    }

    @Test("Sizes and places beyond the file are told, not believed")
    func absurd() throws {
        var far = b
        far.offset = 0xffff_fff0
        var vast = c
        vast.packedSize = 0x7fff_ffff
        vast.size = 0x7fff_ffff
        let reading = try Reading(ZipBuilder.zip([a, far, vast]))
        #expect(reading.bytes(of: "a.mp3") == a.content)
        #expect(reading.report.state == .partial)
        #expect(reading.entries.filter { $0.header.name.text == "a.mp3" && $0.isWhole }.count == 1)
    }

    @Test("Entries that share their bytes, as in a bomb of overlapping ones, are refused")
    func overlapping() throws {
        var again = a
        again.name = Array("again".utf8)
        again.localName = a.name
        again.offset = 0
        let whole = ZipBuilder.local(a)
        let directory = ZipBuilder.central(a, at: 0) + ZipBuilder.central(again, at: 0)
        let zip = whole + directory + ZipBuilder.end(count: 2, size: directory.count, offset: whole.count)
        let reading = try Reading(zip)
        #expect(reading.wholeNames == ["a.mp3"])
        #expect(reading.outcome(of: "again") == .refused("it shares its bytes with another entry"))
    }

    @Test("Half a header in front of the first entry is no entry")
    func halfHeader() throws {
        let hidden = Array(ZipBuilder.local(ZipBuilder.Entry(String(repeating: "n", count: 200), [])).prefix(30))
        let whole = hidden + ZipBuilder.local(a)
        let directory = ZipBuilder.central(a, at: hidden.count)
        let reading = try Reading(
            whole + directory + ZipBuilder.end(count: 1, size: directory.count, offset: whole.count)
        )
        #expect(reading.wholeNames.contains("a.mp3"))
    }

    @Test("A program in front of the zip is passed over")
    func selfExtracting() throws {
        let reading = try Reading(Array("MZ".utf8) + noise(3000, seed: 5) + ZipBuilder.zip([a, b]))
        #expect(reading.wholeNames == ["a.mp3", "b.mp3"])
        #expect(reading.report.state == .complete)
    }

    @Test("Links and devices are told, directories are counted")
    func special() throws {
        var link = ZipBuilder.Entry("link", Array("/etc/passwd".utf8))
        link.madeBy = 3
        link.attributes = 0o120777 << 16
        var pipe = ZipBuilder.Entry("pipe", [])
        pipe.madeBy = 3
        pipe.attributes = 0o010644 << 16
        let reading = try Reading(ZipBuilder.zip([link, pipe, ZipBuilder.Entry("d/", []), a]))
        #expect(
            reading.entries.map(\.header.kind) == [
                .special("a symbolic link"), .special("a device, pipe or socket"), .file,
            ]
        )
        #expect(reading.entries.last?.header.index == 3)
        #expect(reading.report.directories == 1)
    }

    @Test("Two spellings of a character are two names")
    func names() throws {
        let names = ["e\u{301}", "\u{e9}"]
        let reading = try Reading(ZipBuilder.zip(names.map { ZipBuilder.Entry($0, [3]) }))
        #expect(reading.names.map { Array($0.utf8) } == names.map { Array($0.utf8) })
    }

    @Test("Duplicate and case-colliding names are each a member")
    func duplicates() throws {
        var upper = b
        upper.name = Array("A.MP3".utf8)
        var same = c
        same.name = a.name
        let reading = try Reading(ZipBuilder.zip([a, upper, same]))
        #expect(reading.wholeNames == ["a.mp3", "A.MP3", "a.mp3"])
        #expect(reading.entries.map(\.bytes) == [a.content, b.content, c.content])
    }

    @Test("A time without a zone is taken in the zone that was given")
    func times() throws {
        // 0x4c85, 0x4129: the 5th of April 2018, 08:09:18 (APPNOTE, section 4.4.6: MS-DOS format).
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let reading = try Reading(ZipBuilder.zip([a])) { $0.timeZone = berlin }
        #expect(reading.entries.first?.header.modifiedAt == Timestamp(rfc3339: "2018-04-05T08:09:18+02:00"))
    }

    @Test("A hundred thousand entries are read")
    func many() throws {
        let folder = try ScratchFolder()
        let script = """
            import zipfile
            with zipfile.ZipFile("out.zip", "w") as z:
                for i in range(100000): z.writestr(f"{i}", str(i))
            """
        try Program("python3", ["-c", script], in: folder.path)
        let reading = try Reading(path: folder.file("out.zip"))
        #expect(reading.report.state == .complete)
        #expect(reading.entries.count == 100_000)
        #expect(reading.entries.allSatisfy { $0.bytes == Array($0.header.name.text.utf8) })
    }
}
