import Dispatch
import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing
import Vault

@Suite struct `A note about the account` {
    @Test func `is whole for every reader, however many runs write it at once`() throws {
        let scratch = try ScratchFolder()
        let vault = Vault(root: scratch.file("vault"), modes: FileModes(groupReadable: false))
        try vault.create()
        let notes = (0..<8).map { Data(String(repeating: "\($0)", count: 50_000).utf8) }
        try vault.remember(notes[0], in: vault.retentionKnowledge)
        let problems = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for _ in 0..<25 {
                do {
                    try vault.remember(notes[writer], in: vault.retentionKnowledge)
                    let read = try FileSystem.read(vault.retentionKnowledge)
                    if !notes.contains(where: { $0 == read }) { problems.withLock { $0.append("half a note") } }
                } catch {
                    problems.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(problems.withLock { $0 } == [])
        #expect(try FileSystem.list(vault.root + "/.dialvault").filter { $0.hasSuffix(".new") } == [])
    }
}
