import ArchiveReader
import Testing

@Suite("The names of members")
struct MemberNameTests {
    private func shown(_ text: String) -> String { MemberName(Array(text.utf8)).text }

    @Test("Plain and UTF-8 names are shown as they are")
    func plain() {
        #expect(shown("2018/a b-all.mp3") == "2018/a b-all.mp3")
        #expect(shown("Grüße/日本語.mp3") == "Grüße/日本語.mp3")
        #expect(shown("C:\\rec\\a.mp3") == "C:\\rec\\a.mp3")
    }

    @Test("Bytes that are not UTF-8 are shown by their value")
    func notUTF8() {
        // "ü" in code page 437 and "あ" in Shift-JIS.
        #expect(MemberName([0x67, 0x81, 0x2e]).text == "g\\x81.")
        #expect(MemberName([0x82, 0xa0]).text == "\\x82\\xa0")
        // An overlong "/" and half a character (RFC 3629, section 3).
        #expect(MemberName([0xc0, 0xaf]).text == "\\xc0\\xaf")
        #expect(MemberName([0x61, 0xe3, 0x81]).text == "a\\xe3\\x81")
    }

    @Test("Characters that could change how a line reads are shown by their value")
    func controls() {
        #expect(shown("a\nb\u{1b}[2Jc\u{7f}") == "a\\x0ab\\x1b[2Jc\\x7f")
        #expect(shown("a\u{202e}3pm") == "a\\xe2\\x80\\xae3pm")
        #expect(shown("a\u{2028}b\u{85}") == "a\\xe2\\x80\\xa8b\\xc2\\x85")
    }

    @Test(
        "Names that differ are never shown alike",
        arguments: [
            ([0x61, 0x0a], Array("a\\x0a".utf8)),
            (Array("a\\x41".utf8), Array("a\\x5cx41".utf8)),
            ([0x81], Array("\\x81".utf8)),
            ([0x65, 0xcc, 0x81], [0xc3, 0xa9]),
            (Array(repeating: 0x61, count: 5000), Array(repeating: 0x61, count: 5001)),
        ] as [([UInt8], [UInt8])]
    )
    func injective(_ names: ([UInt8], [UInt8])) {
        // Compared by bytes: to Swift, two spellings of one character are equal.
        #expect(Array(MemberName(names.0).text.utf8) != Array(MemberName(names.1).text.utf8))
    }

    @Test("A long name keeps its start and its end, within 1,024 bytes")
    func long() {
        let name = MemberName(Array(("ä" + String(repeating: "日", count: 3000) + "/call.mp3").utf8))
        #expect(name.text.utf8.count <= 1024)
        #expect(name.text.hasPrefix("ä日"))
        #expect(name.text.hasSuffix("日/call.mp3"))
        #expect(name.byteCount == 9011)
    }

    @Test(
        "A name that leads out of its folder is unsafe",
        arguments: ["../a", "a/../../b", "..", "a\\..\\b", "", "/../a"]
    )
    func unsafe(_ name: String) {
        #expect(MemberName(Array(name.utf8)).isUnsafe)
    }

    @Test(
        "An absolute name, and dots in a name, are harmless",
        arguments: ["/etc/passwd", "a..b", "...", "./a", "C:\\a"]
    )
    func safe(_ name: String) {
        #expect(!MemberName(Array(name.utf8)).isUnsafe)
    }
}
