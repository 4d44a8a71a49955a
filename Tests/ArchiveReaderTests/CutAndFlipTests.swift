import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

/// Every prefix and every single-byte flip of small archives. What a careful reader could have had is told by Python's
/// zlib and by where things stand in the file.
@Suite("Cut and flipped archives", .serialized)
struct CutAndFlipTests {
    /// Names and contents; text, so that deflate has something to do.
    private static let members: [(name: String, content: [UInt8])] = (0..<3).map { number in
        ("\(number).mp3", Array((0..<40).map { "\($0 * 7 + number) frames " }.joined().utf8))
    }

    private static var tar: [UInt8] {
        var tar = TarBuilder()
        for member in members { tar.file(member.name, member.content) }
        return tar.whole
    }

    /// Where a member's header and content lie in ``tar``.
    private static func place(_ number: Int) -> Range<Int> {
        let start = (0..<number).reduce(0) { $0 + 512 + (members[$1].content.count + 511) / 512 * 512 }
        return start..<start + 512 + members[number].content.count
    }

    /// What Python's zlib gives of `data` before an error.
    private static let zlib = """
        import zlib
        def unpacked(data):
            d = zlib.decompressobj(31)
            out = b""
            try:
                for i in range(len(data)):
                    out += d.decompress(data[i:i+1])
                    if d.eof: break
                out += d.flush()
            except zlib.error: pass
            return out
        """

    /// The same of zstd(1).
    private static let zstd = """
        import subprocess
        def unpacked(data): return subprocess.run(["zstd", "-qdc"], input=data, capture_output=True).stdout
        """

    /// What another decoder makes of each variant of a compressed tar: for each the members that are unharmed, where they
    /// should be, in what it gave before an error.
    private static func intact(_ packed: [UInt8], by decoder: String, flips: Bool) throws -> [[Int]] {
        let folder = try ScratchFolder()
        let script = """
            \(decoder)
            import json, sys
            whole = open("packed", "rb").read()
            tar = unpacked(whole)
            places = \(members.indices.map { [place($0).lowerBound, place($0).upperBound] })
            rows = []
            for i in range(len(whole)):
                data = whole[:i] + bytes([whole[i] ^ 0x24]) + whole[i+1:] if \(flips ? "True" : "False") else whole[:i]
                out = unpacked(data)
                rows.append([n for n, (a, b) in enumerate(places) if out[a:b] == tar[a:b]])
            print(json.dumps(rows))
            """
        try folder.write(Data(packed), to: "packed")
        let run = try Program("python3", ["-c", script], in: folder.path)
        return try JSONDecoder().decode([[Int]].self, from: run.output)
    }

    /// That nothing wrong is told to be right, and that what could be had is there.
    private func check(_ reading: Reading, atLeast numbers: [Int], _ what: Comment) {
        for number in numbers {
            let member = Self.members[number]
            #expect(
                reading.entries.contains { $0.isWhole && $0.bytes == member.content },
                "\(what): \(member.name) is lost"
            )
        }
        for entry in reading.entries where entry.isWhole && !reading.report.isSuspect {
            #expect(
                Self.members.contains { $0.content == entry.bytes } || entry.bytes.isEmpty,
                "\(what): wrong bytes are told to be right"
            )
        }
        let found = reading.entries.filter { entry in
            entry.isWhole && Self.members.contains { $0.content == entry.bytes }
        }
        if found.count < Self.members.count {
            #expect(reading.report.state != .complete, "\(what): it is complete with \(found.count) members")
        }
        let tally = reading.report.tally
        #expect(tally.expectedRows == reading.entries.count, "\(what): the account is not that of the members")
        if tally.isFinal, !reading.report.isSuspect {
            #expect(tally.entries >= Self.members.count, "\(what): the count is said to be final")
        }
    }

    @Test("Every prefix of a tar.gz")
    func tarGzipPrefixes() throws {
        let whole = try gzip(Self.tar)
        for (length, numbers) in try Self.intact(whole, by: Self.zlib, flips: false).enumerated() {
            check(try Reading(Array(whole[..<length])), atLeast: numbers, "cut at \(length)")
        }
    }

    @Test("Every flipped byte of a tar.gz")
    func tarGzipFlips() throws {
        var bytes = try gzip(Self.tar)
        for (place, numbers) in try Self.intact(bytes, by: Self.zlib, flips: true).enumerated() {
            bytes[place] ^= 0x24
            // Without gzip's own magic nobody can tell what it is.
            check(try Reading(bytes), atLeast: place < 3 ? [] : numbers, "flipped at \(place)")
            bytes[place] ^= 0x24
        }
    }

    private static func tarZstd() throws -> [UInt8] { try output(of: "zstd", ["-qc"], input: tar) }

    @Test("Every prefix of a tar.zst")
    func tarZstdPrefixes() throws {
        let whole = try Self.tarZstd()
        for (length, numbers) in try Self.intact(whole, by: Self.zstd, flips: false).enumerated() {
            let reading = try Reading(Array(whole[..<length]))
            check(reading, atLeast: numbers, "cut at \(length)")
            #expect(reading.report.state != .complete, "cut at \(length)")
        }
    }

    @Test("Every flipped byte of a tar.zst")
    func tarZstdFlips() throws {
        var bytes = try Self.tarZstd()
        for (place, numbers) in try Self.intact(bytes, by: Self.zstd, flips: true).enumerated() {
            bytes[place] ^= 0x24
            // Without its magic nobody can tell what it is.
            check(try Reading(bytes), atLeast: place < 4 ? [] : numbers, "flipped at \(place)")
            bytes[place] ^= 0x24
        }
    }

    @Test("Every prefix of a tar")
    func tarPrefixes() throws {
        let whole = Self.tar
        for length in stride(from: 0, to: whole.count, by: 7) {
            let numbers = Self.members.indices.filter { Self.place($0).upperBound <= length }
            let reading = try Reading(Array(whole[..<length]))
            for number in numbers {
                #expect(reading.wholeNames.contains(Self.members[number].name), "cut at \(length)")
            }
            if length < Self.place(2).upperBound { #expect(reading.report.state != .complete, "cut at \(length)") }
        }
    }

    private static func zip() throws -> (bytes: [UInt8], ends: [Int]) {
        let entries = try members.map { member in
            var entry = ZipBuilder.Entry(member.name, member.content)
            entry.packed = Array(try gzip(member.content).dropFirst(10).dropLast(8))
            entry.packedSize = entry.packed.count
            entry.method = 8
            return entry
        }
        var end = 0
        let ends = entries.map { entry in
            end += ZipBuilder.local(entry).count
            return end
        }
        return (ZipBuilder.zip(entries), ends)
    }

    @Test("Every prefix of a zip")
    func zipPrefixes() throws {
        let (whole, ends) = try Self.zip()
        for length in whole.indices {
            let numbers = Self.members.indices.filter { ends[$0] <= length }
            check(try Reading(Array(whole[..<length])), atLeast: numbers, "cut at \(length)")
        }
    }

    @Test("Every flipped byte of a zip")
    func zipFlips() throws {
        var (bytes, ends) = try Self.zip()
        let starts = [0] + ends
        for place in bytes.indices {
            bytes[place] ^= 0x24
            // An entry whose own bytes are unharmed can be had, by the directory or without it.
            let numbers = Self.members.indices.filter { !(starts[$0]..<ends[$0]).contains(place) }
            check(try Reading(bytes), atLeast: numbers, "flipped at \(place)")
            bytes[place] ^= 0x24
        }
        _ = ends.removeLast()
    }

    @Test("Every prefix of a 7z")
    func sevenZipPrefixes() throws {
        let folder = try ScratchFolder()
        for member in Self.members { try folder.write(Data(member.content), to: member.name) }
        try Program("sh", ["-c", "7z a -bd out.7z *.mp3"], in: folder.path)
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("out.7z"))))
        // The directory of a 7z stands at its end: a careful reader has nothing without it.
        for length in whole.indices {
            check(try Reading(Array(whole[..<length])), atLeast: [], "cut at \(length)")
        }
    }
}
