import CZlib
import Foundation
import Inflate
import TestSupport
import Testing

/// Everything is held against zlib: the bytes, where the stream ends, what is damaged and in which words.
@Suite("Deflated data")
struct InflateTests {
    /// What compresses well, badly and not at all, far back and near.
    static let contents: [(name: String, bytes: [UInt8])] = [
        ("nothing", []),
        ("one byte", [7]),
        ("zeros", [UInt8](repeating: 0, count: 70_000)),
        ("noise", noise(40_000)),
        ("text", Array((0..<6000).map { "\($0 * 7919 % 1000) frames, " }.joined().utf8)),
        ("near", (0..<30_000).map { UInt8($0 % 11) }),
        ("far", noise(32_768, seed: 3) + noise(32_768, seed: 3)),
        // As audio is: every byte occurs, some oftener, few sequences twice.
        ("skewed", noise(60_000, seed: 9).map { $0 < 40 ? 255 : $0 < 60 ? 0 : $0 / 3 * 2 }),
    ]

    private func check(_ stream: [UInt8], _ what: String, piece: Int = .max, room: Int = 1 << 17) {
        let own = Inflation(own: stream, piece: piece, room: room)
        let zlib = Inflation(zlib: stream)
        #expect(own.ending == zlib.ending, "\(what)")
        #expect(own.bytes == zlib.bytes, "\(what): \(own.bytes.count) bytes, not \(zlib.bytes.count)")
        #expect(own.told.used == zlib.told.used, "\(what)")
    }

    @Test("What zlib packs comes out as it went in, whatever the level, strategy, window and memory", arguments: 0..<8)
    func zlibEncoders(_ number: Int) {
        let (name, bytes) = Self.contents[number]
        for level in Int32(0)...9 {
            let stream = deflated(bytes, level: level)
            #expect(Inflation(own: stream) == Inflation(zlib: stream), "\(name), level \(level)")
            #expect(Inflation(own: stream).bytes == bytes, "\(name), level \(level)")
        }
        for strategy in [Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED] {
            let stream = deflated(bytes, strategy: strategy)
            #expect(Inflation(own: stream).bytes == bytes, "\(name), strategy \(strategy)")
        }
        for (window, memory) in [(9, 1), (10, 2), (12, 9), (15, 1)] {
            let stream = deflated(bytes, window: Int32(window), memory: Int32(memory))
            #expect(Inflation(own: stream).bytes == bytes, "\(name), window \(window), memory \(memory)")
        }
    }

    @Test("What gzip and 7-Zip pack comes out as it went in", arguments: ["-1", "-6", "-9"])
    func otherEncoders(_ level: String) throws {
        let bytes = Self.contents.flatMap(\.bytes)
        let gzip = try output(of: "gzip", ["-nc", level], input: bytes)
        #expect(Inflation(own: Array(gzip[10...])).bytes == bytes)
        let folder = try ScratchFolder()
        try folder.write(Data(bytes), to: "content")
        let run = try Program(
            "7z",
            ["a", "-bd", "-tgzip", "-mx=\(level.dropFirst())", "out.gz", "content"],
            in: folder.path
        )
        #expect(run.status == 0)
        let packed = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("out.gz"))))
        // It names the file: its header ends with the name's zero (RFC 1952, section 2.3).
        let end = try #require(packed[10...].firstIndex(of: 0))
        #expect(packed[3] == 8)
        #expect(Inflation(own: Array(packed[(end + 1)...])).bytes == bytes)
    }

    @Test("Input and output may end anywhere", arguments: 1...40)
    func pieces(_ size: Int) {
        let bytes = Array(Self.contents.flatMap { $0.bytes.suffix(1500) })
        for (name, stream) in [
            ("best", deflated(bytes, level: 9)), ("fixed", deflated(bytes, strategy: Z_FIXED)),
            ("small blocks", deflated(bytes, memory: 1)), ("stored", deflated(bytes, level: 0)),
        ] {
            for (piece, room) in [(size, 1 << 17), (.max, size), (size, size), (size, 40), (300 + size, 300 + size)] {
                check(stream, "\(name), pieces of \(piece) and \(room)", piece: piece, room: room)
            }
        }
    }

    @Test("Bytes behind the end are not used", arguments: [0, 1, 7, 8, 9, 100])
    func behindTheEnd(_ count: Int) {
        for content in Self.contents {
            let stream = deflated(content.bytes)
            let inflation = Inflation(own: stream + [UInt8](repeating: 0xff, count: count))
            #expect(inflation.ending == .ended)
            #expect(inflation.used == stream.count, "\(content.name)")
        }
    }

    private static let small = Array("a telephone call, a telephone call; a call 0123456789 0123456789 ~".utf8)

    private static let smallStreams: [[UInt8]] = [
        deflated(small), deflated(small, strategy: Z_FIXED), deflated(small, level: 0),
        // Long enough for the codes of a block to be written out.
        deflated(noise(300).map { $0 % 23 + 65 }, level: 9), deflated(noise(900, seed: 4).map { $0 & 0x5f }, memory: 1),
        // With words for literals that are longer than a table's index.
        deflated(
            (0..<1800).map {
                UInt8(clamping: (($0 * $0) % 7919).trailingZeroBitCount * 9 + ($0 % 17 == 0 ? $0 / 40 : 0))
            }
        ),
    ]

    @Test("Every prefix of a stream", arguments: 0..<6)
    func prefixes(_ number: Int) {
        let stream = Self.smallStreams[number]
        for length in 0...stream.count {
            check(Array(stream[..<length]), "cut at \(length)")
            check(Array(stream[..<length]), "cut at \(length), byte by byte", piece: 1, room: 1)
        }
    }

    @Test("Every flipped bit of a stream", arguments: 0..<6)
    func flips(_ number: Int) {
        var stream = Self.smallStreams[number]
        for place in stream.indices {
            for bit in 0..<8 {
                stream[place] ^= 1 << bit
                check(stream, "bit \(bit) of byte \(place)")
                check(stream + [UInt8](repeating: 0, count: 40), "bit \(bit) of byte \(place), then zeros", room: 400)
                stream[place] ^= 1 << bit
            }
        }
    }

    @Test("Random bytes")
    func random() {
        for seed in 1..<4000 {
            let bytes = noise(seed % 97 + 1, seed: UInt64(seed))
            check(bytes, "seed \(seed)")
            // As a block whose codes are written out: the others end soon.
            check([bytes[0] & 0xf8 | 5] + bytes, "seed \(seed), dynamic", piece: 13, room: 300)
        }
    }
}
