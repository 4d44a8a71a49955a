import Foundation
package import Recordings

/// What was published after a publication whose number somebody kept.
///
/// It takes no lock, so it waits for nobody and nobody for it. Every publication up to the newest one that it names is in
/// what it tells, and none after it.
package struct ChangeFeed: Sendable {
    private let vault: Vault

    package init(_ vault: Vault) {
        self.vault = vault
    }

    /// Tells day by day what is another now, the day that was published first before the others.
    ///
    /// - Parameters:
    ///   - since: the number of a publication; 0 for before the first.
    ///   - receive: called once for every day that was published since.
    /// - Returns: the number of the newest publication: from which to ask the next time.
    /// - Throws: `Failure` with code `notFound` when there is no publication `since` yet, `corrupt`, and, after the changes of
    ///   all other days, `damaged` for a day whose bag does not read back as it was published.
    package func changes(since: Int64, _ receive: (DayChange) throws -> Void) throws -> Int64 {
        let newest = try newestPublication()
        guard since <= newest else {
            throw Failure(
                .notFound,
                "there is no publication \(since): the newest of \(vault.root) is \(newest)",
                advice: "The number is of another vault, or this one was restored: start again with --since 0"
            )
        }
        // What is published from here on is told the next time, whether or not this reading meets it.
        var published: [DaySummary] = []
        var damage: Failure?
        for day in try vault.knownDays() {
            do {
                if let summary = try vault.revision(of: day, after: newest), summary.sequence > since {
                    published.append(summary)
                }
            } catch {
                guard error.code == .damaged else { throw error }
                damage = damage ?? error
            }
        }
        for summary in published.sorted(by: { $0.sequence < $1.sequence }) {
            try receive(try change(to: summary, since: since))
        }
        // Nobody is told to go on from here while a day cannot be told of.
        if let damage { throw damage }
        return newest
    }

    private func newestPublication() throws(Failure) -> Int64 {
        var newest: Int64 = 0
        for day in try vault.publishedDays() {
            do throws(Failure) { newest = max(newest, try vault.publishedSummary(day)?.sequence ?? 0) } catch {
                guard error.code == .damaged else { throw error }
            }
        }
        return newest
    }

    private func change(to summary: DaySummary, since: Int64) throws -> DayChange {
        let before = try vault.revision(of: summary.day, after: since)
        let former = try before.map { former throws(Failure) in try vault.manifest(of: former) }
        let present = try vault.manifest(of: summary)
        let difference = try ManifestDifference(from: former, to: present)
        if let former, let before { try check(former, of: before) }
        try check(present, of: summary)
        return DayChange(
            summary: summary,
            sinceRevision: before?.revision,
            added: difference.added,
            changed: difference.changed,
            removed: try explained(difference.removed, summary.day)
        )
    }

    private func check(_ lines: LineReader, of summary: DaySummary) throws(Failure) {
        guard lines.digest() != summary.manifestSHA256 else { return }
        throw Failure(
            .corrupt,
            "the manifest of revision \(summary.revision) of \(summary.day) is not the one that was published",
            advice: "Find out what is changed: dialvault audit \(summary.day)"
        )
    }

    /// Says why recordings went, as far as the day's exceptions know.
    private func explained(_ rows: [ChangedRow], _ day: Day) throws -> [DayChange.Removed] {
        guard !rows.isEmpty else { return [] }
        var reasons: [RecordingID: (reason: Exception.Reason, detail: String)] = [:]
        let ids = Set(rows.map(\.recordingID))
        if let file = try HeldFolder(vault.bag(day))?.file(BagFile.exceptions) {
            let lines = LineReader(PlainFile(file), BagFile.exceptions)
            let decoder = JSONDecoder()
            while let line = try lines.next() {
                guard let exception = try? decoder.decode(Exception.self, from: line),
                    let id = exception.recordingID, ids.contains(id)
                else { continue }
                // Of several, an erasure is why it went.
                if reasons[id] == nil || exception.reason == .erased {
                    reasons[id] = (exception.reason, exception.detail)
                }
            }
        }
        return rows.map { row in
            DayChange.Removed(
                recordingID: row.recordingID,
                reason: reasons[row.recordingID]?.reason,
                detail: reasons[row.recordingID]?.detail
            )
        }
    }
}

/// What is another in a day than it was.
package struct DayChange: Sendable {
    /// The day as it is now.
    package let summary: DaySummary
    /// The revision that it is compared with; nil when there was none.
    package let sinceRevision: Int?
    package let added: [ChangedRow]
    /// Of the same recordings another row: other audio, or something else that is known of it.
    package let changed: [ChangedRow]
    package let removed: [Removed]

    /// A recording that is no longer there.
    package struct Removed: Hashable, Sendable {
        package let recordingID: RecordingID
        /// What the day's exceptions say of it.
        package let reason: Exception.Reason?
        package let detail: String?
    }
}
