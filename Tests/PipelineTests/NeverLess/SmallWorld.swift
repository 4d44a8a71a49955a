import ArchiveReader
import Foundation
import Ledger
import Logging
import Recordings
import Settings
import TestSupport
import Vault

@testable import Pipeline

/// What the sources of a small vault offer, and a vault that is run against them: unpacking and the network are played, all
/// else is the program's own.
///
/// An archive's bytes are its version, so that the same archive always has the same members, as its digest says.
struct SmallWorld {
    /// One call that a dialer recorded.
    struct Call: Hashable {
        var name: String
        var content: String
        var modifiedAt: Timestamp
    }

    struct Archive {
        var calls: [Call]
        /// Of the archive's bytes.
        var digest: Digest
        /// Size and time stamp, as far as a source looks at them.
        var fingerprint = 0
    }

    struct Item {
        var id: RecordingID
        var content: String
        var startedAt: Timestamp
    }

    /// How far a reading of an archive comes.
    enum Reach { case whole, upTo(Int), nothing }

    let day = Samples.day
    let vault: Vault
    var timeZone: TimeZone
    var archives: [String: Archive] = [:]
    var items: [Item] = []
    var reach: Reach = .whole
    /// Whether the API answers.
    var isAPIUp = true
    /// Items that the API lists and cannot deliver.
    var undelivered: Set<RecordingID> = []
    var patterns: [String] = []
    /// The configuration's `select`.
    var selection = "{}"
    var hasDialer = true
    var versions = 0

    static let software = "dialvault test"

    init(_ vault: Vault, timeZone: TimeZone) {
        self.vault = vault
        self.timeZone = timeZone
    }

    // MARK: What the sources do

    /// Audio of that text, as far as the stages look at it.
    static func audio(_ content: String) -> AudioFindings {
        AudioFindings(
            audio: AudioFacts(
                container: "mp3",
                codec: "mp3",
                sampleRateHz: 8000,
                channels: 1,
                bitRateBps: 24_000,
                durationMs: 5000
            )
        )
    }

    mutating func put(_ name: String, _ calls: [Call]) {
        versions += 1
        let text = "\(name) \(calls.map { "\($0.name) \($0.content) \($0.modifiedAt)" })"
        archives[name] = Archive(calls: calls, digest: Digest(of: Data(text.utf8)), fingerprint: versions)
    }

    mutating func touch(_ name: String) {
        versions += 1
        archives[name]?.fingerprint = versions
    }

    // MARK: A run

    /// A vault as a new process sees it.
    private var fresh: Vault { Vault(root: vault.root, modes: vault.modes) }

    func run() async throws {
        let vault = fresh
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let ledger = try openLedger()
        let time = VirtualTime(Samples.time("2018-04-10T12:00:00Z"))
        let locks = LockQueue(vault, holder: "test", dayWait: 0)
        do {
            let lock = try await locks.publication(waiting: time)
            defer { _ = lock }
            try Recovery(vault: vault, ledger: ledger, log: log).run()
        }
        let work = WorkFiles(vault, day)
        let configuration = try configuration(vault)
        try unpack(vault, work)
        try VerifyStage(
            vault: vault,
            timeZone: timeZone,
            filenamePatterns: patterns,
            rule: SelectionRule(configuration.select),
            software: Self.software,
            log: log
        )
        .run(day, progress: StageProgress(day: day, stage: .verify) { _ in })
        try collect(vault, work)
        _ = try await MergeStage(
            vault: vault,
            ledger: ledger,
            sources: [ConfiguredSource(name: "outbound", kind: .directory), ConfiguredSource(name: "api", kind: .api)],
            timeZone: timeZone,
            timeZoneName: timeZone.identifier,
            clock: RetentionClock(configuration),
            software: Self.software,
            locks: locks,
            time: time,
            log: log
        )
        .run(day)
    }

    private func configuration(_ vault: Vault) throws -> Configuration {
        let text = """
            vault: \(vault.root)
            timezone: Europe/Berlin
            retention: { dialer_days: 36500, api_days: 36500 }
            select: \(selection)
            """
        return try Configuration.load(
            ConfigurationRequest(file: "/dialvault.yaml", environment: [:], currentDirectory: "/"),
            files: ConfigurationFiles { _ in .init(bytes: Array(text.utf8), mode: 0o600) }
        ).configuration
    }

    /// A ledger that is no database any more is made anew, as from a vault that never had one.
    private func openLedger() throws -> Ledger {
        do { return try Ledger(path: vault.ledger, mode: vault.modes.working) } catch {
            for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: vault.ledger + ending) }
            return try Ledger(path: vault.ledger, mode: vault.modes.working)
        }
    }

    private func store(_ content: String, _ vault: Vault) throws -> Digest {
        let bytes = Data(content.utf8)
        let digest = Digest(of: bytes)
        try FileSystem.createFolders(vault.blobs(day), mode: vault.modes.directory)
        try FileSystem.write(bytes, to: vault.blob(digest, of: day), mode: vault.modes.sealed)
        return digest
    }

    /// Leaves what the fetch and the unpack stage leave, for every archive that is not unpacked yet.
    private func unpack(_ vault: Vault, _ work: WorkFiles) throws {
        let fetched = archives.sorted { $0.key < $1.key }.map { name, archive in
            FetchedArchive(name: name, path: "/nowhere/\(name)", sizeBytes: 9, fingerprint: "\(archive.fingerprint)")
        }
        let state: SourceState = fetched.isEmpty ? .notReady : .complete
        let source = FetchedSource(name: "outbound", kind: .directory, state: state, archives: fetched)
        try work.save(FetchedDay(day: day, sources: hasDialer ? [source] : []))
        let locations = AudioLocations(vault, day, published: try vault.knownRows(day))
        try FileSystem.createFolders(work.path("unpack"), mode: 0o750)
        for archive in fetched where try !work.isUnpacked(archive, of: "outbound", locations) {
            guard let content = archives[archive.name] else { continue }
            try unpack(archive, content, vault, work)
        }
    }

    private func unpack(_ archive: FetchedArchive, _ content: Archive, _ vault: Vault, _ work: WorkFiles) throws {
        let reached =
            switch reach {
            case .whole: content.calls.count
            case .upTo(let count): min(count, content.calls.count)
            case .nothing: 0
            }
        let members = try content.calls[..<reached].enumerated().map { index, call in
            Member(
                index: index,
                name: call.name,
                modifiedAt: call.modifiedAt,
                sizeBytes: Int64(call.content.utf8.count),
                sha256: try store(call.content, vault),
                content: .file(Self.audio(call.content))
            )
        }
        var result = UnpackedArchive(
            archive: archive.name,
            sha256: content.digest,
            sizeBytes: 9,
            state: .complete,
            detail: nil
        )
        if reached < content.calls.count {
            result.state = reached == 0 ? .unreadable : .partial
            result.detail = "the process that read it was lost after \(reached) members"
        }
        let record = UnpackRecord(source: "outbound", archive: archive, result: result, changedWhileRead: false)
        let key = work.unpackKey(archive, of: "outbound")
        try work.write(try JSONLines.encode(members), to: key + ".jsonl")
        try work.write(try JSONLines.line(record), to: key + ".json")
    }

    /// Leaves what the collect stage leaves: it keeps what is published, whatever the platform says of it since.
    private func collect(_ vault: Vault, _ work: WorkFiles) throws {
        guard isAPIUp else {
            let failure = Failure(.unreachable, "the platform does not answer")
            let source = PartSource(name: "api", kind: .api, state: .failed, detail: failure.message, failure: failure)
            return try work.save(DayPart(sources: [source]), as: .api)
        }
        var part = DayPart()
        for item in items where Day.localTime(at: item.startedAt, in: timeZone).date == day {
            if undelivered.contains(item.id) {
                var exception = Exception(
                    day: day,
                    source: "api",
                    reason: .unavailable,
                    detail: "the platform says: 404"
                )
                exception.recordingID = item.id
                part.exceptions.append(exception)
                continue
            }
            let digest = try store(item.content, vault)
            let path = Recording.path(
                channel: .queue,
                startedAt: item.startedAt,
                id: item.id,
                fileExtension: "mp3",
                in: timeZone
            )
            guard let audio = Self.audio(item.content).audio else { continue }
            part.recordings.append(
                Recording(
                    recordingID: item.id,
                    startedAt: item.startedAt,
                    startedAtFrom: .api,
                    day: day,
                    channel: .queue,
                    path: path,
                    sha256: digest,
                    sizeBytes: Int64(item.content.utf8.count),
                    audio: audio,
                    verdict: .verified,
                    defects: [],
                    sources: [.api(recordingID: item.id)]
                )
            )
        }
        part.sources = [
            PartSource(
                name: "api",
                kind: .api,
                state: .complete,
                members: part.recordings.count + part.exceptions.count
            )
        ]
        try work.save(part, as: .api)
    }
}

extension Vault {
    fileprivate func knownRows(_ day: Day) throws -> [Recording] { try knownDay(day)?.recordings ?? [] }
}
