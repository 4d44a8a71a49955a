import Foundation
import Testing

@testable import Platform

@Suite("Reading JSON")
struct JSONReaderTests {
    private func read(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

    /// The values are those of RFC 8259, sections 3 to 7.
    @Test("every kind of value")
    func values() {
        #expect(
            read(" {\"a\" : [ 1 , -2.5e0, true,false , null, \"\\u0041\\n\\/\" ] } ")
                == .object(["a": .list([.integer(1), .real(-2.5), .bool(true), .bool(false), .null, .text("A\n/")])])
        )
        #expect(read("{}") == .object([:]))
        #expect(read("[]") == .list([]))
        #expect(read("\u{FEFF}\"x\"") == .text("x"))
        #expect(read("3.0") == .integer(3))
        #expect(read("1e3") == .integer(1000))
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "\"", "\"\\x\"", "\"\\u12\"", "1 2", "+1", ".5",
            "-",
            "tru", "<html>", "[1]]", "1.2.3", "--1", "{\"a\":1 \"b\":2}",
        ]
    )
    func refused(text: String) {
        #expect(read(text) == nil)
    }

    @Test("half of a surrogate pair is one replacement character, wherever it is")
    func surrogates() {
        #expect(read(#""\ud83d\ude00""#) == .text("😀"))
        #expect(read(#""\ud83d""#) == .text("\u{FFFD}"))
        #expect(read(#""\ud83dx""#) == .text("\u{FFFD}x"))
        #expect(read(#""\ude00\ud83d""#) == .text("\u{FFFD}\u{FFFD}"))
        #expect(read(#""\ud83d\ud83d\ude00""#) == .text("\u{FFFD}😀"))
        #expect(read(#""\ud83d\n""#) == .text("\u{FFFD}\n"))
    }

    @Test("numbers that no type holds stay as they are written, and are no numbers")
    func numbers() throws {
        for text in ["1e400", "-1e400", "123456789012345678901234567890"] {
            let value = try #require(read(text))
            #expect(value.string == text)
            #expect(value.integer == nil)
        }
        #expect(read("1e400")?.number == nil)
        #expect(read("9223372036854775807") == .integer(.max))
        #expect(read("9300000000000000000")?.number == 9.3e18)
        #expect(read("[NaN, Infinity, -Infinity]") == .list([.null, .null, .null]))
    }

    @Test("nesting without an end is refused, and a deep stack is not needed for it")
    func depth() {
        #expect(read(String(repeating: "[", count: 1_000_000)) == nil)
        #expect(read(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)) != nil)
    }

    @Test("it says the same as Foundation of what both read")
    func foundation() throws {
        let text = #"{"items":[{"id":"a1","n":-17,"x":0.25,"s":"é\"\\\t","l":[[],{}]}],"pagination":{"total":1}}"#
        let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let item = (theirs?["items"] as? [[String: Any]])?.first
        let ours = try #require(read(text)?["items"].list?.first)
        #expect(ours["s"].string == item?["s"] as? String)
        #expect(ours["x"].number == item?["x"] as? Double)
        #expect(ours["n"].integer == (item?["n"] as? Int).map { Int64($0) })
    }
}
