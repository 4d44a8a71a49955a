import Foundation
import Recordings
import TestSupport
import Testing
import Vault

@Suite struct `Publishing a day` {
    private let scratch = Result { try ScratchFolder() }

    private func vault(groupReadable: Bool = true) throws -> Vault {
        let vault = Vault(root: try scratch.get().file("vault"), modes: FileModes(groupReadable: groupReadable))
        try vault.create()
        return vault
    }

    /// Publishes a day whose recordings have these texts as their bytes.
    @discardableResult
    private func publish(_ texts: [String], in vault: Vault, exceptions: [Exception] = []) throws -> DaySummary {
        var audio: [Digest: String] = [:]
        var recordings: [Recording] = []
        for (index, text) in texts.enumerated() {
            let bytes = Data(text.utf8)
            let digest = Digest(of: bytes)
            audio[digest] = vault.blob(digest, of: Samples.day)
            try FileSystem.createFolders(vault.blobs(Samples.day), mode: vault.modes.directory)
            try FileSystem.write(bytes, to: vault.blob(digest, of: Samples.day), mode: vault.modes.sealed)
            var recording = Samples.recording("id\(index)", digest)
            recording.sizeBytes = Int64(bytes.count)
            recordings.append(recording)
        }
        let rows = try DayRows(recordings: recordings, exceptions: exceptions)
        let previous = try vault.publishedSummary(Samples.day)
        var totals = DaySummary.Totals()
        totals.sizeBytes = recordings.map(\.sizeBytes).reduce(0, +)
        let start = Samples.time("2018-04-04T22:00:00Z")
        let summary = DaySummary(
            day: Samples.day,
            timezone: "Europe/Berlin",
            interval: start..<start.advanced(byMilliseconds: 86_400_000),
            revision: (previous?.revision ?? 0) + 1,
            sequence: 1,
            state: .complete,
            totals: totals,
            sources: [],
            manifestSHA256: rows.manifestSHA256,
            previousManifestSHA256: previous?.manifestSHA256,
            publishedAt: Samples.time("2018-04-06T01:02:03Z"),
            software: "dialvault test"
        )
        try vault.publish(summary, rows: rows, audio: { [audio] in audio[$0] })
        return summary
    }

    @Test func `makes a bag that the reference implementation accepts`() throws {
        let vault = try vault()
        try publish(["one", "two"], in: vault)
        let bag = vault.bag(Samples.day)
        #expect(bag.hasSuffix("/vault/2018/04/05"))
        let sums = try Program("sha256sum", ["--check", "--strict", "manifest-sha256.txt"], in: bag)
        #expect(sums.status == 0, "\(sums.errors)")
        let tagSums = try Program("sha256sum", ["--check", "--strict", "tagmanifest-sha256.txt"], in: bag)
        #expect(tagSums.status == 0, "\(tagSums.errors)")
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let validation = try Program(python, ["-m", "bagit", "--validate", bag])
        #expect(validation.status == 0, "\(validation.errors)")
    }

    @Test func `makes a valid bag of a day without recordings`() throws {
        let vault = try vault()
        try publish([], in: vault)
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let validation = try Program(python, ["-m", "bagit", "--validate", vault.bag(Samples.day)])
        #expect(validation.status == 0, "\(validation.errors)")
    }

    @Test func `again keeps the audio's inode and the former manifest`() throws {
        let vault = try vault()
        let first = try publish(["one"], in: vault)
        let path = try #require(try vault.publishedDay(Samples.day)?.recordings.first?.path)
        let manifest = try Data(contentsOf: URL(fileURLWithPath: "\(vault.bag(Samples.day))/manifest.jsonl"))
        let inode = try Program("stat", ["-c", "%i", "\(vault.bag(Samples.day))/\(path)"]).text
        let digest = Digest(of: Data("one".utf8))
        try FileSystem.removeTree(vault.blob(digest, of: Samples.day))

        var recording = Samples.recording("id0", digest)
        recording.sizeBytes = 3
        let rows = try DayRows(recordings: [recording], exceptions: [])
        var summary = first
        summary.revision = 2
        summary.sequence = 2
        try vault.publish(summary, rows: rows, audio: { $0 == digest ? "\(vault.bag(Samples.day))/\(path)" : nil })

        #expect(try Program("stat", ["-c", "%i", "\(vault.bag(Samples.day))/\(path)"]).text == inode)
        let history = "\(vault.history(Samples.day))/r0001.manifest.jsonl.gz"
        #expect(try Program("gzip", ["-dc", history]).output == manifest)
        #expect(try vault.publishedSummary(Samples.day)?.revision == 2)
    }

    @Test func `leaves the published bag alone when audio is missing`() throws {
        let vault = try vault()
        try publish(["one"], in: vault)
        let before = try Program("find", [".", "-printf", "%p %i %s %T@\n"], in: vault.bag(Samples.day)).text
        var summary = try #require(try vault.publishedSummary(Samples.day))
        summary.revision = 2
        let rows = try DayRows(recordings: [Samples.recording("x", Samples.digest(9))], exceptions: [])
        #expect(throws: Failure.self) { try vault.publish(summary, rows: rows, audio: { _ in nil }) }
        #expect(try Program("find", [".", "-printf", "%p %i %s %T@\n"], in: vault.bag(Samples.day)).text == before)
    }

    @Test(arguments: [(true, "750", "440"), (false, "700", "400")])
    func `lets nobody in who should not be`(groupReadable: Bool, folders: String, files: String) throws {
        let vault = try vault(groupReadable: groupReadable)
        try publish(["one"], in: vault)
        let bag = vault.bag(Samples.day)
        let folderModes = try Program("find", [vault.root, "-type", "d", "-printf", "%m\n"]).text
        #expect(Set(folderModes.split(separator: "\n").map(String.init)) == [folders])
        let fileModes = try Program("find", [bag, "-type", "f", "-printf", "%m\n"]).text
        #expect(Set(fileModes.split(separator: "\n").map(String.init)) == [files])
    }

    @Test func `completes an exchange by journal that a crash cut in two`() throws {
        let vault = try vault()
        try publish(["one"], in: vault)
        let staging = "\(vault.root)/.dialvault/staging"
        // As the crash leaves it: the old bag moved aside, the new one not yet in its place.
        try FileSystem.rename(vault.bag(Samples.day), to: "\(staging)/2018-04-05")
        try FileSystem.write(Data(), to: "\(staging)/2018-04-05.exchange", mode: 0o640)
        #expect(try vault.recover().isEmpty)
        #expect(try vault.publishedDay(Samples.day)?.recordings.count == 1)
        #expect(try FileSystem.list(staging).isEmpty)
    }

    @Test func `removes what an interrupted publication was building`() throws {
        let vault = try vault()
        try publish(["one"], in: vault)
        let staging = "\(vault.root)/.dialvault/staging"
        try FileSystem.createFolders("\(staging)/2018-04-05/data", mode: 0o750)
        #expect(try vault.recover().isEmpty)
        #expect(try FileSystem.list(staging).isEmpty)
        #expect(try vault.publishedSummary(Samples.day)?.revision == 1)
    }

    @Test func `refuses a manifest whose paths leave the bag`() throws {
        let vault = try vault()
        try publish(["one"], in: vault)
        let manifest = "\(vault.bag(Samples.day))/manifest.jsonl"
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: manifest)), as: UTF8.self)
        try FileSystem.write(
            Data(text.replacing("data/queue/10/", with: "data/../../../").utf8),
            to: manifest,
            mode: 0o640
        )
        let failure = try #require(throws: Failure.self) { try vault.publishedDay(Samples.day) }
        #expect(failure.code == .damaged)
    }
}
