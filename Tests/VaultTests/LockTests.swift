import Recordings
import TestSupport
import Testing
import Vault

@Suite struct `A lock` {
    @Test func `has one holder, whose name the others learn`() throws {
        let path = try ScratchFolder().file("day.lock")
        try FileSystem.createFolders(String(path.dropLast("/day.lock".count)), mode: 0o750)
        let first = try #require(try Lock.take(path, holder: "process 1", mode: 0o640))
        let second = try Lock.take(path, holder: "process 2", mode: 0o640)
        #expect(second == nil)
        #expect(Lock.holder(of: path) == "process 1")
        _ = consume first
        let third = try Lock.take(path, holder: "process 3", mode: 0o640)
        #expect(third != nil)
    }
}
