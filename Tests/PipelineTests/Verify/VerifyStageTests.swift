import ArchiveReader
import CallMetadata
import Foundation
import Logging
import Recordings
import Settings
import TestSupport
import Testing
import Vault

@testable import Pipeline

@Suite struct `The verify stage` {
    private let speech = AudioFacts(
        container: "mp3",
        codec: "mp3",
        sampleRateHz: 8000,
        channels: 1,
        bitRateBps: 24_000,
        durationMs: 5000
    )

    private func audio(
        _ index: Int,
        _ name: String,
        _ seed: UInt8,
        defects: [Defect] = [],
        at time: String? = nil
    ) -> Member {
        Member(
            index: index,
            name: name,
            modifiedAt: time.map(Samples.time),
            sizeBytes: 15_000,
            sha256: Samples.digest(seed),
            content: .file(AudioFindings(audio: speech, defects: defects))
        )
    }

    /// Runs the stage on one archive with these members.
    private func verify(
        _ members: [Member],
        state: ArchiveReport.State = .complete,
        crcMismatch: Bool = false,
        bench: Bench? = nil
    ) throws -> DayPart {
        let bench = try bench ?? Bench()
        try bench.unpacked(members, state: state, crcMismatch: crcMismatch)
        try bench.verifyStage().run(Samples.day, progress: bench.silentProgress(.verify))
        return try #require(try bench.work.part(.dialer))
    }

    @Test func `reads VICIdial's names in the account's zone`() throws {
        let part = try verify([audio(0, "20180405-101533_999189807048-all.mp3", 1)])
        let recording = try #require(part.recordings.first)
        #expect(recording.startedAt == Samples.time("2018-04-05T08:15:33Z"))
        #expect(recording.startedAtFrom == .filename)
        #expect(recording.call?.to == "999189807048")
        #expect(!recording.path.contains("999189807048"))
        #expect(part.sources[0].members == 1)
    }

    @Test func `makes an id of bytes and base name where there is none, as sha256sum does`() throws {
        let part = try verify([audio(0, "a/recording.mp3", 1)])
        let input = Data("\(Samples.digest(1).hex)\nrecording.mp3".utf8)
        let sum = try Program("sha256sum", input: input).text.prefix(32)
        #expect(part.recordings[0].recordingID.text == "dlr-\(sum)")
    }

    @Test func `tells a file that should be audio from one that should not`() throws {
        let text = Member.Content.file(AudioFindings(audio: nil, recognisedAs: "plain text", kind: .notAudio))
        let part = try verify([
            Member(index: 0, name: "README.txt", sizeBytes: 4, sha256: Samples.digest(1), content: text),
            Member(index: 1, name: "call.MP3", sizeBytes: 4, sha256: Samples.digest(2), content: text),
        ])
        #expect(part.exceptions.map(\.reason) == [.notAudio, .rejectedAudio])
        #expect(part.sources[0].members == 2)
    }

    @Test func `degrades every recording of an archive whose checksum fails, and calls the source partial`() throws {
        let part = try verify([audio(0, "a.mp3", 1), audio(1, "b.mp3", 2)], crcMismatch: true)
        #expect(part.recordings.map(\.verdict) == [.degraded, .degraded])
        #expect(part.recordings.allSatisfy { $0.defects.map(\.code) == [.archiveCRC] })
        #expect(part.sources[0].state == .partial)
    }

    @Test func `keeps what a cut archive held and names the cut`() throws {
        let part = try verify(
            [
                audio(0, "a.mp3", 1),
                Member(
                    index: 1,
                    name: "b.mp3",
                    sizeBytes: 7,
                    sha256: Samples.digest(2),
                    content: .refused(.unreadableMember, detail: "cut after 7 bytes")
                ),
            ],
            state: .partial
        )
        #expect(part.recordings.count == 1)
        #expect(part.exceptions.map(\.reason) == [.unreadableMember, .unreadableArchive])
        #expect(part.sources[0].state == .partial)
        #expect(part.sources[0].members == 2)
    }

    @Test func `keeps two entries of one name apart`() throws {
        let part = try verify([audio(0, "a.mp3", 1), audio(1, "a.mp3", 2)])
        #expect(Set(part.recordings.flatMap(\.sources)).count == 2)
    }

    @Test func `reads a sidecar, and does not count it among the members`() throws {
        let bench = try Bench()
        let table = Data(
            "file,started,phone\na.mp3,2018-04-05 10:00:00,999189807048\nb.mp3,2018-04-05 11:00:00,999189807049\n".utf8
        )
        let digest = try bench.store(table)
        let part = try verify(
            [
                audio(0, "a.mp3", 1), audio(1, "b.mp3", 2),
                Member(
                    index: 2,
                    name: "calls.csv",
                    sizeBytes: Int64(table.count),
                    sha256: digest,
                    content: .file(AudioFindings(audio: nil, recognisedAs: "a CSV file", kind: .notAudio))
                ),
            ],
            bench: bench
        )
        #expect(part.recordings.map(\.startedAtFrom) == [.sidecar, .sidecar])
        #expect(
            part.recordings.map(\.startedAt.description) == ["2018-04-05T08:00:00.000Z", "2018-04-05T09:00:00.000Z"]
        )
        #expect((part.sources[0].members, part.sources[0].sidecars) == (2, 1))
        #expect(part.exceptions.isEmpty)
    }

    @Test func `says what to do when the stages before it did not run`() throws {
        let bench = try Bench()
        let stage = try bench.verifyStage()
        let failure = try #require(throws: Failure.self) {
            try stage.run(Samples.day, progress: bench.silentProgress(.verify))
        }
        #expect(failure.advice?.contains("dialvault fetch 2018-04-05") == true)
    }

    // MARK: What was verified before

    /// A part that no verification makes: what stands in its place afterwards tells whether the stage worked.
    private func replacePart(in bench: Bench) throws {
        try bench.work.write(Data(), to: "dialer.recordings.jsonl")
    }

    private func worksAgain(
        in bench: Bench,
        zone: TimeZone? = nil,
        patterns: [String] = [],
        columns: SidecarColumns = .automatic,
        software: String = Bench.software
    ) throws -> Bool {
        let stage = try bench.verifyStage(zone: zone, patterns: patterns, columns: columns, software: software)
        try stage.run(Samples.day, progress: bench.silentProgress(.verify))
        return try bench.work.part(.dialer)?.recordings.isEmpty == false
    }

    @Test func `does nothing again while all that it follows from is the same`() throws {
        let bench = try Bench()
        _ = try verify([audio(0, "a.mp3", 1)], bench: bench)
        try replacePart(in: bench)
        #expect(try !worksAgain(in: bench))
    }

    @Test func `verifies again under other settings`() throws {
        let bench = try Bench()
        let columns = SidecarColumns([.phone: "Nummer"])
        _ = try verify([audio(0, "a.mp3", 1)], bench: bench)
        try replacePart(in: bench)
        #expect(try worksAgain(in: bench, zone: .gmt))
        try replacePart(in: bench)
        #expect(try worksAgain(in: bench, patterns: ["(?<phone>[0-9]+)"]))
        try replacePart(in: bench)
        #expect(try worksAgain(in: bench, columns: columns))
        try replacePart(in: bench)
        #expect(try !worksAgain(in: bench, columns: columns))
        #expect(try worksAgain(in: bench, columns: columns, software: "dialvault test 2"))
    }

    @Test func `verifies again what was unpacked otherwise, and where a file is missing`() throws {
        let bench = try Bench()
        _ = try verify([audio(0, "a.mp3", 1)], bench: bench)
        #expect(try verify([audio(0, "a.mp3", 1), audio(1, "b.mp3", 2)], bench: bench).recordings.count == 2)
        let degraded = try verify([audio(0, "a.mp3", 1)], crcMismatch: true, bench: bench)
        #expect(degraded.recordings.map(\.verdict) == [.degraded])
        for name in ["dialer.sources.json", "dialer.recordings.jsonl", "dialer.exceptions.jsonl"] {
            try FileSystem.removeTree(bench.work.path(name))
            #expect(try worksAgain(in: bench))
        }
    }

    @Test func `verifies always where a selection asks what is published`() throws {
        let bench = try Bench("select: { numbers: ['*'] }")
        _ = try verify([audio(0, "20180405-101533_999189807048-all.mp3", 1)], bench: bench)
        try replacePart(in: bench)
        #expect(try worksAgain(in: bench))
    }
}

extension Bench {
    fileprivate static let software = "dialvault test"

    /// What the stages before leave of one archive with these members.
    fileprivate func unpacked(_ members: [Member], state: ArchiveReport.State, crcMismatch: Bool) throws {
        let archive = FetchedArchive(name: "outbound.tar.gz", path: "/nowhere", sizeBytes: 9, fingerprint: "f")
        try work.save(
            FetchedDay(
                day: Samples.day,
                sources: [FetchedSource(name: "outbound", kind: .directory, state: .complete, archives: [archive])]
            )
        )
        var result = UnpackedArchive(
            archive: archive.name,
            sha256: Samples.digest(200),
            sizeBytes: 9,
            state: state,
            detail: state == .complete ? nil : "cut after 9 bytes"
        )
        result.crcMismatch = crcMismatch
        let record = UnpackRecord(source: "outbound", archive: archive, result: result, changedWhileRead: false)
        let key = work.unpackKey(archive, of: "outbound")
        try FileSystem.createFolders(work.path("unpack"), mode: 0o750)
        try work.write(try JSONLines.encode(members), to: key + ".jsonl")
        try work.write(try JSONLines.line(record), to: key + ".json")
    }

    fileprivate func verifyStage(
        zone: TimeZone? = nil,
        patterns: [String] = [],
        columns: SidecarColumns = .automatic,
        software: String = Bench.software
    ) throws -> VerifyStage {
        try VerifyStage(
            vault: vault,
            timeZone: zone ?? configuration.timezone,
            filenamePatterns: patterns,
            sidecarColumns: columns,
            rule: SelectionRule(configuration.select),
            software: software,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
