import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing
import Vault

/// What two tasks tell each other.
private final class Meeting: Sendable {
    let findings = Mutex<[AuditFinding]>([])
    let isOver = Atomic<Bool>(false)
}

@Suite struct `Auditing while others publish` {
    @Test func `reports no day as damaged that is exchanged under its feet`() async throws {
        let scratch = try ScratchFolder()
        let vault = Vault(root: scratch.file("vault"), modes: FileModes(groupReadable: true))
        try vault.create()
        let audio = try ["one", "two", "three"].map { try SmallBag.blob($0, in: vault) }
        try SmallBag.publish(audio, in: vault)
        let meeting = Meeting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Each revision has other files than the one before, which is removed while it may be read.
                var revision = 0
                while revision < 300, !meeting.isOver.load(ordering: .sequentiallyConsistent) {
                    revision += 1
                    let others = audio.indices.filter { $0 != revision % 3 }.map { audio[$0] }
                    try SmallBag.publish([audio[revision % 3]], erased: others, in: vault)
                    await Task.yield()
                }
            }
            group.addTask {
                defer { meeting.isOver.store(true, ordering: .sequentiallyConsistent) }
                for _ in 1...100 {
                    let reports = Audit.Reports(day: { day in meeting.findings.withLock { $0 += day.findings } })
                    try await Audit(vault, width: 2).run([Samples.day], reports: reports)
                }
            }
            try await group.waitForAll()
        }
        #expect(meeting.findings.withLock { $0 } == [])
    }

    @Test func `one file with several names is read once`() async throws {
        let scratch = try ScratchFolder()
        let vault = Vault(root: scratch.file("vault"), modes: FileModes(groupReadable: true))
        try vault.create()
        let shared = try SmallBag.blob(String(repeating: "z", count: 10_000), in: vault)
        try SmallBag.publish([shared, shared, shared], in: vault)
        let bytes = Mutex<Int64>(0)
        let reports = Audit.Reports(day: { day in
            #expect(day.findings.isEmpty)
            #expect(day.files == 10)
            bytes.withLock { $0 = day.sizeBytes }
        })
        try await Audit(vault, width: 1).run([Samples.day], reports: reports)
        #expect((10_000..<20_000).contains(bytes.withLock { $0 }))
    }
}

/// A day of a few short texts for audio.
private enum SmallBag {
    static func blob(_ text: String, in vault: Vault) throws -> Digest {
        let bytes = Data(text.utf8)
        let digest = Digest(of: bytes)
        try FileSystem.createFolders(vault.blobs(Samples.day), mode: vault.modes.directory)
        try FileSystem.write(bytes, to: vault.blob(digest, of: Samples.day), mode: vault.modes.sealed)
        return digest
    }

    /// - Parameter erased: what is not published, and named as erased.
    static func publish(_ audio: [Digest], erased: [Digest] = [], in vault: Vault) throws {
        let previous = try vault.publishedSummary(Samples.day)
        let revision = (previous?.revision ?? 0) + 1
        var places: [Digest: String] = [:]
        var recordings: [Recording] = []
        for (index, digest) in audio.enumerated() {
            places[digest] = vault.blob(digest, of: Samples.day)
            var recording = Samples.recording(
                "\(digest.hex.prefix(8))x\(audio.firstIndex(of: digest) == index ? 0 : index)",
                digest
            )
            recording.sizeBytes = FileSystem.attributes(vault.blob(digest, of: Samples.day))?.sizeBytes ?? 0
            recordings.append(recording)
        }
        let exceptions = erased.map { digest in
            var exception = Exception(day: Samples.day, source: "api", reason: .erased, detail: "on request")
            exception.recordingID = Samples.id("\(digest.hex.prefix(8))x0")
            exception.sha256 = digest
            return exception
        }
        let rows = try DayRows(recordings: recordings, exceptions: exceptions)
        let start = Samples.time("2018-04-04T22:00:00Z")
        let summary = DaySummary(
            day: Samples.day,
            timezone: "Europe/Berlin",
            interval: start..<start.advanced(byMilliseconds: 86_400_000),
            revision: revision,
            sequence: Int64(revision),
            state: .complete,
            totals: DaySummary.Totals(),
            sources: [],
            manifestSHA256: rows.manifestSHA256,
            previousManifestSHA256: previous?.manifestSHA256,
            publishedAt: start,
            software: "dialvault test"
        )
        let removals = try vault.erasingAll(Samples.day)
        try vault.publish(summary, rows: rows, removals: removals, audio: { [places] in places[$0] })
    }
}
