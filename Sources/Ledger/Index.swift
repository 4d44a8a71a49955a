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
        try entries([id])[id] ?? []
    }

    /// The published recordings with any of these ids, by id, the earliest day first.
    package func entries(_ ids: [RecordingID]) throws -> [RecordingID: [Entry]] {
        // SQLite takes 32,766 parameters a statement (https://sqlite.org/limits.html, section 9).
        let batch = 10_000
        return try read { database in
            var entries: [RecordingID: [Entry]] = [:]
            for start in stride(from: 0, to: ids.count, by: batch) {
                let texts = ids[start..<min(start + batch, ids.count)].map(\.text)
                let marks = databaseQuestionMarks(count: texts.count)
                let sql = """
                    SELECT recording_id, day, path, sha256, size_bytes FROM recording
                    WHERE recording_id IN (\(marks)) ORDER BY day
                    """
                let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(texts))
                while let row = try rows.next() {
                    if let entry = Entry(row) { entries[entry.recordingID, default: []].append(entry) }
                }
            }
            return entries
        }
    }
}

extension Ledger.Entry {
    fileprivate init?(_ row: Row) {
        guard let id = RecordingID(row["recording_id"]), let day = Day(row["day"]),
            let sha256 = Digest(hex: row["sha256"])
        else { return nil }
        self.init(recordingID: id, day: day, path: row["path"], sha256: sha256, sizeBytes: row["size_bytes"])
    }
}
