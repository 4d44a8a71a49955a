import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Compressed files that hold no archive")
struct SingleFileTests {
    /// As a recording begins, and as long as one of half a minute.
    private let content = Array("RIFF....WAVEfmt ".utf8) + noise(480_000).map { $0 & 0x3f }
    private static let when = Timestamp(rfc3339: "2018-04-05T08:11:09Z")

    private func read(
        _ bytes: [UInt8],
        as name: String = "d/a.wav.gz",
        _ change: (inout ArchiveReader.Options) -> Void = { _ in }
    ) throws -> Reading {
        try Reading(bytes) { options in
            options.singleFile = .init(name: MemberName(Array(name.utf8)), modifiedAt: Self.when)
            change(&options)
        }
    }

    @Test(
        "Its content is handed on under its name, without the ending",
        arguments: [
            ("gzip -c", "a.wav.gz"), ("gzip -c", "a.wav.GZ"), ("bzip2 -c", "a.wav.bz2"), ("xz -c", "a.wav.xz"),
            ("zstd -qc", "a.wav.zst"), ("lz4 -qc", "a.wav.lz4"), ("gzip -c", "a.wav"),
            ("gzip -c | xz -c", "a.wav.gz.xz"),
        ]
    )
    func whole(_ command: String, _ name: String) throws {
        let packed = try output(of: "sh", ["-c", command], input: content)
        let reading = try read(packed, as: "2018/\(name)")
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.report.isSingleFile)
        #expect(!reading.report.isNoArchive)
        #expect(reading.wholeNames == ["2018/a.wav"])
        #expect(reading.entries.first?.bytes == content)
        #expect(reading.entries.first?.header.modifiedAt == Self.when)
        #expect(reading.entries.first?.header.isSingleFile == true)
        #expect(reading.report.tally.files == 1)
        #expect(reading.report.tally.expectedRows == 1)
        #expect(reading.report.tally.isFinal)
    }

    @Test("What compress(1) made is handed on too")
    func compress() throws {
        let folder = try ScratchFolder()
        try folder.write(Data(content), to: "a")
        // libarchive's writer: its filter alone, around the one file.
        try Program("sh", ["-c", "bsdtar --format raw -Zcf out a"], in: folder.path)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("out"))))
        #expect(try read(bytes, as: "a.Z").bytes(of: "a") == content)
    }

    @Test(
        "A name that is all ending, or has another, is kept",
        arguments: [
            (".gz", ".gz"), ("d/.gz", "d/.gz"), ("a.xz", "a.xz"), ("a.gz.", "a.gz."), ("a.gzip", "a"),
            ("\u{1b}a.gz", "\\x1ba"),
        ]
    )
    func names(_ name: String, _ expected: String) throws {
        #expect(try read(try gzip(content), as: name).names == [expected])
    }

    @Test("A checksum that does not match makes it damaged, with all of its bytes, and accuses nobody else")
    func badChecksum() throws {
        var bytes = try gzip(content)
        bytes[bytes.count - 7] ^= 4
        let reading = try read(bytes)
        #expect(reading.entries.first?.outcome == .damaged("the gzip checksum (CRC-32) does not match"))
        #expect(reading.entries.first?.bytes == content)
        #expect(reading.report.state == .partial)
        #expect(!reading.report.isSuspect)
        #expect(reading.report.tally.damagedFiles == 1)
        #expect(reading.report.tally.isFinal)
    }

    @Test("Cut anywhere, it is never whole", arguments: ["gzip -c", "bzip2 -c", "xz -c", "zstd -qc", "lz4 -qc"])
    func cut(_ command: String) throws {
        let small = Array(content.prefix(700))
        let packed = try output(of: "sh", ["-c", command], input: small)
        for length in 1..<packed.count {
            let reading = try read(Array(packed[..<length]))
            #expect(reading.wholeNames.isEmpty, "cut at \(length)")
            #expect(reading.report.state != .complete, "cut at \(length)")
            #expect(reading.entries.allSatisfy { small.starts(with: $0.bytes) }, "cut at \(length)")
        }
    }

    @Test("Every flipped bit is noticed, or does no harm")
    func flips() throws {
        let small = Array(content.prefix(300))
        var packed = try gzip(small)
        // Time, extra flags and system say nothing of the content (RFC 1952, section 2.3).
        for place in packed.indices {
            for bit in 0..<8 {
                packed[place] ^= 1 << bit
                let reading = try read(packed)
                if let entry = reading.entries.first, entry.isWhole { #expect(entry.bytes == small, "byte \(place)") }
                packed[place] ^= 1 << bit
            }
        }
    }

    @Test("A tar in it is a tar, with its own members")
    func tar() throws {
        var tar = TarBuilder()
        tar.file("x.mp3", content)
        let reading = try read(try gzip(tar.whole), as: "a.tar.gz")
        #expect(reading.wholeNames == ["x.mp3"])
        #expect(!reading.report.isSingleFile)
        #expect(reading.entries.first?.header.isSingleFile == false)
        #expect(try read(try gzip([UInt8](repeating: 0, count: 10_240)), as: "a.tar.gz").entries.isEmpty)
    }

    @Test("Audio without a header is handed on, whatever it looks like")
    func headerless() throws {
        for audio in [
            [UInt8](repeating: 0, count: 1024), [0x1f, 0x8b] + noise(400), [0x1f, 0x9d] + noise(400), noise(1),
            Array("BZh1".utf8) + noise(90), [],
        ] {
            let reading = try read(try gzip(audio), as: "a.raw.gz")
            #expect(reading.bytes(of: "a.raw") == audio)
            #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        }
    }

    @Test("Another archive in it is handed on as it is, for whoever opens archives in archives")
    func zipInside() throws {
        let zip = ZipBuilder.zip([ZipBuilder.Entry("x", [1])])
        #expect(try read(try gzip(zip), as: "a.zip.gz").bytes(of: "a.zip") == zip)
        let thrice = try gzip(try gzip(try gzip(content)))
        let twice = try read(thrice, as: "a.wav.gz.gz.gz")
        #expect(twice.names == ["a.wav.gz"])
        #expect(try read(twice.entries[0].bytes, as: "a.wav.gz").bytes(of: "a.wav") == content)
    }

    @Test("The limits hold for it")
    func limits() throws {
        let zeros = try gzip([UInt8](repeating: 7, count: 3 << 20))
        let member = try read(zeros) { $0.limits.memberBytes = 1 << 20 }
        #expect(member.report.detail?.contains("limits.member_bytes") == true)
        #expect(member.wholeNames.isEmpty)
        #expect(member.report.tally.refusedFiles == 1)
        let total = try read(zeros) { $0.limits.archiveBytes = 1 << 20 }
        #expect(total.report.detail?.contains("limits.archive_bytes") == true)
        let ratio = try read(zeros) { $0.limits.ratioAllowance = 1 << 20 }
        #expect(ratio.report.detail?.contains("limits.ratio") == true)
        for reading in [member, total, ratio] {
            #expect(reading.report.state == .partial)
            #expect(!reading.report.tally.isFinal)
        }
    }

    @Test("Where nobody asks for it, it is no archive, as before")
    func notAsked() throws {
        let reading = try Reading(try gzip(content))
        #expect(reading.report.isNoArchive)
        #expect(reading.entries.isEmpty)
    }

    @Test("A sink that fails ends it with its own failure")
    func failingSink() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(Data(try gzip(content)), to: "a.gz")
        var options = ArchiveReader.Options()
        options.singleFile = .init(name: MemberName(Array("a.gz".utf8)))
        let failure = #expect(throws: Failure.self) {
            try ArchiveReader(options).read(path, into: Collected(failsAt: 0))
        }
        #expect(failure?.code == .diskFull)
    }
}
