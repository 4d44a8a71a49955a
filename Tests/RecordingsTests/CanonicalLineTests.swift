import Foundation
import Recordings
import TestSupport
import Testing

/// The quick way of reading and writing a manifest's lines is `JSONDecoder`'s and `JSONEncoder`'s, of every line that there
/// can be.
@Suite struct `A manifest's line, read and written quickly` {
    /// A row in which everything that may be absent is there or not, by the bits of `mask`.
    private func row(_ mask: Int) -> Recording {
        func on(_ bit: Int) -> Bool { mask >> bit & 1 == 1 }
        var recording = Samples.recording(
            "id\(mask)",
            Samples.digest(UInt8(mask & 255)),
            from: on(0) ? .api : .memberTime,
            sources: on(1)
                ? [.api(recordingID: Samples.id("x")), Samples.delivery("ü/\(mask).mp3", archive: 7)]
                : on(2) ? [] : [Samples.delivery("a \"b\"\\\n\u{1F600}", archive: 3)]
        )
        recording.agent = on(3) ? .init(id: "1", name: on(4) ? "Mára" : nil, number: on(5) ? "a\"b" : nil) : nil
        recording.call = on(6) ? .init(id: on(7) ? "3" : nil, direction: on(8) ? .inbound : nil, to: "6") : nil
        recording.campaign = on(9) ? "spring/summer \u{2028}" : nil
        recording.leadID = on(10) ? "" : nil
        recording.queue = on(11) ? "a\tb" : nil
        recording.declared = on(3) ? .init(durationMs: -5, durationUnit: on(4) ? .seconds : nil) : nil
        recording.defects = on(5) ? [Defect(.truncated, "one"), Defect(.archiveCRC, "\\")] : []
        recording.tags = on(8) ? ["b", "a", ""] : []
        recording.audio.bitRateBps = on(9) ? nil : 24_000
        recording.audio.durationMs = on(10) ? nil : 5000
        recording.sizeBytes = on(11) ? Int64.max : 0
        return recording
    }

    @Test func `has every field as it was written`() throws {
        let rows = (0..<4096).map(row)
        let lines = try JSONLines.encode(rows)
        #expect(try JSONLines.decode(Recording.self, from: lines, origin: "test") == rows)
    }

    @Test func `is written to the byte as JSONEncoder writes it`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for mask in 0..<4096 {
            let row = row(mask)
            #expect(try JSONLines.encode([row]) == encoder.encode(row) + Data("\n".utf8))
        }
        var row = row(0)
        row.tags = (0..<0x300).compactMap { UnicodeScalar($0).map { String(Character($0)) } } + ["\u{1F600}e\u{301}"]
        #expect(try JSONLines.encode([row]) == encoder.encode(row) + Data("\n".utf8))
    }

    @Test func `is what JSONDecoder makes of the line, whatever is changed in it`() throws {
        let line = try JSONLines.line(row(0b1111_0101_1010)).dropLast()
        let decoder = JSONDecoder()
        var taken = 0
        for place in line.indices {
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "}"), UInt8(ascii: "7"), 0xc3, 0x20] {
                var changed = line
                changed[place] = byte
                let expected = try? decoder.decode(Recording.self, from: changed)
                let found = try? JSONLines.decode(Recording.self, from: changed, origin: "test").first
                #expect(found == expected, "\(String(decoding: changed, as: UTF8.self))")
                if expected != nil { taken += 1 }
            }
        }
        #expect(taken > 100)
        for length in 0..<line.count {
            #expect((try? JSONLines.decode(Recording.self, from: line.prefix(length), origin: "test"))?.isEmpty ?? true)
        }
    }

    @Test func `takes white space, other orders and unknown keys as JSON does`() throws {
        let recording = row(0b101)
        let line = try JSONLines.line(recording)
        let other = try Program("jq", ["-c", "to_entries | reverse | from_entries | . + {later: [null]}"], input: line)
        #expect(try JSONLines.decode(Recording.self, from: other.output, origin: "test") == [recording])
    }

    @Test func `names the line that is not readable among many`() throws {
        var lines = try JSONLines.encode((0..<3000).map(row))
        let third = try #require(JSONLines.lines(in: lines).dropFirst(2500).first)
        lines[third.lowerBound] = UInt8(ascii: "[")
        let failure = try #require(throws: Failure.self) {
            try JSONLines.decode(Recording.self, from: lines, origin: "manifest.jsonl")
        }
        #expect(failure.message.contains("line 2501 of manifest.jsonl"), "\(failure)")
    }

    @Test func `of an unpacked member is read and written in the same way`() throws {
        let findings = [
            AudioFindings(audio: row(0).audio, defects: [Defect(.truncated, "one")]),
            AudioFindings(audio: nil, recognisedAs: "an HTML page"),
        ]
        let contents = findings.map { Member.Content.file($0) } + [.refused(.notAudio, detail: "a \"b\"\n")]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for (index, content) in contents.enumerated() {
            for isKnown in [false, true] {
                let member = Member(
                    index: index,
                    name: "Müller/\\ 1.mp3",
                    modifiedAt: isKnown ? Samples.time("2018-04-05T08:11:09.250Z") : nil,
                    sizeBytes: 17,
                    sha256: isKnown ? Samples.digest(9) : nil,
                    content: content
                )
                let line = try JSONLines.line(member)
                #expect(line == (try encoder.encode(member)) + Data("\n".utf8))
                #expect(try JSONLines.decode(Member.self, from: line, origin: "test") == [member])
                #expect(try JSONDecoder().decode(Member.self, from: line) == member)
            }
        }
    }
}
