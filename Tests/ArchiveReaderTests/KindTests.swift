import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Kinds of archives")
struct KindTests {
    private func kind(_ bytes: [UInt8]) throws -> ArchiveKind? {
        let folder = try ScratchFolder()
        let path = try folder.write(Data(bytes), to: "file")
        return try ArchiveReader.kindOfArchive(at: path, head: Array(bytes.prefix(ArchiveReader.kindBytes)))
    }

    private func zip(_ names: [String], first: ZipBuilder.Entry? = nil) -> [UInt8] {
        ZipBuilder.zip([first].compactMap(\.self) + names.map { ZipBuilder.Entry($0, Array($0.utf8)) })
    }

    private func mimetype(_ type: String) -> ZipBuilder.Entry { ZipBuilder.Entry("mimetype", Array(type.utf8)) }

    @Test("Documents, books and programs are told from archives, whatever comes first in them")
    func documents() throws {
        // As Excel writes it, and as openpyxl does.
        let parts = ["docProps/app.xml", "xl/workbook.xml", "_rels/.rels"]
        #expect(try kind(zip(["[Content_Types].xml"] + parts)) == .document(.officeOpenXML))
        #expect(try kind(zip(parts + ["[Content_Types].xml"])) == .document(.officeOpenXML))
        // A presentation with a sound in it.
        let talk = ["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml", "ppt/media/media1.wav"]
        #expect(try kind(zip(talk)) == .document(.officeOpenXML))
        let text = mimetype("application/vnd.oasis.opendocument.spreadsheet")
        #expect(try kind(zip(["content.xml"], first: text)) == .document(.openDocument))
        let book = mimetype("application/epub+zip")
        #expect(try kind(zip(["META-INF/container.xml"], first: book)) == .document(.epub))
        #expect(try kind(zip(["x.svg"], first: mimetype("application/x-krita"))) == .document(.typed))
        #expect(try kind(zip(["META-INF/MANIFEST.MF", "a/B.class", "ring.wav"])) == .document(.javaArchive))
        #expect(
            try kind(zip(["AndroidManifest.xml", "classes.dex", "res/raw/ring.mp3"])) == .document(.androidPackage)
        )
    }

    @Test("An archive of recordings is one, whatever stands beside them")
    func recordings() throws {
        // System.IO.Packaging puts a list of content types into every zip it makes, and jar(1) a manifest.
        #expect(try kind(zip(["[Content_Types].xml", "20180405-081109_1.wav"])) == .zip)
        #expect(try kind(zip(["[Content_Types].xml", "_rels/.rels", "20180405-081109_1.wav"])) == .zip)
        #expect(try kind(zip(["META-INF/MANIFEST.MF", "a.mp3", "b.mp3"])) == .zip)
        #expect(try kind(zip(["a.MP3"], first: mimetype("application/epub+zip"))) == .zip)
        #expect(try kind(zip(["site.zip"], first: mimetype("application/epub+zip"))) == .zip)
        #expect(try kind(zip(["a.txt", "mimetype"])) == .zip)
        #expect(try kind(zip(["a.txt"], first: mimetype("a folder of types"))) == .zip)
        #expect(try kind(zip(["[Content_Types].xml"])) == .zip)
        #expect(try kind(zip([])) == nil || kind(zip([])) == .zip)
    }

    @Test("A document in the place of an archive is named, and nothing of it handed on")
    func delivered() throws {
        let reading = try Reading(zip(["[Content_Types].xml", "_rels/.rels", "word/document.xml"]))
        #expect(reading.report.state == .unreadable)
        #expect(reading.report.isNoArchive)
        #expect(reading.report.detail == "it is an Office Open XML document, not an archive")
        #expect(reading.entries.isEmpty)
    }

    @Test(
        "What other programs pack is known by its first bytes",
        arguments: [
            ("gzip -c", ArchiveKind.compressed(.gzip)), ("bzip2 -c", .compressed(.bzip2)), ("xz -c", .compressed(.xz)),
            ("zstd -qc", .compressed(.zstd)), ("lz4 -qc", .compressed(.lz4)), ("tar -cf - --null -T", .tar),
        ]
    )
    func packers(_ command: String, _ expected: ArchiveKind) throws {
        let folder = try ScratchFolder()
        try folder.write(Data(noise(3000)), to: "a")
        let script = expected == .tar ? "tar -cf - a" : "\(command) < a"
        let run = try Program("sh", ["-c", script], in: folder.path)
        let head = Array(run.output.prefix(ArchiveReader.kindBytes))
        #expect(ArchiveReader.kindOfArchive(head: head) == expected)
        #expect(expected.isCompressed == (expected != .tar))
    }

    @Test("An empty bzip2 file is one; audio without a header that begins as a compressed file does is none")
    func lookalikes() throws {
        let empty = try output(of: "bzip2", ["-c"], input: [])
        #expect(ArchiveReader.kindOfArchive(head: empty) == .compressed(.bzip2))
        for start: [UInt8] in [[0x1f, 0x8b], [0x1f, 0x8b, 8, 0xff], [0x1f, 0x9d, 0xff], Array("BZh9".utf8)] {
            #expect(ArchiveReader.kindOfArchive(head: start + [UInt8](repeating: 0x7e, count: 508)) == nil, "\(start)")
        }
    }

    @Test("Kinds are described in words, and the description decides nothing")
    func words() {
        #expect("\(ArchiveKind.compressed(.gzip))" == "a gzip file")
        #expect("\(ArchiveKind.document(.epub))" == "an EPUB book")
        #expect("\(ArchiveKind.sevenZip)" == "a 7z archive")
    }
}
