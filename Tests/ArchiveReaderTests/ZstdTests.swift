import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Zstandard around a tar")
struct ZstdTests {
    private func tar(_ names: [String]) -> [UInt8] {
        var tar = TarBuilder()
        for (index, name) in names.enumerated() { tar.file(name, noise(900, seed: UInt64(index + 1))) }
        return tar.whole
    }

    private func zstd(_ bytes: [UInt8], _ options: [String] = []) throws -> [UInt8] {
        try output(of: "zstd", ["-q", "-c"] + options, input: bytes)
    }

    /// A frame that is to be skipped (RFC 8878, section 3.1.2).
    private func skippable(_ count: Int) -> [UInt8] {
        [0x5c, 0x2a, 0x4d, 0x18] + ZipBuilder.little(count, 4) + [UInt8](repeating: 0x28, count: count)
    }

    @Test("A whole tar.zst is complete, with a checksum and without", arguments: ["--check", "--no-check"])
    func whole(_ option: String) throws {
        let reading = try Reading(try zstd(tar(["a", "b"]), [option]))
        #expect(reading.report.state == .complete)
        #expect(reading.report.filters == ["zstd"])
        #expect(!reading.report.isSuspect)
        #expect(reading.bytes(of: "b") == noise(900, seed: 2))
    }

    @Test("Frames that follow each other are one tar, whatever is to be skipped between them")
    func frames() throws {
        let all = tar(["a", "b", "c"])
        let (first, second) = (try zstd(Array(all[..<1000])), try zstd(Array(all[1000...])))
        for bytes in [first + second, skippable(9) + first + skippable(300_000) + second + skippable(0)] {
            let reading = try Reading(bytes)
            #expect(reading.report.state == .complete, "\(reading.report)")
            #expect(reading.wholeNames == ["a", "b", "c"])
        }
    }

    @Test("What pzstd makes is read")
    func parallel() throws {
        let folder = try ScratchFolder()
        try folder.write(Data(tar(["a", "b"])), to: "t.tar")
        try Program("pzstd", ["-q", "t.tar"], in: folder.path)
        #expect(try Reading(path: folder.file("t.tar.zst")).wholeNames == ["a", "b"])
    }

    @Test("More than a few buffers come out as they went in")
    func long() throws {
        let content = noise(3_000_000, seed: 7) + [UInt8](repeating: 5, count: 3_000_000)
        var tar = TarBuilder()
        tar.file("a", content)
        let reading = try Reading(try zstd(tar.whole))
        #expect(reading.report.state == .complete)
        #expect(reading.bytes(of: "a") == content)
    }

    @Test("A wrong checksum makes every member suspect, and keeps them")
    func badChecksum() throws {
        var bytes = try zstd(tar(["a", "b"]))
        bytes[bytes.count - 1] ^= 1
        let reading = try Reading(bytes)
        #expect(reading.report.state == .partial)
        #expect(reading.report.isSuspect)
        #expect(reading.report.detail?.contains("checksum") == true)
        #expect(reading.wholeNames == ["a", "b"])
    }

    @Test("Bytes behind the last frame are counted and told, and take nothing away")
    func trailing() throws {
        let whole = try zstd(tar(["a"]))
        for garbage in [[UInt8](repeating: 0, count: 300_000), Array("a signature".utf8), [0x28], [0x28, 0xb5, 0x2f]] {
            let reading = try Reading(whole + garbage)
            #expect(reading.report.state == .partial)
            #expect(!reading.report.isSuspect)
            #expect(reading.report.trailingBytes == Int64(garbage.count))
            #expect(reading.wholeNames == ["a"])
        }
    }

    @Test("A window too large to be kept in memory is named, and is no damage")
    func largeWindow() throws {
        // From a pipe the length is not known, so the frame asks for the whole window.
        let reading = try Reading(try zstd(tar(["a"]), ["--ultra", "--long=28"]))
        #expect(reading.report.state == .unreadable)
        #expect(reading.report.detail?.contains("128 MiB") == true)
        #expect(reading.report.detail?.contains("damaged") == false)
        #expect(!reading.report.isNoArchive)
        #expect(try Reading(try zstd(tar(["a"]), ["--long=27"])).report.state == .complete)
    }

    /// A frame of stored blocks without a checksum (RFC 8878, section 3.1.1): a window of 128 KiB, and in front of each block
    /// whether it is the last, its type and its size.
    private func stored(_ blocks: [[UInt8]], types: [Int]) -> [UInt8] {
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38] as [UInt8]
        return zip(blocks, types).enumerated().reduce(into: frame) { frame, block in
            let last = block.offset == blocks.count - 1 ? 1 : 0
            frame += ZipBuilder.little(last | block.element.1 << 1 | block.element.0.count << 3, 3) + block.element.0
        }
    }

    @Test("All that stands in front of a damaged block comes out", arguments: 0..<8)
    func damagedBlock(_ damaged: Int) throws {
        let names = (0..<8).map(String.init)
        var tar = TarBuilder()
        for name in names { tar.file(name, noise(20_000)) }
        let length = 512 + 20_480
        let blocks = names.indices.map {
            Array(tar.whole[$0 * length..<($0 == 7 ? tar.whole.count : ($0 + 1) * length)])
        }
        var types = [Int](repeating: 0, count: 8)
        #expect(try Reading(stored(blocks, types: types)).report.state == .complete)
        // The type that is reserved.
        types[damaged] = 3
        let reading = try Reading(stored(blocks, types: types))
        #expect(reading.report.state == (damaged == 0 ? .unreadable : .partial))
        #expect(reading.wholeNames == Array(names[..<damaged]))
    }
}
