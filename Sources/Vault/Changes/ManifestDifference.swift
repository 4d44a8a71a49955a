import Foundation
package import Recordings

/// A row of a manifest that is not the same in another revision.
package struct ChangedRow: Decodable, Hashable, Sendable {
    package let recordingID: RecordingID
    /// Where the audio lies, relative to the bag.
    package let path: String
    let startedAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case recordingID = "recording_id"
        case path
        case startedAt = "started_at"
    }
}

/// In which rows two revisions of a day's manifest differ.
///
/// Both are sorted, so they are read side by side, and only what differs is kept or decoded.
struct ManifestDifference {
    private(set) var added: [ChangedRow] = []
    private(set) var removed: [ChangedRow] = []
    private(set) var changed: [ChangedRow] = []

    /// - Parameter before: nil when there was no revision.
    init(from before: LineReader?, to after: LineReader) throws(Failure) {
        var left = Cursor(before)
        var right = Cursor(after)
        try left.advance()
        try right.advance()
        while let old = left.line, let new = right.line {
            if old != new {
                let (oldRow, newRow) = (try left.row(old), try right.row(new))
                if oldRow.precedes(newRow) {
                    removed.append(oldRow)
                    try left.advance()
                    continue
                }
                if newRow.precedes(oldRow) {
                    added.append(newRow)
                    try right.advance()
                    continue
                }
                changed.append(newRow)
            }
            try left.advance()
            try right.advance()
        }
        while let old = left.line {
            removed.append(try left.row(old))
            try left.advance()
        }
        while let new = right.line {
            added.append(try right.row(new))
            try right.advance()
        }
        pairUp()
    }

    /// A recording whose start is another one now stands at another place, and is the same all the same.
    private mutating func pairUp() {
        guard !removed.isEmpty, !added.isEmpty else { return }
        let gone = Set(removed.map(\.recordingID))
        let moved = added.filter { gone.contains($0.recordingID) }
        guard !moved.isEmpty else { return }
        let ids = Set(moved.map(\.recordingID))
        changed += moved
        added.removeAll { ids.contains($0.recordingID) }
        removed.removeAll { ids.contains($0.recordingID) }
    }

    /// The line at which one of the two is.
    private struct Cursor {
        private let lines: LineReader?
        private(set) var line: Data?
        private var decoded: ChangedRow?

        init(_ lines: LineReader?) {
            self.lines = lines
        }

        mutating func advance() throws(Failure) {
            line = try lines?.next()
            decoded = nil
        }

        mutating func row(_ line: Data) throws(Failure) -> ChangedRow {
            if let decoded { return decoded }
            guard let row = try? JSONDecoder().decode(ChangedRow.self, from: line), Recording.isSafePath(row.path)
            else { throw Failure(.corrupt, "a line of a manifest is no recording: \(line.count) bytes") }
            decoded = row
            return row
        }
    }
}

extension ChangedRow {
    /// The order of the manifest's lines.
    fileprivate func precedes(_ other: ChangedRow) -> Bool {
        (startedAt, recordingID) < (other.startedAt, other.recordingID)
    }
}
