package import Recordings

/// A line of the change feed: a day, then its recordings, and at the end the number to keep.
package struct ChangeLine: Codable, Hashable, Sendable {
    /// The name and version of the line's format.
    package static let schema = "dialvault/change/1"

    package var schema = ChangeLine.schema
    package var change: Kind
    package var day: Day?
    /// Of the day's newest publication; in the last line, of the vault's.
    package var sequence: Int64?
    package var revision: Int?
    package var sinceRevision: Int?
    package var state: DaySummary.State?
    package var added: Int?
    package var changed: Int?
    package var removed: Int?
    package var recordingID: RecordingID?
    package var path: String?
    package var reason: Exception.Reason?
    package var detail: String?

    package enum Kind: String, Codable, Hashable, Sendable {
        case day, added, changed, removed, end
    }

    private init(_ change: Kind, _ day: Day? = nil) {
        self.change = change
        self.day = day
    }

    private enum CodingKeys: String, CodingKey {
        case schema, change, day, sequence, revision
        case sinceRevision = "since_revision"
        case state, added, changed, removed
        case recordingID = "recording_id"
        case path, reason, detail
    }
}

extension ChangeLine {
    /// The last line.
    package static func end(_ sequence: Int64) -> ChangeLine {
        var line = ChangeLine(.end)
        line.sequence = sequence
        return line
    }

    /// The line of the day itself.
    package static func day(_ change: DayChange) -> ChangeLine {
        var line = ChangeLine(.day, change.summary.day)
        line.sequence = change.summary.sequence
        line.revision = change.summary.revision
        line.sinceRevision = change.sinceRevision
        line.state = change.summary.state
        line.added = change.added.count
        line.changed = change.changed.count
        line.removed = change.removed.count
        return line
    }

    /// The lines of the day's recordings.
    package static func recordings(_ change: DayChange) -> some Sequence<ChangeLine> {
        let day = change.summary.day
        func line(_ kind: Kind, _ row: ChangedRow) -> ChangeLine {
            var line = ChangeLine(kind, day)
            line.recordingID = row.recordingID
            line.path = row.path
            return line
        }
        let removed = change.removed.lazy.map { row in
            var line = ChangeLine(.removed, day)
            line.recordingID = row.recordingID
            line.reason = row.reason
            line.detail = row.detail
            return line
        }
        let others = [(Kind.added, change.added), (.changed, change.changed)].lazy.flatMap { kind, rows in
            rows.lazy.map { line(kind, $0) }
        }
        return [AnySequence(others), AnySequence(removed)].lazy.flatMap(\.self)
    }
}
