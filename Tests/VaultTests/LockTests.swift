import Foundation
import Recordings
import TestSupport
import Testing
import Vault

@Suite struct `A lock` {
    /// Takes the lock and hands it to `body`; false when somebody else has it.
    private func whileHolding(_ path: String, as holder: String, _ body: () throws -> Void = {}) throws -> Bool {
        guard let lock = try Lock.take(path, holder: holder, mode: 0o640) else { return false }
        try body()
        _ = consume lock
        return true
    }

    @Test func `has one holder, whose name the others learn, and is free again after it`() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("day.lock")
        let wasFree = try whileHolding(path, as: "process 1") {
            let second = try whileHolding(path, as: "process 2")
            #expect(!second)
            #expect(Lock.holder(of: path) == "process 1")
        }
        #expect(wasFree)
        #expect(try whileHolding(path, as: "process 3"))
    }

    @Test func `is free again whatever copies of its descriptor there are, as in a child that was just forked`() throws
    {
        let scratch = try ScratchFolder()
        let path = scratch.file("day.lock")
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        #expect(
            try whileHolding(path, as: "process 1") {
                let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
                let own = all.filter {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
                }
                copies = own.map { dup($0) }
            }
        )
        #expect(copies.count == 1)
        #expect(try whileHolding(path, as: "process 2"))
    }
}
