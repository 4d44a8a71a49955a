import ArchiveReader
import Recordings
import Testing

@Suite("Limits: each ends the archive, and keeps what came before")
struct LimitTests {
    enum Format: CaseIterable {
        case tar, zip
    }

    private func archive(_ format: Format, _ sizes: [Int]) -> [UInt8] {
        var tar = TarBuilder()
        var entries: [ZipBuilder.Entry] = []
        for (index, size) in sizes.enumerated() {
            tar.file("\(index)", noise(size))
            entries.append(.init("\(index)", noise(size)))
        }
        return format == .tar ? tar.whole : ZipBuilder.zip(entries)
    }

    private func read(
        _ bytes: [UInt8],
        _ change: (inout ArchiveLimits) -> Void
    ) throws -> Reading {
        try Reading(bytes) { options in
            options.lanes = 1
            change(&options.limits)
        }
    }

    @Test("Bytes in all", arguments: Format.allCases)
    func archiveBytes(_ format: Format) throws {
        let reading = try read(archive(format, [100, 100, 5000, 100])) { $0.archiveBytes = 1000 }
        #expect(reading.wholeNames == ["0", "1"])
        #expect(reading.report.state == .partial)
        #expect(reading.report.detail?.contains("limits.archive_bytes") == true)
    }

    @Test("Bytes a member", arguments: Format.allCases)
    func memberBytes(_ format: Format) throws {
        let reading = try read(archive(format, [100, 5000, 100])) { $0.memberBytes = 1000 }
        #expect(reading.wholeNames == ["0"])
        #expect(reading.entries.last?.bytes.isEmpty == true)
        #expect(reading.report.detail?.contains("limits.member_bytes") == true)
    }

    @Test("Number of members", arguments: Format.allCases)
    func members(_ format: Format) throws {
        let reading = try read(archive(format, [1, 1, 1, 1])) { $0.members = 3 }
        #expect(reading.wholeNames == ["0", "1", "2"])
        #expect(reading.report.detail?.contains("limits.members") == true)
    }

    @Test("Compression ratio, in a tar.gz and in a zip", arguments: Format.allCases)
    func ratio(_ format: Format) throws {
        let zeros = [UInt8](repeating: 0, count: 3 << 20)
        let bomb: [UInt8]
        switch format {
        case .tar:
            var tar = TarBuilder()
            tar.file("0", noise(100))
            tar.file("bomb", zeros)
            bomb = try gzip(tar.whole)
        case .zip:
            var entry = ZipBuilder.Entry("bomb", zeros)
            entry.packed = Array(try gzip(zeros).dropFirst(10).dropLast(8))
            entry.packedSize = entry.packed.count
            entry.method = 8
            bomb = ZipBuilder.zip([.init("0", noise(100)), entry])
        }
        let reading = try read(bomb) { $0.ratioAllowance = 1 << 20 }
        #expect(reading.wholeNames == ["0"])
        #expect(reading.report.detail?.contains("limits.ratio") == true)
        // Within the allowance nothing is said: a recording of silence packs as well as that.
        #expect(try read(bomb) { _ in }.report.state == .complete)
    }

    @Test("One large member that is not compressed is no bomb", arguments: Format.allCases)
    func largeMember(_ format: Format) throws {
        let reading = try read(archive(format, [3 << 20])) { $0.ratioAllowance = 1 << 20 }
        #expect(reading.wholeNames == ["0"])
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
    }

    @Test("Length of a name", arguments: Format.allCases)
    func nameBytes(_ format: Format) throws {
        var tar = TarBuilder()
        tar.file("short", [1])
        tar.file("a name that is longer", [2])
        let zip = ZipBuilder.zip([.init("short", [1]), .init("a name that is longer", [2])])
        let reading = try read(format == .tar ? tar.whole : zip) { $0.nameBytes = 10 }
        #expect(reading.wholeNames == ["short"])
        #expect(reading.report.detail?.contains("name of 21 bytes") == true)
    }
}
