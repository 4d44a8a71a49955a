import Foundation
import Ledger
import Platform
import Recordings
import Vault

/// The audio of a day that needs not be fetched again: received by an earlier run, or published.
struct AudioShelf {
    private let work: WorkFiles
    private let vault: Vault
    private let day: Day
    private let locations: AudioLocations
    /// Whether what is there is fetched all the same, once.
    private let isRefetching: Bool
    /// What came in by this run or an earlier one and is not published.
    private var received: [RecordingID: ReceivedAudio] = [:]
    private var fresh: Set<RecordingID> = []
    private let published: [RecordingID: Recording]
    /// What other days of the vault have of the listed recordings: their starts were corrected after they had been archived.
    private let elsewhere: [RecordingID: [Ledger.Entry]]
    /// The API's part of the published day; nil when it has none.
    let state: SourceState?
    /// Whether that is as good as it gets.
    var isSettled: Bool { state?.isSettled ?? false }

    private static let fileName = "api.received.jsonl"

    init(_ vault: Vault, _ ledger: Ledger, _ day: Day, _ listing: Listing, isRefetching: Bool) throws {
        work = WorkFiles(vault, day)
        self.vault = vault
        self.day = day
        self.isRefetching = isRefetching
        let published = try vault.knownDay(day)
        locations = AudioLocations(vault, day, published: published?.recordings ?? [])
        self.published = Dictionary((published?.recordings ?? []).map { ($0.recordingID, $0) }) { first, _ in first }
        elsewhere = try ledger.entries(listing.items.map(\.id)).mapValues { $0.filter { $0.day != day } }
            .filter { !$0.value.isEmpty }
        state = published?.summary.sources.first { $0.name == CollectStage.sourceName }?.state
        for audio in try work.receivedAudio(Self.fileName) { received[audio.recordingID] = audio }
    }

    /// The row that is published under an id, whoever delivered it.
    func publishedRecording(_ id: RecordingID) -> Recording? { published[id] }

    /// What is there of an item, if it is still what the platform offers.
    func audio(for item: ListedRecording) throws -> ReceivedAudio? {
        if isRefetching, !fresh.contains(item.id) { return nil }
        let here = [received[item.id], published[item.id].map(ReceivedAudio.init(published:))].compactMap(\.self)
        let current = try here.first { audio in
            try audio.isCurrent(declaredSizeBytes: item.file?.size) && locations.path(of: audio.sha256) != nil
        }
        return try current ?? audioOfAnotherDay(item)
    }

    private func audioOfAnotherDay(_ item: ListedRecording) throws -> ReceivedAudio? {
        guard let size = item.file?.size else { return nil }
        for entry in elsewhere[item.id] ?? [] where entry.sizeBytes == size {
            let rows = try vault.knownDay(entry.day)?.recordings ?? []
            guard let row = rows.first(where: { $0.recordingID == item.id && $0.sha256 == entry.sha256 }),
                let file = try vault.intactFile(of: row)
            else { continue }
            try FileSystem.createFolders(vault.blobs(day), mode: vault.modes.directory)
            try FileSystem.link(file, to: vault.blob(row.sha256, of: day), mode: vault.modes.sealed)
            return ReceivedAudio(published: row)
        }
        return nil
    }

    /// Notes what came in, so that a run that is interrupted now does not fetch it again.
    mutating func add(_ audio: IncomingAudio.Received, for item: ListedRecording) throws -> ReceivedAudio {
        let entry = ReceivedAudio(
            recordingID: item.id,
            sha256: audio.sha256,
            sizeBytes: audio.sizeBytes,
            findings: audio.findings,
            declaredSizeBytes: item.file?.size
        )
        let file = try OpenFile(
            work.path(Self.fileName),
            flags: O_WRONLY | O_CREAT | O_APPEND,
            mode: vault.modes.working
        )
        try file.write(JSONLines.line(entry))
        received[item.id] = entry
        fresh.insert(item.id)
        return entry
    }
}

extension WorkFiles {
    /// The lines that were written whole: a crash can have cut the last one, whose audio is fetched again.
    fileprivate func receivedAudio(_ name: String) throws -> [ReceivedAudio] {
        guard var data = try FileSystem.read(path(name)) else { return [] }
        if let end = data.lastIndex(of: UInt8(ascii: "\n")), end != data.indices.last {
            // What is added next begins a line of its own.
            data = data[...end]
            try write(data, to: name)
        }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(ReceivedAudio.self, from: $0)
        }
    }
}
