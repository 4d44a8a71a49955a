import GRDB
package import Recordings

// A publication is written down before it happens and marked as finished after it: a crash in between leaves a line
// that tells the next start which bag to compare with the disk.
extension Ledger {
    /// A publication that was announced and not marked as finished.
    package struct Unfinished: Hashable, Sendable {
        package let sequence: Int64
        package let day: Day
    }

    /// Announces a publication.
    ///
    /// - Parameter highest: the highest number that the vault's files know: the ledger may be new, or an old copy.
    /// - Returns: its sequence number, one that no publication of this vault has.
    package func beginPublication(
        _ day: Day,
        revision: Int,
        manifestSHA256: Digest,
        after highest: Int64 = 0
    ) throws -> Int64 {
        try write { database in
            let last = try Self.lastSequence(database)
            let sequence = max(last, highest) + 1
            try database.execute(
                sql: """
                    INSERT INTO publication (sequence, day, revision, manifest_sha256, finished)
                    VALUES (?, ?, ?, ?, FALSE)
                    """,
                arguments: [sequence, day.description, revision, manifestSHA256.hex]
            )
            return sequence
        }
    }

    /// Marks a publication as finished and puts its recordings in the place of the day's former ones.
    package func finishPublication(_ summary: DaySummary, recordings: [Recording]) throws {
        try write { database in try Self.index(summary, recordings, in: database) }
    }

    package func unfinishedPublications() throws -> [Unfinished] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT sequence, day FROM publication WHERE NOT finished ORDER BY sequence"
            )
            .compactMap { row in Day(row["day"]).map { Unfinished(sequence: row["sequence"], day: $0) } }
        }
    }

    /// The days of which it knows the recordings.
    package func publishedDays() throws -> Set<Day> {
        try read { database in
            let days = try String.fetchAll(database, sql: "SELECT DISTINCT day FROM publication WHERE finished")
            return Set(days.compactMap { Day($0) })
        }
    }

    /// Forgets a publication that never happened.
    package func abandonPublication(_ sequence: Int64) throws {
        try write { database in
            try database.execute(sql: "DELETE FROM publication WHERE sequence = ?", arguments: [sequence])
        }
    }

    /// The last sequence number that was given out; 0 when there is none.
    package func lastSequence() throws -> Int64 {
        try read { database in try Self.lastSequence(database) }
    }

    private static func lastSequence(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'publication'") ?? 0
    }

    /// Forgets everything, to be filled again from the bags with ``finishPublication(_:recordings:)``.
    package func clear() throws {
        try write { database in
            try database.execute(sql: "DELETE FROM recording; DELETE FROM publication; DELETE FROM sqlite_sequence")
        }
    }

    private static func index(_ summary: DaySummary, _ recordings: [Recording], in database: Database) throws {
        let day = summary.day.description
        try database.execute(
            sql: """
                INSERT INTO publication (sequence, day, revision, manifest_sha256, state, finished)
                VALUES (?, ?, ?, ?, ?, TRUE)
                ON CONFLICT (sequence) DO UPDATE SET state = excluded.state, finished = TRUE
                """,
            arguments: [
                summary.sequence, day, summary.revision, summary.manifestSHA256.hex, summary.state.rawValue,
            ]
        )
        try database.execute(sql: "DELETE FROM recording WHERE day = ?", arguments: [day])
        let insert = try database.makeStatement(
            sql: """
                INSERT INTO recording (recording_id, day, path, sha256, size_bytes, started_at, channel, verdict)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        // In the order of the table's key, so that neighbours go to the same page.
        for place in recordings.indices.sorted(by: { recordings[$0].recordingID < recordings[$1].recordingID }) {
            let recording = recordings[place]
            try insert.execute(arguments: [
                recording.recordingID.text, day, recording.path, recording.sha256.hex, recording.sizeBytes,
                recording.startedAt.description, recording.channel.rawValue, recording.verdict.rawValue,
            ])
        }
    }
}
