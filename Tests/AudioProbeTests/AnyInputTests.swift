import AudioProbe
import Foundation
import Recordings
import Testing

@Suite("Any input")
struct AnyInputTests {
    /// Bytes that keep a search busy: what looks like the start of something, over and over.
    static let hostile: [(name: String, pattern: [UInt8])] = [
        ("one value", [0xFF]),
        ("frame headers", [0xFF, 0xFB, 0x90, 0x64]),
        ("free-format headers", [0xFF, 0xFB, 0x00, 0x00]),
        ("free-format headers apart", [0xFF, 0xE3, 0x08, 0xC0] + [UInt8](repeating: 0x55, count: 29)),
        ("marks of Ogg pages", Array("OggS".utf8) + [0, 0]),
        ("marks of everything", Array("RIFFOggSfLaCTAGID3APETAGEX.snd#!AMR".utf8)),
        ("headers of RIFF", Array("RIFF\0\0\0\0WAVEdata".utf8)),
        ("tags", Array("TAG".utf8)),
        ("types of AMR frames", [0x3C, 0x04, 0x80]),
        ("headers of FLAC frames", [0xFF, 0xF8, 0xC9, 0x08]),
        ("headers of ADTS frames", [0xFF, 0xF1, 0x6C, 0x40, 0x01, 0x1F, 0xFC, 0x21, 0x00]),
        ("ADTS headers in a long frame", [0xFF, 0xF1, 0x6C, 0x43, 0xFF, 0xE0, 0xFC]),
        ("beginnings of Lyrics3 tags", Array("LYRICSBEGIN".utf8)),
        ("beginnings of Lyrics3 v2 tags", Array("LYRICSBEGINAAA00011".utf8)),
        ("fields of Lyrics3 v2 tags", Array("LYRICSBEGININD00000".utf8) + Array("LYR00000".utf8)),
        ("headers of chunks", Array("FORM\0\0\0\0AIFFcaff\0\u{1}\0\0descSSND".utf8)),
    ]

    /// Files whose beginning is right, so that the walk of their format gets to see what follows.
    static let openings: [(name: String, bytes: [UInt8])] = [
        ("nothing", []),
        ("MP3", telephoneFrames(4)),
        ("MP3 in WAV", wave(tag: 0x55, bits: 8, dataSize: 0xFFFF_FFFF, telephoneFrames(2))),
        ("AMR", Array("#!AMR\n".utf8)),
        ("AIFF", Array("FORM\0\0\0\0AIFF".utf8)),
        ("CAF", Array("caff\0\u{1}\0\0desc\0\0\0\0\0\0\0\0".utf8)),
        ("ADTS", (0..<3).flatMap { _ in [0xFF, 0xF1, 0x6C, 0x40, 0x01, 0x1F, 0xFC, 0x21, 0x00] }),
        ("text", Array("a,b,c\n1,2,3\n".utf8)),
        (
            "FLAC",
            Array("fLaC".utf8) + [0x80, 0, 0, 34, 0x10, 0, 0x10, 0] + [UInt8](repeating: 0, count: 6)
                + [0x01, 0xF4, 0x00, 0xF0, 0, 0, 0, 0] + [UInt8](repeating: 7, count: 16)
        ),
        (
            "Ogg",
            Array("OggS".utf8) + [0, 2] + [UInt8](repeating: 0, count: 20) + [255]
                + [UInt8](repeating: 255, count: 255)
        ),
    ]

    @Test("Time grows no faster than the input", arguments: hostile.map(\.name))
    func linear(name: String) throws {
        let pattern = try #require(Self.hostile.first { $0.name == name }).pattern
        for opening in Self.openings {
            func file(_ count: Int) -> [UInt8] {
                opening.bytes + (0..<count / pattern.count).flatMap { _ in pattern }
            }
            let small = file(40_000)
            let large = file(320_000)
            let short = processorSeconds { _ = findings(in: small) }
            let long = processorSeconds { _ = findings(in: large) }
            // Eight times the input; what takes quadratic time would take 64 times as long.
            #expect(long < short * 32 + 0.1, "\(opening.name): \(short), \(long)")
        }
    }

    @Test("A file that was altered at random is probed without harm, the same in any chunks", arguments: 0..<12)
    func altered(seed: UInt64) throws {
        var dice = Dice(seed)
        let files = try Corpus.shared.get().files
        for _ in 0..<25 {
            let file = try #require(files.randomElement(using: &dice))
            var bytes = Array(try file.bytes().prefix(20_000))
            for _ in 0..<Int.random(in: 1...12, using: &dice) {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
                case 1:
                    bytes.removeSubrange(place..<min(place + Int.random(in: 1...400, using: &dice), bytes.count - 1))
                case 2: bytes.insert(contentsOf: dice.plainBytes(50), at: place)
                default:
                    // The beginnings of files are where most is decided.
                    bytes[place % min(64, bytes.count)] ^= 1 << UInt8.random(in: 0...7, using: &dice)
                }
            }
            let sizes = (0..<7).map { _ in Int.random(in: 1...3000, using: &dice) }
            let whole = findings(in: bytes, chunkSize: bytes.count)
            #expect(findings(in: bytes, chunkSizes: sizes) == whole, "\(file.name), seed \(seed)")
            #expect(findings(in: bytes, chunkSizes: [1, 2, 3]) == whole, "\(file.name), seed \(seed)")
        }
    }
}

/// What this thread spends on `work`; what else the machine does does not count.
private func processorSeconds(_ work: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    work()
    return now() - start
}
