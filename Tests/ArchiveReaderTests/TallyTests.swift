import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

/// What an archive holds is said by other programs, or by how it was built.
@Suite("The account of what an archive holds")
struct TallyTests {
    /// Two files, an empty one, two folders, a symbolic and a hard link.
    private func tree() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(Data(noise(900)), to: "d/a.mp3")
        try folder.write(Data(noise(700, seed: 2)), to: "d/e/b.mp3")
        try folder.write(Data(), to: "d/empty")
        try Program("ln", ["-s", "a.mp3", folder.file("d/link")])
        try Program("ln", [folder.file("d/a.mp3"), folder.file("d/hard")])
        return folder
    }

    private func packed(_ command: String) throws -> ArchiveReport {
        let folder = try tree()
        let run = try Program("sh", ["-ec", command], in: folder.path)
        #expect(run.status == 0, "\(run.errors)")
        return try Reading(path: folder.file("out")).report
    }

    private func check(_ tally: ArchiveTally, directories: Int, files: Int, hardLinks: Int, special: Int) {
        #expect(tally.directories == directories)
        #expect(tally.files == files)
        #expect(tally.hardLinks == hardLinks)
        #expect(tally.specialEntries == special)
        #expect(tally.entries == directories + files + hardLinks + special)
        #expect(tally.expectedRows == files + hardLinks + special)
        #expect(tally.isFinal)
    }

    @Test(
        "Each kind of entry of a tar is counted",
        arguments: ["tar cf out d", "tar czf out d", "bsdtar --zstd -cf out d"]
    )
    func tar(_ command: String) throws {
        let report = try packed(command)
        check(report.tally, directories: 2, files: 3, hardLinks: 1, special: 1)
        #expect(report.statedEntries == nil)
    }

    @Test("Each kind of entry of a zip is counted, and the directory's total is known")
    func zip() throws {
        let report = try packed("zip -qry out.zip d && mv out.zip out")
        check(report.tally, directories: 2, files: 4, hardLinks: 0, special: 1)
        #expect(report.statedEntries == 7)
    }

    @Test("A zip that libarchive reads is counted alike")
    func encryptedZip() throws {
        let report = try packed("zip -qry -P secret out.zip d && mv out.zip out")
        check(report.tally, directories: 2, files: 4, hardLinks: 0, special: 1)
        #expect(report.statedEntries == 7)
        // Without the passphrase none of them can be read, not even the empty one.
        #expect(report.tally.damagedFiles == 4)
    }

    @Test(
        "The count in the header of a 7z is that of its entries",
        arguments: [
            "", "-ms=off", "-mhc=off", "-mhc=off -ms=off", "-m0=Copy", "-m0=Deflate", "-m0=BZip2 -ms=off", "-m0=LZMA2",
            "-m0=PPMd", "-m0=BCJ -m1=LZMA", "-mx=0", "-mx=9",
        ]
    )
    func sevenZip(_ options: String) throws {
        let report = try packed("rm d/link d/hard && 7z a -bd \(options) out.7z d > log && mv out.7z out")
        #expect(report.state == .complete, "\(report.detail ?? "")")
        check(report.tally, directories: 2, files: 3, hardLinks: 0, special: 0)
        #expect(report.statedEntries == 5)
    }

    @Test("The count of a large 7z, and of one without entries", arguments: [0, 1, 700, 20_000])
    func sevenZipOfMany(_ count: Int) throws {
        let script = "mkdir m && cd m && seq \(count) | split -l 1 -a 4 - x && cd .. && 7z a -bd out.7z ./m/* > log"
        let folder = try ScratchFolder()
        try Program("bash", ["-ec", count == 0 ? "7z a -bd out.7z x > log || true" : script], in: folder.path)
        // 7-Zip writes no archive of nothing: its signature, and a directory of no bytes (7zFormat.txt).
        if count == 0 {
            let start = [UInt8](repeating: 0, count: 20)
            let crc = ZipBuilder.little(Int(ZipBuilder.Entry.crc32(start)), 4)
            try folder.write(Data([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4] + crc + start), to: "out.7z")
        }
        let report = try Reading(path: folder.file("out.7z")).report
        #expect(report.statedEntries == Int64(count))
        #expect(report.tally.files == count)
        #expect(report.state == .complete, "\(report.detail ?? "")")
        #expect(report.tally.isFinal)
    }

    @Test("A total that is not the number of entries is told, and the count is not final")
    func lyingTotal() throws {
        let entries = [ZipBuilder.Entry("a", [1]), ZipBuilder.Entry("b", [2])]
        for lie in [0, 1, 3, 0xfffe] {
            var bytes = ZipBuilder.zip(entries)
            bytes.replaceSubrange(bytes.count - 12..<bytes.count - 10, with: ZipBuilder.little(lie, 2))
            let reading = try Reading(bytes)
            #expect(reading.wholeNames == ["a", "b"])
            #expect(reading.report.state == .partial)
            #expect(reading.report.statedEntries == Int64(lie))
            #expect(reading.report.tally.files == 2)
            #expect(!reading.report.tally.isFinal)
        }
    }

    @Test("A folder that cannot be found is no member")
    func lostFolder() throws {
        var folder = ZipBuilder.Entry("d/", [])
        folder.offset = 7
        var twice = ZipBuilder.Entry("e/", [])
        twice.offset = 0
        let reading = try Reading(ZipBuilder.zip([ZipBuilder.Entry("a", noise(90)), folder, twice]))
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["a"])
        #expect(reading.entries.count == reading.report.tally.expectedRows)
    }

    @Test("A damaged file is counted and does not make the count less final")
    func damagedFile() throws {
        var bad = ZipBuilder.Entry("b", noise(50))
        bad.packed[7] ^= 1
        let tally = try Reading(ZipBuilder.zip([ZipBuilder.Entry("a", [1]), bad])).report.tally
        #expect(tally.files == 2)
        #expect(tally.damagedFiles == 1)
        #expect(tally.isFinal)
    }

    @Test("A limit, a cut, a lost directory and a damaged header leave the count open")
    func openCounts() throws {
        var tar = TarBuilder()
        for name in ["a", "b", "c"] { tar.file(name, noise(600)) }
        let limited = try Reading(tar.whole) { $0.limits.members = 2 }
        #expect(!limited.report.tally.isFinal)
        #expect(try !Reading(tar.bytes).report.tally.isFinal)
        var damaged = tar.whole
        damaged[1536 + 20] ^= 1
        #expect(try !Reading(damaged).report.tally.isFinal)
        let zip = ZipBuilder.zip([ZipBuilder.Entry("a", [1]), ZipBuilder.Entry("b", [2])])
        #expect(try !Reading(Array(zip.dropLast(30))).report.tally.isFinal)
        let packed = try gzip(tar.whole)
        #expect(try !Reading(Array(packed.dropLast(9))).report.tally.isFinal)
        #expect(try Reading(packed).report.tally.isFinal)
        #expect(try !Reading(Array("no archive".utf8)).report.tally.isFinal)
    }

    @Test("A member over the limit is refused, and counted so")
    func refused() throws {
        let entries = [ZipBuilder.Entry("a", [1]), ZipBuilder.Entry("b", noise(500))]
        let tally = try Reading(ZipBuilder.zip(entries)) { $0.limits.memberBytes = 100 }.report.tally
        #expect(tally.refusedFiles == 1)
        #expect(!tally.isFinal)
    }

    @Test("Nested archives add up: what was opened, what stands for itself, and how final it is")
    func nested() {
        var inner = ArchiveTally()
        inner.count(files: 3, directories: 1)
        var innermost = ArchiveTally()
        innermost.count(files: 2)
        // The innermost came out damaged and has a row of its own; the inner one is replaced by its content.
        inner.open(innermost, standsForEntry: false)
        var outer = ArchiveTally()
        outer.count(files: 5, directories: 2)
        outer.open(inner, standsForEntry: true)
        outer.refuseArchive()
        #expect(outer.entries == 5 + 2 + 3 + 1 + 2)
        #expect(outer.expectedRows == 5 + 3 + 2 - 1)
        #expect(outer.openedArchives == 2)
        #expect(outer.refusedArchives == 1)
        #expect(outer.isFinal)
        innermost.isFinal = false
        outer.open(innermost, standsForEntry: true)
        #expect(!outer.isFinal)
    }

    @Test("It is kept as JSON, key by key")
    func coding() throws {
        let report = try packed("tar cf out d")
        let data = try JSONEncoder().encode(report.tally)
        #expect(try JSONDecoder().decode(ArchiveTally.self, from: data) == report.tally)
    }
}

extension ArchiveTally {
    fileprivate mutating func count(files: Int, directories: Int = 0) {
        self.files += files
        self.directories += directories
    }
}
