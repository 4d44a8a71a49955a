import Foundation
import Platform
import Recordings
import Vault

/// The audio of a day that needs not be fetched again: received by an earlier run, or published.
struct AudioShelf {
    private let work: WorkFiles
    private let vault: Vault
    private let day: Day
    private let locations: AudioLocations
    private var received: [RecordingID: ReceivedAudio] = [:]
    private var published: [RecordingID: ReceivedAudio] = [:]

    private static let fileName = "api.received.jsonl"

    init(_ vault: Vault, _ day: Day) throws {
        work = WorkFiles(vault, day)
        self.vault = vault
        self.day = day
        let recordings = try vault.publishedDay(day)?.recordings ?? []
        locations = AudioLocations(vault, day, published: recordings)
        for recording in recordings where recording.sources.contains(.api(recordingID: recording.recordingID)) {
            published[recording.recordingID] = ReceivedAudio(published: recording)
        }
        for audio in try work.receivedAudio(Self.fileName) { received[audio.recordingID] = audio }
    }

    /// What is there of an item, if it is still what the platform offers.
    func audio(for item: ListedRecording) -> ReceivedAudio? {
        [received[item.id], published[item.id]].compactMap(\.self).first { audio in
            audio.isCurrent(declaredSizeBytes: item.file?.size) && locations.path(of: audio.sha256) != nil
        }
    }

    func publishedAudio(_ id: RecordingID) -> ReceivedAudio? { published[id] }

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
        return entry
    }
}

extension WorkFiles {
    /// The lines that were written whole: a crash can have cut the last one, whose audio is fetched again.
    fileprivate func receivedAudio(_ name: String) throws -> [ReceivedAudio] {
        guard let data = try FileSystem.read(path(name)) else { return [] }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(ReceivedAudio.self, from: $0)
        }
    }
}
