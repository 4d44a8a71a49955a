import Recordings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `The file of an archive's rows` {
    private func row(_ index: Int, _ name: String) -> Member {
        Member(index: index, name: name, content: .refused(.rejectedMember, detail: "row \(index)"))
    }

    @Test func `finds of several rows with a name the archive's last, in whichever order they came`() throws {
        let scratch = try ScratchFolder()
        let rows = try RowFile(scratch.file("rows.jsonl"), mode: 0o640)
        try rows.add(row(2, "call.mp3"))
        try rows.add(row(7, "call.mp3"))
        try rows.add(row(5, "call.mp3"))
        #expect(try rows.row(named: "call.mp3")?.index == 7)
        try rows.add(row(6, "call.mp3"))
        #expect(try rows.row(named: "call.mp3")?.index == 7)
        try rows.add(row(9, "call.mp3"))
        #expect(try rows.row(named: "call.mp3")?.index == 9)
        #expect(try rows.row(named: "other.mp3") == nil)
    }
}
