import Foundation
package import Recordings

/// That somebody took a recording out of its day by name: its bytes are in quarantine, and no run publishes it again until
/// that is taken back.
package struct DroppedRecording: Codable, Hashable, Sendable {
    /// The name and version of the line's format.
    package static let schema = "dialvault/drop/1"

    package var schema = DroppedRecording.schema
    package var recordingID: RecordingID
    package var sha256: Digest
    package var reason: String
    package var droppedAt: Timestamp

    package init(_ recording: Recording, reason: String, at time: Timestamp) {
        recordingID = recording.recordingID
        sha256 = recording.sha256
        self.reason = reason
        droppedAt = time
    }

    package var identity: PublishedIdentity { PublishedIdentity(recordingID: recordingID, sha256: sha256) }

    private enum CodingKeys: String, CodingKey {
        case schema
        case recordingID = "recording_id"
        case sha256, reason
        case droppedAt = "dropped_at"
    }
}

extension Vault {
    private func dropsPath(_ day: Day) -> String { "\(dropFolder)/\(day).jsonl" }

    /// What was taken out of a day by name.
    package func drops(of day: Day) throws(Failure) -> [DroppedRecording] {
        let path = dropsPath(day)
        guard let data = try FileSystem.read(path) else { return [] }
        return try JSONLines.decode(DroppedRecording.self, from: data, origin: path)
    }

    /// The caller holds the day's lock.
    package func save(_ drops: [DroppedRecording], of day: Day) throws {
        guard !drops.isEmpty else { return try FileSystem.removeTree(dropsPath(day)) }
        try FileSystem.createFolders(dropFolder, mode: modes.directory)
        try FileSystem.writeAtomically(JSONLines.encode(drops), to: dropsPath(day), mode: modes.working)
    }
}
