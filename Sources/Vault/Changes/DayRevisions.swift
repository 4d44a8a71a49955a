import Foundation
import Recordings

// Which revision of a day was current after which publication. A reader needs no lock for it: publications have their
// numbers in the order in which they become visible, and a revision is in the history before the next one is published.
extension Vault {
    /// The revision of the day that was current after publication `sequence`; nil when it had none then.
    ///
    /// - Throws: `Failure` with code `corrupt` when the history does not tell.
    func revision(of day: Day, after sequence: Int64) throws(Failure) -> DaySummary? {
        guard sequence > 0, let newest = try newestRevision(of: day) else { return nil }
        if newest.sequence <= sequence { return newest }
        var number = newest.revision - 1
        while number > 0 {
            guard let earlier = try formerSummary(day, revision: number) else {
                throw Failure(
                    .corrupt,
                    "the history of \(day) does not say what was current after publication \(sequence): "
                        + "\(historySummary(day, revision: number)) is missing",
                    advice: "Restore it from a backup, or start again with everything: dialvault changes --since 0"
                )
            }
            if earlier.sequence <= sequence { return earlier }
            number -= 1
        }
        return nil
    }

    private func newestRevision(of day: Day) throws(Failure) -> DaySummary? {
        if let published = try publishedSummary(day) { return published }
        // Where two folders cannot be exchanged in one step, a day has no bag for a moment; the one before is in the history.
        guard isExchanging(day) else { return try publishedSummary(day) }
        guard let last = try revisionsInHistory(day).last else { return nil }
        return try formerSummary(day, revision: last)
    }

    private func formerSummary(_ day: Day, revision: Int) throws(Failure) -> DaySummary? {
        let path = historySummary(day, revision: revision)
        guard let data = try FileSystem.read(path) else { return nil }
        guard let summary = try? JSONDecoder().decode(DaySummary.self, from: data), summary.day == day else {
            throw Failure(.corrupt, "\(path) is no summary of \(day)", advice: "Restore it from a backup")
        }
        return summary
    }

    /// The lines of a revision's manifest, whether it is the published one or a former one.
    ///
    /// They stay the same ones, whatever is published while they are read.
    func manifest(of summary: DaySummary) throws(Failure) -> LineReader {
        let (day, name) = (summary.day, BagFile.manifest)
        if let bag = try HeldFolder(bag(day)), let data = try bag.file(BagFile.summary)?.content(),
            let held = try? JSONDecoder().decode(DaySummary.self, from: data), held.sequence == summary.sequence,
            let file = try bag.file(name)
        {
            return LineReader(PlainFile(file), "\(bag.path)/\(name)")
        }
        let path = history(day, revision: summary.revision)
        guard let folder = try HeldFolder(history(day)), let file = try folder.file(FileSystem.name(of: path)) else {
            throw Failure(
                .corrupt,
                "the manifest of revision \(summary.revision) of \(day) is missing: \(path)",
                advice: "Restore it from a backup, or start again with everything: dialvault changes --since 0"
            )
        }
        return LineReader(try GzipFile(file, path), path)
    }
}
