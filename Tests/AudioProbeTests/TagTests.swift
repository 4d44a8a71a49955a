import AudioProbe
import Foundation
import Recordings
import Testing

/// Tags by their specifications.
enum Tag {
    static func id3v1(_ seed: UInt64 = 1) -> [UInt8] {
        var dice = Dice(seed)
        return Array("TAG".utf8) + dice.plainBytes(125)
    }

    /// Title, artist and album of sixty bytes each, speed, genre of thirty, two times of six.
    static let enhanced =
        Array("TAG+".utf8) + [UInt8](repeating: 0x41, count: 180) + [2] + [UInt8](repeating: 0x42, count: 30)
        + Array("000:00005:00".utf8)

    static func lyrics1(_ count: Int) -> [UInt8] {
        Array("LYRICSBEGIN".utf8) + (0..<count).map { UInt8(0x61 + $0 % 26) } + Array("LYRICSEND".utf8)
    }

    /// Fields of a name, five digits of length and content; six digits that count all but themselves and the mark.
    static func lyrics2(_ lyrics: Int) -> [UInt8] {
        func field(_ name: String, _ content: [UInt8]) -> [UInt8] {
            Array((name + String(format: "%05d", content.count)).utf8) + content
        }
        let body =
            Array("LYRICSBEGIN".utf8) + field("IND", Array("00".utf8))
            + field("LYR", (0..<lyrics).map { UInt8(0x61 + $0 % 26) }) + field("EAL", Array("An album".utf8))
        return body + Array(String(format: "%06d", body.count).utf8) + Array("LYRICS200".utf8)
    }

    /// - Parameter version: 1000 without a header, 2000 with one.
    static func ape(_ version: UInt64, items count: Int) -> [UInt8] {
        var dice = Dice(version)
        let figures = littleEndian(version, 4) + littleEndian(UInt64(count + 32), 4) + littleEndian(1, 4)
        let reserved = [UInt8](repeating: 0, count: 8)
        let mark = Array("APETAGEX".utf8)
        let hasHeader = version >= 2000
        let header = hasHeader ? mark + figures + littleEndian(0xA000_0000, 4) + reserved : []
        return header + dice.plainBytes(count) + mark + figures + littleEndian(hasHeader ? 0x8000_0000 : 0, 4)
            + reserved
    }

    /// ID3v2.4 with a footer, as it may be appended.
    static func id3v24(_ count: Int) -> [UInt8] {
        var dice = Dice(5)
        let figures: [UInt8] = [4, 0, 0x10, 0, 0, UInt8(count >> 7), UInt8(count & 0x7F)]
        return Array("ID3".utf8) + figures + dice.plainBytes(count) + Array("3DI".utf8) + figures
    }

    static let chains: [(name: String, bytes: [UInt8])] = [
        ("Lyrics3", lyrics1(700) + id3v1()),
        ("Lyrics3 of the longest", lyrics1(5100) + id3v1()),
        ("Lyrics3 without a word", lyrics1(0) + id3v1()),
        ("Lyrics3 v2", lyrics2(1200) + id3v1()),
        ("Lyrics3 v2, long", lyrics2(40_000) + id3v1()),
        ("Lyrics3 v2 alone", lyrics2(33)),
        ("enhanced", enhanced + id3v1()),
        ("APEv2 and enhanced", ape(2000, items: 90) + enhanced + id3v1()),
        ("APEv1", ape(1000, items: 70)),
        ("APEv1 and ID3v1", ape(1000, items: 70) + id3v1()),
        ("APEv2, Lyrics3 v2, ID3v1", ape(2000, items: 300) + lyrics2(50) + id3v1()),
        ("ID3v2.4 with a footer", id3v24(257)),
        ("ID3v2.4 with a footer, ID3v1", id3v24(100) + id3v1()),
    ]
}

@Suite("Tags after the audio")
struct TagTests {
    @Test("After MP3 frames they are no damage, in any chunks", arguments: Tag.chains.map(\.name))
    func mp3(name: String) throws {
        let tags = try #require(Tag.chains.first { $0.name == name }).bytes
        let file = telephoneFrames(20) + tags
        let found = findings(in: file)
        #expect(found.defects == [])
        #expect(found.audio?.durationMs == Int64(20 * 72))
        for size in [1, 3, 128, 1000] { #expect(findings(in: file, chunkSize: size) == found) }
    }

    @Test("After LAME's frames, whose checksum covers the music alone", arguments: Tag.chains.map(\.name))
    func lame(name: String) throws {
        let tags = try #require(Tag.chains.first { $0.name == name }).bytes
        let file = try Corpus.shared.get().file("c44-lame-cbr.mp3").bytes()
        #expect(findings(in: file + tags).defects == [])
    }

    /// APEv1 has no header that could be met before its items.
    @Test("After AAC and FLAC they are no damage", arguments: Tag.chains.map(\.name).filter { !$0.hasPrefix("APEv1") })
    func others(name: String) throws {
        let tags = try #require(Tag.chains.first { $0.name == name }).bytes
        for audio in ["c44-ff.aac", "a8-flac8.flac"] {
            let file = try Corpus.shared.get().file(audio).bytes() + tags
            let found = findings(in: file)
            #expect(found.defects == [], "\(audio)")
            #expect(findings(in: file, chunkSizes: [1, 50, 999]) == found)
        }
    }

    @Test("What a tagger writes is no damage", arguments: ["c44-lame-vbr.mp3", "a8-lame-telephone.mp3"])
    func written(name: String) throws {
        let file = try Corpus.shared.get().file(name)
        let copy = FileManager.default.temporaryDirectory
            .appendingPathComponent("dialvault-tag-\(ProcessInfo.processInfo.processIdentifier)-\(name)")
        defer { try? FileManager.default.removeItem(at: copy) }
        let arguments = [
            "-v", "error", "-nostdin", "-y", "-i", file.url.path, "-c", "copy", "-metadata", "title=Tagged",
        ]
        _ = try Tool.run("ffmpeg", arguments + ["-write_id3v1", "1", "-write_apetag", "1", copy.path])
        #expect(findings(in: [UInt8](try Data(contentsOf: copy))).defects == [])
    }

    @Test("A tag that is cut is truncated")
    func cut() {
        for count in [3, 60] {
            let file = telephoneFrames(20) + Tag.id3v24(257).dropLast(count)
            #expect(findings(in: file).kinds == [.truncated])
        }
    }

    @Test("What only begins like a tag is garbage")
    func fake() {
        for text in ["LYRICSBEGINand so on", "LYRICSBEGININD00002xx000001LYRICS200", "APETAGEX", "3DI"] {
            let found = findings(in: telephoneFrames(20) + Array((text + String(repeating: ".", count: 400)).utf8))
            #expect(found.kinds == [.trailingGarbage], "\(text): \(found)")
        }
    }

    @Test("A frame that is cut before tags is lost, and the tags are not")
    func cutFrame() {
        for tags in [Tag.lyrics2(300) + Tag.id3v1(), Tag.enhanced + Tag.id3v1(), Tag.id3v1()] {
            let found = findings(in: telephoneFrames(20).dropLast(100) + tags)
            #expect(found.kinds == [.lostSync], "\(found)")
            #expect(found.defects.first?.detail == "116 bytes at byte \(19 * 216)")
        }
    }
}
