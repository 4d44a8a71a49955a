import Foundation
import Recordings
import TestSupport
import Testing

@testable import Vault

/// What becomes of the files of a bag that another revision takes the place of.
@Suite struct `A superseded bag` {
    private let scratch = Result { try ScratchFolder() }

    private func vault() throws -> Vault {
        let vault = Vault(root: try scratch.get().file("vault"), modes: FileModes(groupReadable: true))
        try vault.create()
        return vault
    }

    private func digest(_ text: String) -> Digest { Digest(of: Data(text.utf8)) }

    /// Publishes the day with recordings whose ids and bytes are these, as its next revision.
    private func publish(
        _ recordings: [String: String],
        conflicts: [String: String] = [:],
        in vault: Vault
    ) throws {
        for text in recordings.values {
            try FileSystem.createFolders(vault.blobs(Samples.day), mode: vault.modes.directory)
            let blob = vault.blob(digest(text), of: Samples.day)
            if !FileSystem.exists(blob) { try FileSystem.write(Data(text.utf8), to: blob, mode: vault.modes.sealed) }
        }
        let rows = recordings.map { id, text in
            var row = Samples.recording(id, digest(text))
            row.sizeBytes = Int64(text.utf8.count)
            return row
        }
        let exceptions = conflicts.map { id, text in
            var exception = Exception(day: Samples.day, source: "api", reason: .conflict, detail: "other bytes")
            exception.recordingID = Samples.id(id)
            exception.sha256 = digest(text)
            return exception
        }
        let content = try DayRows(recordings: rows, exceptions: exceptions)
        let start = Samples.time("2018-04-04T22:00:00Z")
        let revision = try vault.nextRevision(of: Samples.day)
        let summary = DaySummary(
            day: Samples.day,
            timezone: "Europe/Berlin",
            interval: start..<start.advanced(byMilliseconds: 86_400_000),
            revision: revision,
            sequence: Int64(revision),
            state: .complete,
            totals: DaySummary.Totals(),
            sources: [],
            manifestSHA256: content.manifestSHA256,
            previousManifestSHA256: nil,
            publishedAt: start,
            software: "dialvault test"
        )
        try vault.publish(summary, rows: content) { vault.blob($0, of: Samples.day) }
    }

    /// The texts of all files of a folder.
    private func texts(_ folder: String) throws -> Set<String> {
        Set(
            try HeldFolder(folder)?.files().map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) } ?? []
        )
    }

    private func quarantine(_ vault: Vault) -> String { "\(vault.root)/.dialvault/quarantine/\(Samples.day)" }

    @Test func `refuses to be followed by one that leaves something out for no reason`() throws {
        let vault = try vault()
        try publish(["a": "one", "b": "two"], in: vault)
        let failure = try #require(throws: Failure.self) { try publish(["a": "one"], in: vault) }
        #expect(failure.code == .corrupt)
        #expect(failure.message.contains("such as b"))
        #expect(try vault.publishedSummary(Samples.day)?.revision == 1)
    }

    @Test func `refuses a conflict whose loser is not kept`() throws {
        let vault = try vault()
        try publish(["a": "one"], in: vault)
        #expect(throws: Failure.self) { try publish(["a": "two"], conflicts: ["a": "one"], in: vault) }
        _ = try vault.quarantine(vault.blob(digest("one"), of: Samples.day), as: digest("one"), of: Samples.day)
        try publish(["a": "two"], conflicts: ["a": "one"], in: vault)
        #expect(try texts(quarantine(vault)) == ["one"])
    }

    @Test func `does not take other bytes in quarantine for those that it names`() throws {
        let vault = try vault()
        try publish(["a": "one"], in: vault)
        // Of the same size, under the name of the bytes that are missing.
        let name = vault.quarantineFile(digest("one"), of: Samples.day)
        try FileSystem.createFolders(quarantine(vault), mode: 0o750)
        try FileSystem.write(Data("0ne".utf8), to: name, mode: 0o440)
        #expect(throws: Failure.self) { try publish(["a": "two"], conflicts: ["a": "one"], in: vault) }
        _ = try vault.quarantine(vault.blob(digest("one"), of: Samples.day), as: digest("one"), of: Samples.day)
        #expect(try texts(quarantine(vault)) == ["one", "0ne"])
        try publish(["a": "two"], conflicts: ["a": "one"], in: vault)
        #expect(try String(contentsOfFile: name, encoding: .utf8) == "one")
    }

    @Test(arguments: ["stray.mp3", "05/data/queue/10/stray.mp3", "data/stray.mp3", "data/queue/10/deep/stray.mp3"])
    func `gives what is not its own to quarantine, wherever it is`(path: String) throws {
        let vault = try vault()
        try publish(["a": "one"], in: vault)
        let stray = "\(vault.bag(Samples.day))/\(path)"
        try FileSystem.createFolders(FileSystem.parent(of: stray), mode: 0o750)
        try Data("stray".utf8).write(to: URL(fileURLWithPath: stray))
        try publish(["a": "one", "b": "two"], in: vault)
        #expect(try texts(quarantine(vault)) == ["stray"])
        #expect(try FileSystem.list("\(vault.root)/.dialvault/staging").isEmpty)
    }

    @Test func `keeps a link, and what it leads to`() throws {
        let vault = try vault()
        try publish(["a": "one"], in: vault)
        let outside = try scratch.get().write("elsewhere", to: "outside.mp3")
        let link = "\(vault.bag(Samples.day))/data/link.mp3"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
        try publish(["a": "one", "b": "two"], in: vault)
        let kept = try FileManager.default.destinationOfSymbolicLink(atPath: "\(quarantine(vault))/link.mp3")
        #expect(kept == outside)
        #expect(try String(contentsOfFile: outside, encoding: .utf8) == "elsewhere")
    }

    @Test func `that a crash left between two renames is the day's bag again before the next is built`() throws {
        let vault = try vault()
        try publish(["a": "one", "b": "two"], in: vault)
        let staging = "\(vault.root)/.dialvault/staging/\(Samples.day)"
        try FileSystem.rename(vault.bag(Samples.day), to: "\(staging).old")
        try FileSystem.write(Data(), to: "\(staging).exchange", mode: 0o640)
        let fresh = Vault(root: vault.root, modes: vault.modes)
        #expect(throws: Failure.self) { try publish(["a": "one"], in: fresh) }
        #expect(try fresh.publishedDay(Samples.day)?.recordings.count == 2)
        #expect(try fresh.publishedDay(Samples.day)?.isBagMissing == false)
    }

    @Test func `is not called lost where the system does not tell what is there`() throws {
        let vault = try vault()
        try publish(["a": "one"], in: vault)
        let day = try #require(try vault.publishedDay(Samples.day))
        #expect(try vault.damagedAudio(of: day).isEmpty)
        // A folder that leads to itself answers ELOOP, as a disk in trouble answers EIO: neither says that a file is gone.
        let folder = "\(vault.bag(Samples.day))/data/queue/10"
        try FileManager.default.moveItem(atPath: folder, toPath: folder + ".aside")
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: folder)
        let failure = try #require(throws: Failure.self) { try vault.damagedAudio(of: day) }
        #expect(failure.code == .damaged)
    }

    @Test func `leaves numbers behind that no later publication gets`() throws {
        let vault = try vault()
        try publish(["a": "one"], in: vault)
        try publish(["a": "one", "b": "two"], in: vault)
        try vault.remember(sequence: 7)
        #expect(try vault.highestSequence() == 7)
        try FileManager.default.removeItem(atPath: "\(vault.root)/.dialvault/sequence")
        try FileManager.default.removeItem(atPath: vault.bag(Samples.day))
        #expect(try vault.highestSequence() == 2)
        #expect(try vault.missingBags() == [Samples.day])
        #expect(try vault.nextRevision(of: Samples.day) == 3)
    }
}
