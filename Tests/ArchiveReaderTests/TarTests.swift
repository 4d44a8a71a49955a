import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Tar")
struct TarTests {
    private let first = noise(1300, seed: 1)
    private let second = noise(700, seed: 2)

    private func pair() -> TarBuilder {
        var tar = TarBuilder()
        tar.file("a.mp3", first)
        tar.file("b.mp3", second)
        return tar
    }

    @Test("A whole tar is complete, its members are as they were packed")
    func whole() throws {
        let reading = try Reading(pair().whole)
        #expect(reading.report.state == .complete)
        #expect(reading.report.format == "tar")
        #expect(reading.wholeNames == ["a.mp3", "b.mp3"])
        #expect(reading.bytes(of: "a.mp3") == first)
        #expect(reading.bytes(of: "b.mp3") == second)
        #expect(reading.entries.first?.header.modifiedAt == Timestamp(secondsSinceEpoch: 1_522_915_869))
    }

    @Test("The report has the digest of the file")
    func digest() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(Data(pair().whole), to: "a")
        let expected = try Program("sha256sum", [path]).text.prefix(64)
        #expect(try Reading(path: path).report.sha256.hex == expected)
    }

    @Test("A tar without its end mark is partial, all its members are kept")
    func noEndMark() throws {
        let reading = try Reading(pair().bytes)
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["a.mp3", "b.mp3"])
    }

    @Test("Two tars glued together are read to the end of the second")
    func glued() throws {
        var other = TarBuilder()
        other.file("c.mp3", second)
        let reading = try Reading(pair().whole + other.whole)
        #expect(reading.report.state == .complete)
        #expect(reading.wholeNames == ["a.mp3", "b.mp3", "c.mp3"])
    }

    @Test("Members behind a zero block in the middle are read")
    func zeroBlock() throws {
        var tar = TarBuilder()
        tar.file("a.mp3", first)
        tar.raw([UInt8](repeating: 0, count: 512))
        tar.file("b.mp3", second)
        let reading = try Reading(tar.whole)
        #expect(reading.wholeNames == ["a.mp3", "b.mp3"])
        #expect(reading.report.state == .complete)
    }

    @Test("Behind a damaged header the next member is found, and the tar is partial")
    func damagedHeader() throws {
        var tar = pair()
        tar.file("c.mp3", first)
        var bytes = tar.whole
        // In the name of the second member, whose header stands behind 512 + 1536 bytes.
        bytes[2048] ^= 1
        let reading = try Reading(bytes)
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["a.mp3", "c.mp3"])
    }

    @Test("Behind a damaged first header the next member is found")
    func damagedFirstHeader() throws {
        var bytes = pair().whole
        bytes[3] ^= 1
        let reading = try Reading(bytes)
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["b.mp3"])
    }

    @Test("A header that libarchive gives up on does not hide what follows")
    func fatalHeader() throws {
        var tar = TarBuilder()
        tar.file("a.mp3", first)
        // A pax header larger than libarchive takes.
        tar.entry(Array("pax".utf8), type: "x", size: 3 << 20)
        tar.file("b.mp3", second)
        let reading = try Reading(tar.whole)
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["a.mp3", "b.mp3"])
    }

    @Test("Garbage behind the end mark is noted, and takes nothing away")
    func trailing() throws {
        let reading = try Reading(pair().whole + noise(2048, seed: 9))
        #expect(reading.report.state == .complete)
        #expect(reading.report.trailingBytes == 2048)
        #expect(reading.wholeNames == ["a.mp3", "b.mp3"])
    }

    @Test("A tar of nothing is complete; zeros without end are not a tar")
    func empty() throws {
        let reading = try Reading([UInt8](repeating: 0, count: 10_240))
        #expect(reading.report.state == .complete)
        #expect(reading.report.entries == 0)
        #expect(try Reading([UInt8](repeating: 0, count: 1 << 20)).report.state == .unreadable)
    }

    @Test("Links, devices and pipes are told, not followed")
    func special() throws {
        var tar = TarBuilder()
        tar.entry("link", type: "2", link: "/etc")
        tar.file("link/passwd", first)
        tar.entry("null", type: "3")
        tar.entry("disk", type: "4")
        tar.entry("pipe", type: "6")
        tar.entry("hard", type: "1", link: "/etc/shadow")
        tar.entry("folder/", type: "5")
        let reading = try Reading(tar.whole)
        #expect(
            reading.entries.map(\.header.kind) == [
                .special("a symbolic link to /etc"), .file, .special("a device"), .special("a device"),
                .special("a named pipe"), .hardLink(to: MemberName(Array("/etc/shadow".utf8))),
            ]
        )
        #expect(reading.report.directories == 1)
        #expect(reading.entries.filter { $0.header.kind != .file }.allSatisfy { $0.bytes.isEmpty })
    }

    @Test("Names keep their bytes, whatever they are")
    func names() throws {
        var tar = TarBuilder()
        let raw: [[UInt8]] = [
            Array("../../etc/cron.d/x".utf8), Array("/etc/passwd".utf8), Array("..\\..\\x".utf8), [0x67, 0x81, 0x2e],
            [0x82, 0xa0, 0x2e, 0x77], Array("a\nb".utf8), Array("A.mp3".utf8), Array("a.mp3".utf8), Array("a.mp3".utf8),
        ]
        for (index, name) in raw.enumerated() { tar.file(name, [UInt8(index)]) }
        let reading = try Reading(tar.whole)
        #expect(reading.names == raw.map { MemberName($0).text })
        #expect(reading.entries.map(\.bytes) == (0..<raw.count).map { [UInt8($0)] })
    }

    @Test("A pax name of 60,000 bytes is a name; one over the limit ends the archive")
    func longNames() throws {
        let long = String(repeating: "n", count: 60_000)
        var tar = TarBuilder()
        tar.pax("path", long)
        tar.file("short", first)
        let reading = try Reading(tar.whole)
        #expect(reading.entries.first?.header.name.byteCount == 60_000)
        let limited = try Reading(tar.whole) { $0.limits.nameBytes = 59_999 }
        #expect(limited.report.state == .partial)
        #expect(limited.report.detail?.contains("name of 60000 bytes") == true)
    }

    @Test("A negative or huge size ends at a limit, not in a loop")
    func lyingSizes() throws {
        let huge: [UInt8] = [0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        let negative = [UInt8](repeating: 0xff, count: 12)
        for size in [huge, negative] {
            var tar = TarBuilder()
            tar.file("a.mp3", first)
            let lie = TarBuilder.header(Array("lie".utf8), type: "0", size: size)
            let reading = try Reading(tar.bytes + lie + noise(1024, seed: 3) + TarBuilder.endMark)
            #expect(reading.wholeNames.first == "a.mp3")
            #expect(reading.report.state == .partial)
        }
    }

    @Test("A sparse file comes out with its holes; one of a terabyte is refused")
    func sparse() throws {
        let folder = try ScratchFolder()
        try Program("truncate", ["-s", "300000", folder.file("hole")])
        try Program("sh", ["-c", "printf head | dd of=hole conv=notrunc; printf tail >> hole"], in: folder.path)
        try Program("truncate", ["-s", "1T", folder.file("vast")])
        for format in ["gnu", "pax"] {
            try Program("tar", ["-S", "--format=\(format)", "-cf", "s.tar", "hole"], in: folder.path)
            let reading = try Reading(path: folder.file("s.tar"))
            let expected = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("hole"))))
            #expect(reading.entries.first?.bytes == expected)
            try Program("tar", ["-S", "--format=\(format)", "-cf", "v.tar", "vast"], in: folder.path)
            let vast = try Reading(path: folder.file("v.tar"))
            #expect(vast.entries.first?.bytes.isEmpty == true)
            #expect(vast.report.detail?.contains("limits.member_bytes") == true)
        }
    }

    @Test(
        "What GNU tar and bsdtar write in each of their formats is read",
        arguments: ["v7", "ustar", "pax", "gnutar"]
    )
    func formats(_ format: String) throws {
        let folder = try ScratchFolder()
        try folder.write(Data(first), to: "a.mp3")
        try Program("bsdtar", ["--format", format, "-cf", "out.tar", "a.mp3"], in: folder.path)
        let reading = try Reading(path: folder.file("out.tar"))
        #expect(reading.report.state == .complete)
        #expect(reading.bytes(of: "a.mp3") == first)
    }
}
