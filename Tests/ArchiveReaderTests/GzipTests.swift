import ArchiveReader
import Recordings
import TestSupport
import Testing

@Suite("Gzip around a tar")
struct GzipTests {
    private func tar(_ names: [String]) -> TarBuilder {
        var tar = TarBuilder()
        for (index, name) in names.enumerated() { tar.file(name, noise(900, seed: UInt64(index + 1))) }
        return tar
    }

    @Test("A whole tar.gz is complete and not suspect")
    func whole() throws {
        let reading = try Reading(try gzip(tar(["a", "b"]).whole))
        #expect(reading.report.state == .complete)
        #expect(reading.report.filters == ["gzip"])
        #expect(!reading.report.isSuspect)
        #expect(reading.wholeNames == ["a", "b"])
    }

    @Test("A wrong CRC-32 makes every member suspect, and keeps them")
    func badChecksum() throws {
        var bytes = try gzip(tar(["a", "b"]).whole)
        bytes[bytes.count - 8] ^= 1
        let reading = try Reading(bytes)
        #expect(reading.report.state == .partial)
        #expect(reading.report.isSuspect)
        #expect(reading.wholeNames == ["a", "b"])
    }

    @Test("A wrong length makes every member suspect")
    func badLength() throws {
        var bytes = try gzip(tar(["a"]).whole)
        bytes[bytes.count - 1] ^= 1
        #expect(try Reading(bytes).report.isSuspect)
    }

    @Test("Gzip members that follow each other are one tar")
    func concatenated() throws {
        let all = tar(["a", "b", "c"]).whole
        let reading = try Reading(try gzip(Array(all[..<1000])) + (try gzip(Array(all[1000...]))))
        #expect(reading.report.state == .complete)
        #expect(reading.wholeNames == ["a", "b", "c"])
    }

    @Test("A checksum error in one gzip member does not hide the next")
    func badFirstOfTwo() throws {
        let all = tar(["a", "b", "c"]).whole
        var first = try gzip(Array(all[..<1536]))
        first[first.count - 6] ^= 0x10
        let reading = try Reading(first + (try gzip(Array(all[1536...]))))
        #expect(reading.report.isSuspect)
        #expect(reading.wholeNames == ["a", "b", "c"])
    }

    @Test("Two tar.gz glued together are read to the end of the second")
    func glued() throws {
        let reading = try Reading(try gzip(tar(["a"]).whole) + (try gzip(tar(["b"]).whole)))
        #expect(reading.report.state == .complete)
        #expect(reading.wholeNames == ["a", "b"])
    }

    @Test("Zeros and other bytes behind the gzip data are noted, and take nothing away")
    func trailing() throws {
        let whole = try gzip(tar(["a"]).whole)
        for garbage in [[UInt8](repeating: 0, count: 300), Array("a signature".utf8), [7]] {
            let reading = try Reading(whole + garbage)
            #expect(reading.report.state == .complete)
            #expect(reading.report.trailingBytes == Int64(garbage.count))
        }
    }

    @Test("A second gzip member that lost its first byte is not taken for garbage")
    func damagedSecond() throws {
        let first = try gzip(tar(["a"]).whole)
        for place in 0..<3 {
            var second = try gzip(tar(["b"]).whole)
            second[place] ^= 0x40
            #expect(try Reading(first + second).report.state == .partial)
        }
    }

    @Test("Another compression inside gzip is undone; a third is refused")
    func twice() throws {
        let xz = try output(of: "xz", ["-c"], input: tar(["a"]).whole)
        let twice = try gzip(xz)
        let reading = try Reading(twice)
        #expect(reading.report.filters == ["gzip", "xz"])
        #expect(reading.wholeNames == ["a"])
        let thrice = try Reading(try gzip(twice))
        #expect(thrice.report.state == .unreadable)
        #expect(thrice.report.detail?.contains("more than twice") == true)
    }

    @Test("Gzip that holds no archive says what it holds")
    func noArchive() throws {
        let reading = try Reading(try gzip(Array("<!DOCTYPE html><title>404".utf8)))
        #expect(reading.report.state == .unreadable)
        #expect(reading.report.detail == "behind gzip, it is an HTML page, no archive")
        #expect(reading.report.isNoArchive)
    }
}
