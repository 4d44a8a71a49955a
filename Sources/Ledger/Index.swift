import GRDB
package import Recordings

extension Ledger {
    /// Where a recording lies.
    package struct Entry: Hashable, Sendable {
        package let recordingID: RecordingID
        package let day: Day
        /// Relative to the day's bag.
        package let path: String
        package let sha256: Digest
        package let sizeBytes: Int64
    }

    /// The published recordings with an id: none, one, or, where a source changed its mind about the start, several.
    package func entries(_ id: RecordingID) throws -> [Entry] {
        try read { database in
            try Row.fetchAll(
                database,
                sql:
                    "SELECT recording_id, day, path, sha256, size_bytes FROM recording WHERE recording_id = ? ORDER BY day",
                arguments: [id.text]
            ).compactMap { row in
                guard let id = RecordingID(row["recording_id"]), let day = Day(row["day"]),
                    let sha256 = Digest(hex: row["sha256"])
                else { return nil }
                return Entry(recordingID: id, day: day, path: row["path"], sha256: sha256, sizeBytes: row["size_bytes"])
            }
        }
    }
}
