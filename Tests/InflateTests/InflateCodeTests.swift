import Inflate
import Testing

/// Codes that no encoder makes, bit by bit. What must come of each is said by zlib, and in some places here.
@Suite("Codes of deflated data")
struct InflateCodeTests {
    /// Lengths of a code for literals and lengths: none but these.
    private func lengths(_ some: [Int: Int], of count: Int = 257) -> [Int] {
        (0..<count).map { some[$0] ?? 0 }
    }

    /// Holds a stream against zlib, and its ending against what is expected.
    private func check(
        _ ending: Inflation.Ending,
        _ what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ write: (inout BitWriter) -> Void
    ) {
        var writer = BitWriter()
        write(&writer)
        for (piece, tail) in [(Int.max, 0), (1, 0), (.max, 40)] {
            let stream = writer.bytes + [UInt8](repeating: 0, count: tail)
            let own = Inflation(own: stream, piece: piece)
            let zlib = Inflation(zlib: stream)
            #expect(own.told == zlib.told, what, sourceLocation: sourceLocation)
            #expect(own.ending == ending, what, sourceLocation: sourceLocation)
        }
    }

    @Test("A block of the fourth kind is refused")
    func blockType() {
        check(.damaged("invalid block type"), "type 3") { $0.number(7, 3) }
    }

    @Test("Stored lengths that do not agree are refused")
    func stored() {
        check(.damaged("invalid stored block lengths"), "5 and 5") { writer in
            writer.number(1, 8)
            writer.number(5, 16)
            writer.number(5, 16)
        }
    }

    @Test("A code of one word of one bit is enough, and its other word means nothing")
    func single() {
        check(.ended, "end of block") { writer in
            writer.dynamicBlock(literals: lengths([256: 1]), distances: [0])
            writer.word(0, 1)
        }
        check(.damaged("invalid literal/length code"), "the other word") { writer in
            writer.dynamicBlock(literals: lengths([256: 1]), distances: [0])
            writer.word(1, 1)
            writer.number(0, 16)
        }
    }

    @Test("Codes with too many words or too few are refused")
    func shapes() {
        check(.damaged("invalid literal/lengths set"), "three words of one bit") {
            $0.dynamicBlock(literals: lengths([0: 1, 1: 1, 256: 1]), distances: [0])
        }
        check(.damaged("invalid literal/lengths set"), "one word of two bits") {
            $0.dynamicBlock(literals: lengths([256: 2]), distances: [0])
        }
        check(.damaged("invalid literal/lengths set"), "one short of complete") {
            $0.dynamicBlock(literals: lengths([0: 1, 1: 2, 256: 3]), distances: [0])
        }
        check(.damaged("invalid distances set"), "three distances of one bit") {
            $0.dynamicBlock(literals: lengths([0: 1, 256: 1]), distances: [1, 1, 1])
        }
        check(.damaged("invalid distances set"), "one distance of two bits") {
            $0.dynamicBlock(literals: lengths([0: 1, 256: 1]), distances: [2])
        }
        check(.damaged("invalid code -- missing end-of-block"), "no end") {
            $0.dynamicBlock(literals: lengths([0: 1, 1: 1]), distances: [0])
        }
    }

    @Test("More symbols than there are are refused")
    func counts() {
        check(.damaged("too many length or distance symbols"), "287 literals and lengths") {
            $0.dynamicBlock(literals: lengths([256: 1], of: 287), distances: [0])
        }
        check(.damaged("too many length or distance symbols"), "31 distances") {
            $0.dynamicBlock(literals: lengths([256: 1]), distances: [Int](repeating: 0, count: 31))
        }
    }

    @Test("The code for lengths must be whole, and repeat what is there")
    func codeLengths() {
        for (what, code, ending) in [
            ("none at all", [0, 0, 0, 0], Inflation.Ending.damaged("invalid code -- missing end-of-block")),
            ("a lone word", [0, 0, 0, 1], .damaged("invalid code lengths set")),
            ("too many", [1, 1, 1, 0], .damaged("invalid code lengths set")),
            ("nothing to repeat", [1, 0, 1, 0], .damaged("invalid bit length repeat")),
        ] {
            check(ending, Comment(rawValue: what)) { writer in
                writer.number(5, 3)
                writer.number(0, 14)
                for length in code { writer.number(length, 3) }
                writer.number(0, 400)
            }
        }
        check(.damaged("invalid bit length repeat"), "past the end") { writer in
            writer.number(5, 3)
            writer.number(0, 14)
            for length in [0, 1, 1, 0] { writer.number(length, 3) }
            for _ in 0..<40 { writer.number(0xff, 8) }
        }
    }

    /// A complete code: three literals, the end, and the lengths 3 and 258.
    private var plain: [Int] { lengths([65: 2, 66: 2, 67: 3, 256: 3, 257: 3, 285: 3], of: 286) }

    @Test("A distance goes back to the first byte and not before it")
    func distances() {
        for (distance, ending) in [(0, Inflation.Ending.ended), (1, .damaged("invalid distance too far back"))] {
            check(ending, "\(distance + 1) bytes back") { writer in
                writer.dynamicBlock(literals: plain, distances: [1, 1])
                writer.word(0b00, 2)
                writer.word(0b111, 3)
                writer.word(distance, 1)
                writer.word(0b101, 3)
            }
        }
        check(.damaged("invalid distance code"), "no distance has a word") { writer in
            writer.dynamicBlock(literals: plain, distances: [0])
            writer.word(0b00, 2)
            writer.word(0b111, 3)
            writer.number(0, 24)
        }
        check(.damaged("invalid distance code"), "the word that a lone distance leaves") { writer in
            writer.dynamicBlock(literals: plain, distances: [1])
            writer.word(0b00, 2)
            writer.word(0b110, 3)
            writer.number(1, 24)
        }
    }

    @Test("Symbols that the fixed code has and that mean nothing are refused")
    func fixedCode() {
        for word in [0b1100_0110, 0b1100_0111] {
            check(.damaged("invalid literal/length code"), "literal or length \(word)") { writer in
                writer.number(3, 3)
                writer.word(word, 8)
                writer.number(0, 16)
            }
        }
        for word in [30, 31] {
            check(.damaged("invalid distance code"), "distance \(word)") { writer in
                writer.number(3, 3)
                writer.word(0b0011_0000, 8)
                writer.word(1, 7)
                writer.word(word, 5)
                writer.number(0, 16)
            }
        }
    }

    @Test("Words of up to 15 bits, of literals, lengths and distances")
    func longWords() {
        // One word each of 1 to 14 bits and two of 15: the last are the second literal, the end and a length.
        var literals = lengths([:], of: 258)
        for bits in 1...12 { literals[bits] = bits }
        literals[200] = 13
        literals[201] = 14
        literals[256] = 15
        literals[257] = 15
        let distances = (1...14).map { $0 } + [15, 15]
        check(.ended, "every word") { writer in
            writer.dynamicBlock(literals: literals, distances: distances)
            for _ in 0..<60 {
                for bits in 1...14 { writer.word((1 << bits) - 2, bits) }
            }
            // A length of 3, 193 bytes back and more (section 3.2.5: symbol 15 has 6 extra bits).
            for extra in 0..<64 {
                writer.word(0x7fff, 15)
                writer.word(0x7fff, 15)
                writer.number(extra, 6)
                writer.word(0b10, 2)
            }
            writer.word(0x7ffe, 15)
        }
    }
}
