import Foundation
import Testing

@testable import Recordings

@Suite struct `A digest` {
    // FIPS 180-4's examples: SHA-256 of "abc", and of nothing.
    private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func `is the same from its digits, large or small, and from its bytes`() throws {
        let digest = try #require(Digest(hex: abc))
        let bytes = stride(from: 0, to: 64, by: 2).compactMap {
            UInt8(Array(abc)[$0...$0 + 1].map(String.init).joined(), radix: 16)
        }
        #expect(Digest(bytes: bytes) == digest)
        #expect(Digest(hex: abc.uppercased()) == digest)
        #expect((digest.hex, digest.description) == (abc, abc))
        #expect(try String(decoding: JSONEncoder().encode([digest]), as: UTF8.self) == "[\"\(abc)\"]")
        #expect(try JSONDecoder().decode([Digest].self, from: Data("[\"\(abc)\"]".utf8)) == [digest])
    }

    @Test func `is refused unless it has 64 hex digits`() throws {
        for text in ["", "g" + abc.dropFirst(), abc + "0", String(abc.dropLast()), " " + abc.dropFirst(), abc + "é"] {
            #expect(Digest(hex: text) == nil, "\(text)")
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Digest].self, from: Data("[\"abc\"]".utf8))
        }
    }

    @Test func `is in the order of its digits`() throws {
        var generator = SystemRandomNumberGenerator()
        var digests = (0..<200).map { _ in
            Digest(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        // Some that differ late.
        digests += digests.prefix(20).compactMap { Digest(hex: $0.hex.dropLast(1) + "0") }
        #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
        #expect(try #require(Digest(hex: abc)) < #require(Digest(hex: empty)))
    }
}
