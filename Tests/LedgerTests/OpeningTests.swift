import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct `Opening a ledger that is not there yet` {
    @Test func `works for several at once`() async throws {
        for _ in 0..<20 {
            let scratch = try ScratchFolder()
            let path = scratch.file("ledger.sqlite")
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<4 {
                    group.addTask { try Ledger(path: path, mode: 0o640).lastSequence() }
                }
                for try await sequence in group { #expect(sequence == 0) }
            }
        }
    }
}
