import Foundation
import Platform
import Recordings
import Settings
import Synchronization
import TestSupport
import Vault

@testable import Pipeline

/// A vault of a test's own, and a configuration over it.
struct Bench {
    let scratch: ScratchFolder
    let vault: Vault
    let configuration: Configuration

    /// - Parameters:
    ///   - yaml: lines behind `vault:` and `timezone:`.
    ///   - inMemory: whether the vault may lie in memory, where flushing takes no time.
    init(_ yaml: String = "", timezone: String = "Europe/Berlin", inMemory: Bool = false) throws {
        let scratch = try ScratchFolder(inMemory: inMemory)
        self.scratch = scratch
        vault = Vault(root: scratch.file("vault"), modes: FileModes(groupReadable: true))
        try vault.create()
        let text = "vault: \(scratch.file("vault"))\ntimezone: \(timezone)\n\(yaml)"
        configuration = try Configuration.load(
            ConfigurationRequest(file: "/dialvault.yaml", environment: [:], currentDirectory: "/"),
            files: ConfigurationFiles { _ in .init(bytes: Array(text.utf8), mode: 0o600) }
        ).configuration
    }

    /// The same vault under the configuration's defaults.
    init(of other: Bench) throws {
        scratch = other.scratch
        vault = other.vault
        configuration = try Bench().configuration
    }

    var work: WorkFiles { WorkFiles(vault, Samples.day) }

    func silentProgress(_ stage: Stage) -> StageProgress {
        StageProgress(day: Samples.day, stage: stage) { _ in }
    }

    /// Puts bytes into the day's work folder as a stage that received them does.
    @discardableResult
    func store(_ bytes: Data) throws -> Digest {
        let digest = Digest(of: bytes)
        try FileSystem.createFolders(vault.blobs(Samples.day), mode: vault.modes.directory)
        try FileSystem.write(bytes, to: vault.blob(digest, of: Samples.day), mode: vault.modes.sealed)
        return digest
    }
}

/// A clock that only sleepers move: each sleep is over at once, and it is later by so much.
final class VirtualTime: PlatformTime {
    let bootID = "test"
    private let start: Timestamp
    private let slept = Mutex<Int64>(0)

    init(_ start: Timestamp = Samples.time("2018-04-10T12:00:00Z")) {
        self.start = start
    }

    func uptime() -> Int64 { start.millisecondsSinceEpoch * 1_000_000 + slept.withLock { $0 } }
    func now() -> Timestamp { start.advanced(byMilliseconds: slept.withLock { $0 } / 1_000_000) }
    func random() -> Double { 0.5 }

    func sleep(nanoseconds: Int64) async throws {
        try Task.checkCancellation()
        slept.withLock { $0 += max(0, nanoseconds) }
    }
}
