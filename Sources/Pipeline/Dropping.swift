import Platform
import Recordings
import Vault

/// What a run is to take out of its days by name, or to put back.
package struct DropRequest: Hashable, Sendable {
    /// Ids, or prefixes of at least six characters that only one recording of the day has.
    package var dropped: [String] = []
    /// Why; it is in the day's exceptions.
    package var reason = ""
    package var takenBack: [String] = []

    package var isEmpty: Bool { dropped.isEmpty && takenBack.isEmpty }

    package init() {}
}

extension Pipeline {
    /// Notes what the request takes out of a day or puts back: the merge that follows does it. The caller holds the day's lock.
    ///
    /// - Throws: `Failure` with code `notFound` for an id that the day does not have, `usage` for one that is ambiguous.
    func note(_ request: DropRequest, on day: Day) throws {
        guard !request.isEmpty else { return }
        let rows = try vault.publishedDay(day)?.recordings ?? []
        var drops = try vault.drops(of: day)
        for text in request.dropped {
            let id = try Self.only(text, among: rows.map(\.recordingID), day, "published")
            for row in rows where row.recordingID == id {
                drops.append(DroppedRecording(row, reason: request.reason, at: time.now()))
            }
        }
        for text in request.takenBack {
            let id = try Self.only(text, among: drops.map(\.recordingID), day, "dropped")
            drops.removeAll { $0.recordingID == id }
        }
        try vault.save(drops, of: day)
    }

    private static func only(
        _ text: String,
        among ids: [RecordingID],
        _ day: Day,
        _ state: String
    ) throws(Failure) -> RecordingID {
        let wanted = RecordingID(text)
        if let wanted, ids.contains(wanted) { return wanted }
        let matches = Set(
            ids.filter { id in
                guard let wanted, wanted.text.utf8.count >= 6 else { return false }
                return id.text.hasPrefix(wanted.text)
            }
        )
        guard matches.count < 2 else {
            throw Failure(
                .usage,
                "\(text) is the beginning of \(matches.count) ids of \(day)",
                advice: "Give more of the id"
            )
        }
        guard let match = matches.first else {
            throw Failure(
                .notFound,
                "no recording \(text) is \(state) on \(day)",
                advice: "See what is there with: dialvault show \(day)"
            )
        }
        return match
    }
}
