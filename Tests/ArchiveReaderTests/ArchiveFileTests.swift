import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("The archive file")
struct ArchiveFileTests {
    private func failure(_ path: String) -> Failure? {
        #expect(throws: Failure.self) { try Reading(path: path) }
    }

    @Test("A file that is not there says so, with its path and what to check")
    func missing() {
        let failure = failure("/nonexistent/day.tar.gz")
        #expect(failure?.code == .fileSystem)
        #expect(failure?.message == "cannot open the archive /nonexistent/day.tar.gz: No such file or directory")
        #expect(failure?.advice != nil)
    }

    @Test("Control characters of a path are shown, not sent to the terminal")
    func escaped() {
        let failure = failure("/nonexistent/\u{1b}[31mday\nINFO all is well\u{202e}")
        #expect(failure?.message.contains("/nonexistent/\\x1b[31mday\\x0aINFO all is well\\xe2\\x80\\xae:") == true)
        #expect(failure?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
    }

    @Test("What is not a regular file is refused at once, a pipe that nobody writes to as well")
    func notRegular() throws {
        let folder = try ScratchFolder()
        try Program("mkfifo", [folder.file("pipe")])
        for path in [folder.file("pipe"), folder.path, "/dev/null"] {
            #expect(failure(path)?.message.hasSuffix("it is not a regular file") == true, "\(path)")
        }
    }

    @Test("A name of a member is shown escaped wherever the report says it")
    func report() throws {
        var tar = TarBuilder()
        tar.entry("link", type: "2", link: "/etc/\u{1b}]0;x\u{7}")
        tar.file("a\nb\u{1b}[2J", noise(300))
        let limited = try Reading(tar.whole) { $0.limits.memberBytes = 10 }
        let zip = ZipBuilder.zip([
            {
                var entry = ZipBuilder.Entry("c\r\u{1b}", noise(9))
                entry.packed[3] ^= 1
                entry.localName = Array("d\u{1b}\n".utf8)
                return entry
            }()
        ])
        for reading in [limited, try Reading(zip)] {
            let texts = [reading.report.detail ?? ""] + reading.report.remarks + reading.names
            #expect(texts.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } })
            #expect(reading.report.detail?.contains("\\x1b") == true)
        }
        #expect(limited.entries.first?.header.kind == .special("a symbolic link to /etc/\\x1b]0;x\\x07"))
    }
}
