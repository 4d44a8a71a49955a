import AudioProbe
import Recordings
import Testing

@Suite("Files that are no audio")
struct OtherFileTests {
    @Test(
        "Text of every kind is named",
        arguments: [
            ("<!DOCTYPE html><html><body>Not found</body></html>", "an HTML page"),
            ("\n  <HTML><head></head></HTML>", "an HTML page"),
            ("<br />\n<b>Warning</b>: fopen failed", "an HTML page"),
            (#"{"error":"not_found"}"#, "a JSON document"),
            ("[1,2,3]", "a JSON document"),
            ("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", "an XML document"),
            ("file,start,agent\na.mp3,2018-04-05,77\nb.mp3,2018-04-05,78\n", "a CSV table"),
            ("a;b\n1;2\n", "a CSV table"),
            ("Hello, this is a note.\nIt has lines.\n", "plain text"),
            ("Grüße aus Köln", "plain text"),
        ]
    )
    func text(content: String, name: String) {
        let found = findings(in: Array(content.utf8))
        #expect(found.recognisedAs == name)
        #expect(found.verdict == .rejected)
    }

    @Test(
        "Documents, images and archives are named by their marks",
        arguments: [
            (Array("%PDF-1.4\n".utf8), "a PDF document"),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "a PNG image"),
            ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF\0".utf8), "a JPEG image"),
            (Array("GIF89a".utf8), "a GIF image"),
            (Array("PK\u{3}\u{4}".utf8) + [20, 0], "a ZIP archive"),
            ([0x1F, 0x8B, 0x08, 0, 0, 0], "a gzip archive"),
            ([UInt8](repeating: 0x61, count: 257) + Array("ustar\000".utf8), "a tar archive"),
        ] as [([UInt8], String)]
    )
    func binary(mark: [UInt8], name: String) {
        var dice = Dice(5)
        #expect(findings(in: mark + dice.plainBytes(5000)).recognisedAs == name)
        #expect(findings(in: mark + dice.plainBytes(5000), chunkSize: 1).recognisedAs == name)
    }

    @Test("Nothing, and nothing but zeros, is said")
    func nothing() {
        #expect(findings(in: []).recognisedAs == "empty")
        #expect(findings(in: [UInt8](repeating: 0, count: 100_000)).recognisedAs == "only zeros")
    }

    @Test("A tag without audio is said")
    func tagOnly() {
        let tag = Array("ID3".utf8) + [3, 0, 0, 0, 0, 0, 20] + [UInt8](repeating: 0, count: 20)
        #expect(findings(in: tag).recognisedAs == "an ID3v2 tag and nothing else")
    }

    @Test("Audio behind an error message is found")
    func audioBehindText() {
        let found = findings(in: Array("<br /><b>Warning</b>: headers sent".utf8) + telephoneFrames(20))
        #expect(found.kinds == [.leadingGarbage])
        #expect(found.audio?.codec == "mp3")
    }

    @Test("Bytes without meaning are not called audio", arguments: 0..<20)
    func noise(seed: UInt64) {
        var dice = Dice(seed)
        let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &dice) }
        #expect(findings(in: bytes).audio == nil)
    }
}
