import Foundation
import Recordings
import TestSupport
import Testing

@testable import ArchiveReader

/// Numbers that no archive has. None may trap, take time or memory, or take a sound member along.
@Suite("Numbers from outside", .timeLimit(.minutes(3)))
struct HostileNumberTests {
    private static let extremes: [UInt64] = [
        0, 1, 0xffff, 0xffff_ffff, 0x1_0000_0000, (1 << 62) - 1, (1 << 63) - 100, (1 << 63) - 32, (1 << 63) - 31,
        (1 << 63) - 30, (1 << 63) - 2, (1 << 63) - 1, 1 << 63, .max - 1, .max,
    ]

    private static func wide(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func field(_ values: [UInt64]) -> [UInt8] {
        let content = values.flatMap(wide)
        return ZipBuilder.little(1, 2) + ZipBuilder.little(content.count, 2) + content
    }

    private let sound = ZipBuilder.Entry("a.mp3", noise(300))

    /// By its directory, or without it where that lies.
    private func hasSound(_ reading: Reading) -> Bool {
        reading.entries.contains { $0.isWhole && $0.header.name.text == "a.mp3" && $0.bytes == sound.content }
    }

    @Test("Sizes and places of 64 bits in a directory", arguments: extremes)
    func zip64Entry(_ value: UInt64) throws {
        for field in 0..<3 {
            var lying: [ZipBuilder.Entry] = []
            // Three of them: those that share their bytes are put aside, and looked at again.
            for name in ["b", "c", "d"] {
                var entry = ZipBuilder.Entry(name, [])
                entry.size = field == 0 ? 0xffff_ffff : 0
                entry.packedSize = field == 1 ? 0xffff_ffff : 0
                entry.offset = field == 2 ? 0xffff_ffff : nil
                entry.centralExtra = Self.field([value])
                lying.append(entry)
            }
            let reading = try Reading(ZipBuilder.zip([sound] + lying))
            #expect(hasSound(reading), "field \(field)")
            #expect(reading.report.tally.expectedRows == reading.entries.count || !reading.report.tally.isFinal)
        }
    }

    @Test("The same in a local header, where the directory is lost", arguments: extremes)
    func zip64Local(_ value: UInt64) throws {
        var lying = ZipBuilder.Entry("b", noise(40))
        (lying.size, lying.packedSize) = (0xffff_ffff, 0xffff_ffff)
        lying.localExtra = Self.field([value, value])
        for flags in [0, 8] {
            lying.flags = flags
            let reading = try Reading(ZipBuilder.local(sound) + ZipBuilder.local(lying))
            #expect(hasSound(reading))
        }
    }

    @Test("Totals, sizes and places of 64 bits at the end of a zip", arguments: extremes)
    func zip64End(_ value: UInt64) throws {
        let local = ZipBuilder.local(sound)
        let directory = ZipBuilder.central(sound, at: 0)
        for field in 0..<4 {
            let numbers: [UInt64] = [1, UInt64(directory.count), UInt64(local.count)]
                .enumerated().map { $0 == field ? value : $1 }
            var record: [UInt8] = [0x50, 0x4b, 6, 6] + Self.wide(44) + ZipBuilder.little(45, 2)
            record += ZipBuilder.little(45, 2) + ZipBuilder.little(0, 8) + Self.wide(numbers[0])
            record += numbers.flatMap(Self.wide)
            let place = UInt64(local.count + directory.count)
            let locator =
                [0x50, 0x4b, 6, 7] + ZipBuilder.little(0, 4) + Self.wide(field == 3 ? value : place)
                + ZipBuilder.little(1, 4)
            let end = ZipBuilder.end(count: 0xffff, size: 0xffff_ffff, offset: 0xffff_ffff)
            let reading = try Reading(local + directory + record + locator + end)
            #expect(hasSound(reading), "field \(field)")
        }
    }

    @Test("What a descriptor gives", arguments: extremes)
    func descriptor(_ value: UInt64) throws {
        var streamed = ZipBuilder.Entry("b", noise(50))
        streamed.flags = 8
        var bytes = ZipBuilder.local(sound) + ZipBuilder.local(streamed)
        bytes.removeLast(8)
        bytes += Self.wide(50) + Self.wide(value)
        #expect(hasSound(try Reading(bytes)))
    }

    @Test(
        "pax records",
        arguments: [
            "size", "mtime", "atime", "uid", "SCHILY.realsize", "GNU.sparse.size", "GNU.sparse.realsize",
            "GNU.sparse.numblocks", "GNU.sparse.offset", "GNU.sparse.map", "GNU.sparse.major",
        ]
    )
    func pax(_ key: String) throws {
        for value in [
            "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
            "-9223372036854775808", "-1", "1e400", "99999999999999999999.99999999999999999999", "0,9223372036854775807",
            "9223372036854775807,1", "",
        ] {
            var tar = TarBuilder()
            tar.file("a.mp3", sound.content)
            tar.pax(key, value)
            tar.file("b.mp3", noise(20))
            let reading = try Reading(tar.whole)
            #expect(hasSound(reading), "\(value)")
            #expect(reading.report.tally.expectedRows == reading.entries.count || !reading.report.tally.isFinal)
        }
    }

    @Test("The size field of a tar header, in octal and in base 256")
    func tarSizes() throws {
        let octal = ["777777777777", "77777777777 ", "            ", "-0000000001 ", "99999999999 "].map {
            Array($0.utf8)
        }
        let binary = Self.extremes.map { [0x80, 0, 0, 0] + Self.wide($0).reversed() }
        for field in octal + binary {
            var tar = TarBuilder()
            tar.file("a.mp3", sound.content)
            let header = TarBuilder.header(Array("b".utf8), type: "0", size: field)
            let reading = try Reading(tar.bytes + header + TarBuilder.endMark)
            #expect(hasSound(reading))
        }
    }

    @Test("The places that a 7z begins with", arguments: extremes)
    func sevenZipStart(_ value: UInt64) throws {
        for (offset, size) in [(value, 40), (0, value), (value, value)] as [(UInt64, UInt64)] {
            let start = Self.wide(offset) + Self.wide(size) + [0, 0, 0, 0]
            let crc = ZipBuilder.little(Int(ZipBuilder.Entry.crc32(start)), 4)
            let reading = try Reading([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4] + crc + start + noise(60))
            #expect(reading.wholeNames.isEmpty)
        }
    }

    @Test("A 7z directory that is cut or flipped anywhere gives a number or none")
    func sevenZipDirectory() throws {
        let folder = try ScratchFolder()
        for name in ["a", "b", "c"] { try folder.write(Data(noise(90)), to: name) }
        try Program(
            "sh",
            ["-c", "mkdir e && : > f && 7z a -bd -mhc=off -ms=off out.7z a b c e f > log"],
            in: folder.path
        )
        let file = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("out.7z"))))
        let offset = Int(file.withUnsafeBytes { $0.u64(12) } ?? 0)
        // Behind the mark of a header.
        var directory = Array(file[(32 + offset + 1)...])
        func count(_ bytes: [UInt8]) -> Int64? {
            var reader = SevenZipReader(bytes)
            return reader.fileCount()
        }
        #expect(count(directory) == 5)
        for length in directory.indices { _ = count(Array(directory[..<length])) }
        for place in directory.indices {
            for bit in 0..<8 {
                directory[place] ^= 1 << bit
                _ = count(directory)
                var packed = SevenZipReader(directory)
                _ = packed.packedStream()
                directory[place] ^= 1 << bit
            }
        }
        for seed in 1..<3000 {
            var reader = SevenZipReader([4, 6] + noise(60, seed: UInt64(seed)))
            _ = reader.fileCount()
        }
    }

    @Test("A place beyond any file is the end of the file")
    func beyondTheFile() throws {
        let folder = try ScratchFolder()
        let file = try ArchiveFile(try folder.write(Data([1, 2, 3]), to: "a"))
        for offset in [3, 1 << 40, Int64.max - 1, .max, -1, .min] {
            #expect(try file.bytes(at: offset, count: 64).isEmpty)
        }
    }

    @Test("Times at the ends of their fields are times, or none")
    func times() {
        for seconds in [Int64.min, -62_135_596_801, -1, 0, 253_402_300_799, 253_402_300_800, .max] {
            for nanoseconds in [Int.min, -1, 0, 999_999_999, 1_000_000_000, .max] {
                let time = Timestamp.ofArchive(seconds: seconds, nanoseconds: nanoseconds)
                #expect((time == nil) == !(-62_135_596_800..<253_402_300_800).contains(seconds))
                if let time { #expect(time.description.hasSuffix("Z")) }
            }
        }
    }
}
