import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Formats, by content")
struct FormatTests {
    private let content = noise(40_000, seed: 4)

    private func packed(_ command: String) throws -> Reading {
        let folder = try ScratchFolder()
        try folder.write(Data(content), to: "d/a.mp3")
        try folder.write("id,file\n1,a.mp3\n", to: "d/list.csv")
        let run = try Program("sh", ["-c", command], in: folder.path)
        #expect(run.status == 0, "\(run.errors)")
        return try Reading(path: folder.file("out"))
    }

    @Test(
        "Every compression around a tar is undone",
        arguments: [
            ("gzip", "gzip"), ("bzip2", "bzip2"), ("xz", "xz"), ("zstd", "zstd -q"), ("lz4", "lz4 -q"),
        ]
    )
    func filters(_ name: String, _ program: String) throws {
        let reading = try packed("tar -cf - d | \(program) -c > out")
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.report.filters == [name])
        #expect(reading.bytes(of: "d/a.mp3") == content)
    }

    @Test("The compression of compress(1) is undone")
    func compress() throws {
        let reading = try packed("bsdtar -Zcf out d")
        #expect(reading.report.filters == ["compress"])
        #expect(reading.bytes(of: "d/a.mp3") == content)
    }

    @Test("7z is read, solid and not", arguments: ["-ms=on", "-ms=off", "-m0=BZip2", "-m0=Deflate"])
    func sevenZip(_ option: String) throws {
        let reading = try packed("7z a -bd -t7z \(option) out.7z d > /dev/null && mv out.7z out")
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.report.format == "7z")
        #expect(reading.bytes(of: "d/a.mp3") == content)
    }

    @Test("A damaged byte in a 7z damages its member, and says so")
    func damagedSevenZip() throws {
        // Stored data stands behind the 32 bytes of the signature header (7zFormat.txt).
        let reading = try packed(
            "7z a -bd -t7z -mx=0 out.7z d > /dev/null && printf 'X' | dd of=out.7z bs=1 seek=100 conv=notrunc && mv out.7z out"
        )
        #expect(reading.report.state == .partial)
        #expect(!reading.wholeNames.contains("d/a.mp3"))
    }

    @Test("A cabinet is read")
    func cabinet() throws {
        // Stored, one folder, one file (MS-CAB, sections 2.1 to 2.5).
        let data = Array(content.prefix(1000))
        let little = ZipBuilder.little
        var file = little(data.count, 4) + little(0, 4) + little(0, 2)
        file += little(0x4c85, 2) + little(0x4129, 2) + little(0x20, 2) + Array("a.mp3\0".utf8)
        let fileStart = 36 + 8
        let dataStart = fileStart + file.count
        let block = little(0, 4) + little(data.count, 2) + little(data.count, 2) + data
        var bytes = Array("MSCF".utf8) + little(0, 4) + little(dataStart + block.count, 4) + little(0, 4)
        bytes += little(fileStart, 4) + little(0, 4) + [3, 1] + little(1, 2) + little(1, 2) + little(0, 2)
        bytes += little(0, 2) + little(0, 2)
        bytes += little(dataStart, 4) + little(1, 2) + little(0, 2)
        let reading = try Reading(bytes + file + block)
        #expect(reading.report.format == "cab")
        #expect(reading.bytes(of: "a.mp3") == data)
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
    }

    @Test("Damage in the middle of a compression makes every member suspect", arguments: ["bzip2", "xz", "zstd -q"])
    func damagedFilter(_ program: String) throws {
        let reading = try packed(
            "tar -cf - d | \(program) -c > out && printf 'XXXX' | dd of=out bs=1 seek=20000 conv=notrunc"
        )
        #expect(reading.report.state != .complete)
        #expect(reading.report.isSuspect)
    }

    @Test("Data behind a compression's end does not go unseen", arguments: ["bzip2", "lz4 -q"])
    func brokenSecondStream(_ program: String) throws {
        let reading = try packed(
            "tar -cf - d | \(program) -c > out && tar -cf - d | \(program) -c | tail -c +3 >> out"
        )
        #expect(reading.report.state == .partial, "\(reading.report)")
        #expect(reading.wholeNames.contains("d/a.mp3"))
    }

    @Test(
        "What is no archive is named",
        arguments: [
            ("", "the file is empty"), ("  <html><body>404", "it is an HTML page, no archive"),
            ("%PDF-1.7", "it is a PDF, no archive"), ("{\"error\":1}", "it is a JSON document, no archive"),
            ("<?xml version=\"1.0\"?><Error><Code>NoSuchKey", "it is an XML error message, no archive"),
            ("Rar!\u{1a}\u{7}\u{1}", "it is a RAR archive, which is not read (limits.allow_rar is off)"),
            ("Not found\n", "it is a text file, no archive"),
            ("RIFF....WAVEfmt ", "it is a RIFF file, as WAV audio is, no archive"),
            ("\u{1}\u{2}\u{3}\u{4}", "it is no archive that is known"),
        ]
    )
    func named(_ text: String, _ detail: String) throws {
        let reading = try Reading(Array(text.utf8))
        #expect(reading.report.state == .unreadable)
        #expect(reading.report.detail == detail)
        #expect(reading.report.isNoArchive)
    }

    @Test("A file that is not there is a failure, not an archive")
    func missing() {
        #expect(throws: Failure.self) { try Reading(path: "/nonexistent/archive") }
    }

    @Test("A sink that fails ends the reading with its own failure", arguments: ["tar", "zip"])
    func failingSink(_ format: String) throws {
        let folder = try ScratchFolder()
        var tar = TarBuilder()
        for index in 0..<20 { tar.file("\(index)", noise(5000)) }
        let zip = ZipBuilder.zip((0..<20).map { ZipBuilder.Entry("\($0)", noise(5000)) })
        let path = try folder.write(Data(format == "tar" ? tar.whole : zip), to: "archive")
        let failure = #expect(throws: Failure.self) {
            try ArchiveReader().read(path, into: Collected(failsAt: 7))
        }
        #expect(failure?.code == .diskFull)
    }
}
