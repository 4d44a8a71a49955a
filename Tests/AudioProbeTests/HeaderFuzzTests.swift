import AudioProbe
import Foundation
import Recordings
import Testing

/// Numbers of headers that no file has, where every walk reads them.
@Suite("Headers with any numbers")
struct HeaderFuzzTests {
    /// A file of each format, and how much of its front is header.
    static let files = [
        "d8-ff-s16.wav", "a8-ff-ms.wav", "c44-ff-rf64.wav", "d8-sox-rifx.wav", "d8-ff.w64", "a8-ff.aiff",
        "a8-ff-ima.aifc",
        "d8-ff.caf", "a8-ff-alac.caf", "a8-ff.aac", "a8-ff.au", "a8-ff.flac", "a8-ff.opus", "a8-oggenc2.ogg",
        "a8-speexenc.spx", "a8-ff-fast.m4a", "a8-lame-cbr.mp3", "a8-ff-id3v1.mp3",
    ]

    static let numbers: [UInt64] = [
        0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFE, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
        .max - 7, 0x2000_0000_0000_0000, 0x3FFF_FFFF_FFFF_FFFF, 0x4000_0000_0000_0000,
    ]

    @Test("A number of two, four or eight bytes at any place traps nothing", arguments: files)
    func numbers(name: String) throws {
        let file = Array(try Corpus.shared.get().file(name).bytes().prefix(2000))
        // The table of an MP4 file's index is longer than other headers.
        for place in stride(from: 0, to: name.hasSuffix("m4a") ? 900 : 160, by: name.hasSuffix("m4a") ? 2 : 1) {
            for width in [2, 4, 8] where place + width <= file.count {
                // Many are the same once they are cut.
                for bytes in Set(Self.numbers.flatMap { [bigEndian($0, width), littleEndian($0, width)] }) {
                    var altered = file
                    altered.replaceSubrange(place..<place + width, with: bytes)
                    _ = findings(in: altered)
                }
            }
        }
    }

    @Test("Several numbers at once trap nothing, in any chunks", arguments: files)
    func several(name: String) throws {
        let file = Array(try Corpus.shared.get().file(name).bytes().prefix(3000))
        var dice = Dice(UInt64(name.count))
        for _ in 0..<150 {
            var altered = file
            for _ in 0..<Int.random(in: 2...6, using: &dice) {
                let place = Int.random(in: 0..<min(200, file.count - 8), using: &dice)
                let number = try #require(Self.numbers.randomElement(using: &dice))
                let width = try #require([2, 4, 8].randomElement(using: &dice))
                let bytes = Bool.random(using: &dice) ? bigEndian(number, width) : littleEndian(number, width)
                altered.replaceSubrange(place..<place + width, with: bytes)
            }
            let whole = findings(in: altered, chunkSize: altered.count)
            let sizes = (0..<5).map { _ in Int.random(in: 1...200, using: &dice) }
            #expect(findings(in: altered, chunkSizes: sizes) == whole)
        }
    }

    @Test("Every prefix is what it is in any chunks, and no prefix of a header plays", arguments: files)
    func prefixes(name: String) throws {
        let file = try Corpus.shared.get().file(name).bytes()
        for length in Array(0..<min(300, file.count)) + [file.count / 2, file.count - 1] {
            let prefix = Array(file.prefix(length))
            let whole = findings(in: prefix, chunkSize: max(length, 1))
            #expect(findings(in: prefix, chunkSizes: [1, 7, 40]) == whole, "\(length) bytes")
            if length < 28 { #expect(whole.audio == nil, "\(length) bytes: \(whole)") }
            #expect((whole.kind == .audio) == (whole.audio != nil))
        }
    }
}

@Suite("Headers of the formats with chunks")
struct ChunkHeaderTests {
    /// What a flipped byte of a header may do: nothing, a defect, or a file that does not play.
    private static func isSound(_ found: AudioFindings, _ whole: AudioFacts) -> Bool {
        guard found.verdict == .verified, let audio = found.audio else { return true }
        guard let length = audio.durationMs, let right = whole.durationMs else { return false }
        return abs(length - right) <= max(1000, right / 100)
    }

    /// The rate is said once in these headers; every other number that makes the length is said twice.
    @Test(
        "Wherever in a header but for the rate, the length is right or something is wrong",
        arguments: [
            ("long-ff.aiff", 0..<54, 28..<38), ("long-ff-mulaw.aifc", 0..<72, 40..<50),
            ("long-ff.w64", 0..<104, 68..<72),
            ("long-ff.caf", 0..<52, 20..<28), ("long-sox-rifx.wav", 0..<44, 24..<24),
        ]
    )
    func flipped(name: String, header: Range<Int>, rate: Range<Int>) throws {
        let file = try Corpus.shared.get().file(name).bytes()
        let whole = try #require(findings(in: file).audio)
        var noticed = 0
        for place in header where !rate.contains(place) {
            for mask in [0xFF, 0x01, 0x80, 1 << UInt8(place % 8)] as [UInt8] {
                var damaged = file
                damaged[place] ^= mask
                let found = findings(in: damaged)
                #expect(Self.isSound(found, whole), "byte \(place), \(mask): \(found)")
                if found.verdict != .verified { noticed += 1 }
            }
        }
        #expect(noticed > 80)
    }

    @Test("A pipe's file does not say how long it is, and that is said", arguments: ["aiff", "w64", "caf"])
    func piped(format: String) throws {
        let source = try Corpus.shared.get().file("c44-ff-s16.wav")
        let raw = "sox \(source.url.path) -t raw - | sox -t raw -r 44100 -e signed -b 16 -c 2 - -t \(format) -"
        let commands = [
            ["ffmpeg", "-v", "error", "-nostdin", "-i", source.url.path, "-f", format, "-"], ["sh", "-c", raw],
        ]
        // SoX has to go back in a CAF file.
        for arguments in format == "caf" ? Array(commands.prefix(1)) : commands {
            let piped = try Tool.run(arguments[0], Array(arguments.dropFirst()))
            let found = findings(in: [UInt8](piped))
            #expect(found.kinds.contains(.lengthUnknown), "\(found)")
            let length = findings(in: try source.bytes()).audio?.durationMs ?? 0
            #expect(abs((found.audio?.durationMs ?? 0) - length) <= 1)
        }
    }

    @Test("ADTS: a flipped header loses frames and is told; what is inside a frame cannot be noticed")
    func adts() throws {
        let file = try Corpus.shared.get().file("long-ff.aac").bytes()
        let whole = try #require(findings(in: file).audio)
        let starts = adtsFrames(file)
        #expect(starts.count > 100)
        for start in starts.dropFirst(2).dropLast() where start % 7 == 0 {
            for (offset, mask) in [(0, 0x80), (1, 0x40), (2, 0x80), (2, 0x04), (3, 0x40), (4, 0x10), (4, 0xFF)]
                as [(Int, UInt8)]
            {
                var damaged = file
                damaged[start + offset] ^= mask
                let found = findings(in: damaged)
                #expect(!found.kinds.isEmpty, "byte \(start + offset): \(found)")
                #expect((found.audio?.durationMs ?? 0) > (whole.durationMs ?? 0) * 9 / 10)
            }
            var damaged = file
            damaged[start + 20] ^= 0x10
            #expect(findings(in: damaged).audio == whole)
        }
    }
}
