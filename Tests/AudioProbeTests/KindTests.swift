import AudioProbe
import Foundation
import Recordings
import Testing

/// Whether a file that does not play may be a recording.
@Suite("What a file is that does not play")
struct KindTests {
    private static func made(_ arguments: [String], _ ending: String) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("dialvault-kind-\(UUID().uuidString).\(ending)")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try Tool.run(arguments[0], Array(arguments.dropFirst()) + [file.path])
        return [UInt8](try Data(contentsOf: file))
    }

    @Test(
        "Audio that is not read is recognised as such",
        arguments: [
            ("webm", "libopus", "a WebM file"), ("mka", "flac", "a Matroska file"),
            ("wma", "wmav2", "a Windows Media file"),
            ("avi", "pcm_s16le", "an AVI video"), ("tta", "tta", "True Audio"), ("wv", "wavpack", "WavPack audio"),
            ("ac3", "ac3", "AC-3 audio"), ("eac3", "eac3", "AC-3 audio"), ("voc", "pcm_u8", "a Creative Voice file"),
            ("rm", "ac3", "a RealMedia file"), ("ts", "mp2", "an MPEG transport stream"),
            ("mpg", "mp2", "an MPEG programme stream"), ("flv", "libmp3lame", "a Flash video"),
            ("latm", "aac", "AAC in LATM frames"),
        ]
    )
    func unread(ending: String, codec: String, name: String) throws {
        let source = try Corpus.shared.get().file("f48-ff-s16.wav").url.path
        let file = try Self.made(
            [
                "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, "-ar",
                codec == "libmp3lame" ? "44100" : "48000", "-strict", "-2", "-c:a", codec,
            ],
            ending
        )
        let found = findings(in: file)
        #expect(found.kind == .unsupportedAudio)
        #expect(found.recognisedAs == "\(name), which is not read")
        #expect(findings(in: file, chunkSizes: [1, 100]) == found)
        #expect(findings(in: Array(file.prefix(1100))).kind == .unsupportedAudio)
    }

    @Test(
        "Audio that SoX writes and nobody reads",
        arguments: ["8svx", "sph", "maud", "ircam", "pvf", "smp", "paf", "wve", "avr"]
    )
    func soxes(ending: String) throws {
        let source = try Corpus.shared.get().file("a8-ff-s16.wav").url.path
        #expect(findings(in: try Self.made(["sox", source, "-r", "8000"], ending)).kind == .unsupportedAudio)
    }

    @Test(
        "Audio without a mark is never known not to be audio",
        arguments: ["al", "ul", "sln", "gsm", "vox", "raw", "ima", "la", "lu"]
    )
    func headerless(ending: String) throws {
        for input in ["a8", "g8", "b16"] {
            let source = try Corpus.shared.get().file("\(input)-ff-s16.wav").url.path
            let file = try Self.made(["sox", source, "-r", "8000", "-c", "1"], ending)
            #expect(findings(in: file).kind == .unrecognised, "\(input): \(findings(in: file))")
        }
    }

    /// Levels about silence are letters in A-law: 0x55 and 0xD5 are `U` and `Õ`.
    @Test("Quiet A-law and µ-law are not text, from one byte to many", arguments: [1, 2, 63, 64, 100, 5000])
    func quiet(count: Int) {
        var dice = Dice(4)
        for codes in [
            [0x55], [0xD5], [0x55, 0xD5], [0x54, 0x55, 0xD5, 0xD4], Array(0x50...0x57) + Array(0xD0...0xD7), [0xFF],
            [0xFF, 0x7F], [0xFF, 0xFE],
        ]
            as [[UInt8]]
        {
            let file = (0..<count).map { _ in codes.randomElement(using: &dice) ?? 0 }
            let kind = findings(in: file).kind
            // A few letters are a text.
            #expect(kind != .notAudio || (count < 64 && file.allSatisfy { $0 < 0x7F }), "\(codes)")
        }
    }

    @Test("Nothing, zeros and random bytes are not recognised", arguments: 0..<30)
    func nothing(seed: UInt64) {
        var dice = Dice(seed)
        let noise = (0..<Int.random(in: 1...3000, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
        #expect(findings(in: noise).kind == .unrecognised)
        #expect(findings(in: [UInt8](repeating: 0, count: 1 + Int(seed) * 100)).kind == .unrecognised)
        #expect(findings(in: []) == AudioFindings(audio: nil, recognisedAs: "empty", kind: .unrecognised))
    }

    @Test(
        "A broken file of a format that is read stays rejected audio",
        arguments: [
            ("d8-ff-s16.wav", 44), ("d8-ff.w64", 104), ("d8-ff.aiff", 54), ("d8-ff.caf", 100), ("d8-ff.m4a", 40),
            ("d8-flac8.flac", 42), ("d8-ff.au", 24), ("d8-oggenc2.ogg", 60),
        ]
    )
    func broken(name: String, length: Int) throws {
        let found = findings(in: Array(try Corpus.shared.get().file(name).bytes().prefix(length)))
        #expect(found.kind == .brokenAudio, "\(found)")
        #expect(found.verdict == .rejected)
    }

    @Test("An MP3's tags without its audio are broken audio, whatever follows")
    func tagged() {
        for rest in [[], Array("<html><body>Not found</body></html>".utf8), [UInt8](repeating: 0, count: 500)] {
            #expect(findings(in: Tag.id3v24(40) + rest).kind == .brokenAudio)
        }
    }

    @Test("Text is what is text to its end")
    func text() {
        let page = Array("<!DOCTYPE html><html><body>Gateway timeout</body></html>\n".utf8)
        #expect(findings(in: page).kind == .notAudio)
        let long = Array(String(repeating: "one,two,three\n", count: 3000).utf8)
        #expect(findings(in: long) == AudioFindings(audio: nil, recognisedAs: "a CSV table", kind: .notAudio))
        for byte in [0, 1, 0x0E, 0x7F, 0x1F] as [UInt8] {
            var binary = long
            binary[30_000] = byte
            #expect(findings(in: binary).kind == .unrecognised)
        }
        #expect(
            findings(
                in: Array("Gr".utf8) + [0xFC, 0xDF] + Array("e aus K".utf8) + [0xF6]
                    + Array("ln, sagt der Anrufer\n".utf8)
            ).kind == .notAudio
        )
        #expect(findings(in: page + (0..<2000).map { UInt8(truncatingIfNeeded: $0 * 37) }).kind == .unrecognised)
    }

    @Test("UTF-16 is text where its units are, and not by its mark")
    func utf16() {
        func encoded(_ text: String, isBig: Bool) -> [UInt8] {
            ([0xFEFF] + Array(text.utf16)).flatMap { isBig ? bigEndian(UInt64($0), 2) : littleEndian(UInt64($0), 2) }
        }
        for isBig in [false, true] {
            let table = encoded(String(repeating: "Datei;Größe\r\na.mp3;17\r\n", count: 500), isBig: isBig)
            #expect(findings(in: table) == AudioFindings(audio: nil, recognisedAs: "a CSV table", kind: .notAudio))
            #expect(findings(in: table, chunkSizes: [1, 3]).kind == .notAudio)
            #expect(findings(in: Array(table.prefix(2))).kind == .unrecognised)
        }
        var dice = Dice(6)
        let quiet = [0xFF, 0xFE] + (0..<4000).map { _ in UInt8.random(in: 0xF0...0xFF, using: &dice) }
        #expect(findings(in: quiet).kind != .notAudio)
        #expect(findings(in: [0xFF, 0xFE] + dice.plainBytes(4000)).kind != .notAudio)
    }

    @Test(
        "Text that wraps other data may wrap a recording",
        arguments: [
            "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", "begin 644 call.wav\nM4DE&1B0\n`\nend\n",
            "From: pbx@example.com\nSubject: Voicemail\nMIME-Version: 1.0\nContent-Type: multipart/mixed\n\nhello\n",
            #"{"audio":"data:audio/wav;base64,UklGRg=="}"#,
            String(repeating: "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAAb", count: 30),
        ]
    )
    func wrapped(text: String) { #expect(findings(in: Array(text.utf8)).kind == .archive) }

    @Test(
        "Lists of names and numbers are text",
        arguments: [
            (0..<400).map { "49301234\($0)" }.joined(separator: "\n"), "[.ShellClassInfo]\r\nIconFile=x.ico\r\n",
            "MAC address;agent\n00:11;7\n", "ADIF Export\n", "The wide road\n", "RIFF is a format\n", "OK", "0\n",
        ]
    )
    func lists(text: String) { #expect(findings(in: Array(text.utf8)).kind == .notAudio, "\(text.prefix(20))") }
}

@Suite("Files of operating systems and office programs")
struct SystemFileTests {
    /// As macOS writes it beside a file: version 2, its home, two entries (RFC 1740, appendix B).
    static func apple(_ mark: UInt64, entries: [(id: UInt64, bytes: [UInt8])]) -> [UInt8] {
        var offset = UInt64(26 + 12 * entries.count)
        var table: [UInt8] = []
        for entry in entries {
            table += bigEndian(entry.id, 4) + bigEndian(offset, 4) + bigEndian(UInt64(entry.bytes.count), 4)
            offset += UInt64(entry.bytes.count)
        }
        return bigEndian(mark, 4) + bigEndian(0x0002_0000, 4) + Array("Mac OS X        ".utf8)
            + bigEndian(UInt64(entries.count), 2) + table + entries.flatMap(\.bytes)
    }

    @Test("AppleDouble is a system's file, whatever it is beside")
    func appleDouble() {
        let finder = [UInt8](repeating: 0, count: 32) + Array("ATTR".utf8) + [UInt8](repeating: 7, count: 3000)
        let file = Self.apple(0x0005_1607, entries: [(9, finder), (2, [UInt8](repeating: 1, count: 286))])
        let found = findings(in: file)
        #expect(found == AudioFindings(audio: nil, recognisedAs: "an AppleDouble file", kind: .systemFile))
        #expect(findings(in: file, chunkSize: 1) == found)
        // A resource fork may hold what looks like frames.
        let music = Self.apple(0x0005_1607, entries: [(9, finder), (2, telephoneFrames(30))])
        #expect(findings(in: music).kind == .systemFile)
        #expect(findings(in: Array(file.prefix(60))).kind == .systemFile)
    }

    @Test("AppleSingle holds the file itself, and that may be audio")
    func appleSingle() {
        let found = findings(
            in: Self.apple(0x0005_1600, entries: [(9, [UInt8](repeating: 0, count: 32)), (1, telephoneFrames(30))])
        )
        #expect(found.audio?.durationMs == Int64(30 * 72))
        let unknown = Self.apple(0x0005_1600, entries: [(9, [0]), (1, [UInt8](repeating: 9, count: 50))])
        #expect(findings(in: unknown).kind == .unrecognised)
        #expect(findings(in: Self.apple(0x0005_1600, entries: [(9, [0, 1])])).kind == .systemFile)
    }

    @Test("A .DS_Store is a system's file")
    func dsStore() {
        let file = [0, 0, 0, 1] + Array("Bud1".utf8) + [UInt8](repeating: 3, count: 6000)
        #expect(findings(in: file).kind == .systemFile)
    }

    @Test(
        "An office document is one, and an archive is none",
        arguments: [
            "[Content_Types].xml", "xl/worksheets/sheet1.xml", "docProps/app.xml", "mimetype", "a.wav", "xl/call.mp3",
            "word/call.xml",
        ]
    )
    func office(name: String) throws {
        let script = """
            import sys, io, zipfile
            out = io.BytesIO()
            with zipfile.ZipFile(out, 'w') as archive:
                archive.writestr(sys.argv[1], 'application/vnd.oasis.opendocument.spreadsheet')
                archive.writestr('other.xml', '<a/>' * 500)
            sys.stdout.buffer.write(out.getvalue())
            """
        let file = [UInt8](try Tool.run("python3", ["-c", script, name]))
        let isOffice = !["a.wav", "xl/call.mp3", "word/call.xml"].contains(name)
        #expect(findings(in: file).kind == (isOffice ? .notAudio : .archive))
        #expect(file.withUnsafeBytes { OfficeDocument.begins($0) } == isOffice)
    }

    @Test(
        "What ImageMagick's kin and others write is known not to be audio",
        arguments: ["png", "jpg", "bmp", "gif", "tiff", "webp"]
    )
    func images(ending: String) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "dialvault-image-\(UUID().uuidString).\(ending)"
        )
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try Tool.run(
            "ffmpeg",
            ["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=64x48", "-frames:v", "1", file.path]
        )
        let bytes = [UInt8](try Data(contentsOf: file))
        #expect(findings(in: bytes).kind == .notAudio)
        #expect(findings(in: bytes, chunkSizes: [1, 30]).kind == .notAudio)
    }

    @Test("A database is known not to be audio")
    func database() throws {
        let script = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table t(a)'); c.commit()"
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dialvault-\(UUID().uuidString).db")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try Tool.run("python3", ["-c", script, file.path])
        #expect(findings(in: [UInt8](try Data(contentsOf: file))).kind == .notAudio)
        #expect(findings(in: [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/bin/sh")))).kind == .notAudio)
        let thumbs = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 2000)
        #expect(findings(in: thumbs).kind == .notAudio)
    }
}

@Suite("Which kinds settle")
struct SettlingTests {
    @Test(
        "Only what is known to be something else, and is not there in place of audio",
        arguments: AudioFindings.Kind.allCases
    )
    func kinds(kind: AudioFindings.Kind) {
        let audio = kind == .audio ? AudioFacts(container: "wav", codec: "pcm_s16le") : nil
        let found = AudioFindings(audio: audio, kind: kind)
        #expect(found.isKnownNotToBeRecording(isNamedAsAudio: false) == [.notAudio, .systemFile].contains(kind))
        #expect(found.isKnownNotToBeRecording(isNamedAsAudio: true) == (kind == .systemFile))
    }
}

@Suite("The kind in stored rows")
struct KindCodingTests {
    @Test("A row that does not say is not recognised; one that says is read back")
    func rows() throws {
        let old = #"{"defects":[],"recognised_as":"plain text"}"#
        #expect(try JSONDecoder().decode(AudioFindings.self, from: Data(old.utf8)).kind == .unrecognised)
        for kind in AudioFindings.Kind.allCases where kind != .audio {
            let findings = AudioFindings(audio: nil, recognisedAs: "x", kind: kind)
            let member = Member(index: 0, name: "a", content: .file(findings))
            let line = try JSONLines.line(member)
            #expect(try JSONLines.decode(Member.self, from: line, origin: "test") == [member])
            #expect(try JSONDecoder().decode(Member.self, from: line) == member)
        }
        let playing = AudioFindings(audio: AudioFacts(container: "wav", codec: "pcm_s16le"), kind: .notAudio)
        #expect(playing.kind == .audio)
        #expect(!String(decoding: try JSONEncoder().encode(playing), as: UTF8.self).contains("kind"))
    }
}
