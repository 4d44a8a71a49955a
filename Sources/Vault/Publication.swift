import Failpoints
import Foundation
package import Recordings

extension Vault {
    /// Publishes a day: builds its bag aside, makes it durable, and exchanges it with the one before in one step.
    ///
    /// The caller holds the publication lock. When this throws, the published bag is the one that was there before.
    ///
    /// - Parameters:
    ///   - summary: the day in figures; its revision is the published one's and one.
    ///   - removals: by which named act a recording that is published is missing from `rows`.
    ///   - audio: where the bytes of a digest are now, outside the bag that is replaced or in it; asked on all cores.
    /// - Throws: `Failure` with code `damaged` when what is published does not read back, and with code `corrupt` when the
    ///   rows leave out something that is published for no named reason.
    package func publish(
        _ summary: DaySummary,
        rows: DayRows,
        removals: [PublishedIdentity: Removal] = [:],
        audio: @Sendable (Digest) throws(Failure) -> String?
    ) throws {
        let day = summary.day
        Failpoint.reach("publish")
        // A run that was killed between two renames has left the day without a bag, and its revision in staging.
        try clearStaging(of: day)
        if let published = try publishedDay(day) {
            try Continuity(vault: self, published: published, rows: rows, removals: removals).check()
            try completeHistory(of: day)
        }
        Failpoint.reach("publish: history kept")
        let staged = staging(day)
        let bag = try Bag(summary: summary, rows: rows)
        try build(bag, audio: audio, in: staged)
        try stageHistory(summary, bag.revisionFiles)
        Failpoint.reach("publish: bag built")
        try FileSystem.flushAll(root)
        Failpoint.reach("publish: bag on disk")
        try install(staged, as: day)
        Failpoint.reach("publish: bag in place")
        try keepStagedHistory(summary)
        Failpoint.reach("publish: revision in the history")
        try SupersededBag(vault: self, day: day, folder: staged, removals: removals).remove()
        Failpoint.reach("publish: former bag removed")
    }

    private func build(
        _ bag: Bag,
        audio: @Sendable (Digest) throws(Failure) -> String?,
        in folder: String
    ) throws {
        try FileSystem.createFolders("\(folder)/data", mode: modes.directory)
        let recordings = bag.rows.recordings
        for parent in Set(recordings.lazy.map { FileSystem.parent(of: $0.path) }) {
            try FileSystem.createFolders("\(folder)/\(parent)", mode: modes.directory)
        }
        try FileSystem.onAllCores(recordings) { recording throws(Failure) in
            guard let source = try audio(recording.sha256) else {
                throw Failure(
                    .corrupt,
                    "the audio of recording \(recording.recordingID) is neither in the work folder nor published",
                    advice: "Run the day again with all stages: dialvault run \(bag.summary.day)"
                )
            }
            let target = "\(folder)/\(recording.path)"
            try FileSystem.link(source, to: target, mode: modes.sealed)
            guard try FileSystem.regularFile(target)?.sizeBytes == recording.sizeBytes else {
                throw Failure(
                    .corrupt,
                    "\(source) is not the audio of recording \(recording.recordingID): its size is not "
                        + "\(recording.sizeBytes) bytes",
                    advice: "Find out what is damaged: dialvault audit \(bag.summary.day)"
                )
            }
        }
        for file in bag.tagFiles {
            try FileSystem.write(file.content, to: "\(folder)/\(file.name)", mode: modes.sealed)
        }
    }

    /// Puts the staged bag in the place of the published one.
    private func install(_ staged: String, as day: Day) throws(Failure) {
        let bag = bag(day)
        let month = FileSystem.parent(of: bag)
        let year = FileSystem.parent(of: month)
        if !FileSystem.exists(bag) {
            try FileSystem.createFolders(month, mode: modes.directory)
            try FileSystem.rename(staged, to: bag)
            try FileSystem.flushFolder(root)
            try FileSystem.flushFolder(year)
        } else if try !FileSystem.exchange(staged, bag) {
            try exchangeWithJournal(staged, day)
        }
        Failpoint.reach("publish: bag exchanged")
        try FileSystem.flushFolder(month)
        try FileSystem.flushFolder(stagingFolder)
    }
}

// Where a file system cannot exchange two folders, two renames do it, with a journal that says that they have begun:
//
//     <day>.exchange written → bag renamed to <day>.old → <day> renamed to bag → <day>.exchange removed → <day>.old to <day>
//
// A crash between the first two leaves no bag at the day's place; the next start completes the exchange.
extension Vault {
    private func exchangeWithJournal(_ staged: String, _ day: Day) throws(Failure) {
        let old = "\(staged).old"
        let journal = "\(staged).exchange"
        try FileSystem.writeAtomically(Data("\(day)\n".utf8), to: journal, mode: modes.working)
        Failpoint.reach("journal: written")
        try FileSystem.rename(bag(day), to: old)
        Failpoint.reach("journal: former bag aside")
        try FileSystem.rename(staged, to: bag(day))
        try FileSystem.flushFolder(FileSystem.parent(of: bag(day)))
        Failpoint.reach("journal: bag in place")
        try FileSystem.removeTree(journal)
        Failpoint.reach("journal: removed")
        try FileSystem.rename(old, to: staged)
    }

    /// Whether two renames are under way that put another bag in the day's place, or a crash came between them.
    func isExchanging(_ day: Day) -> Bool { FileSystem.exists("\(staging(day)).exchange") }

    /// Completes exchanges that a crash interrupted, and clears the staging folder. The caller holds the publication lock.
    ///
    /// - Returns: the days of which something stays there, and why; each keeps its own day from being published, and no other.
    package func recover() throws(Failure) -> [Day: Failure] {
        let names = try FileSystem.list(stagingFolder)
        var troubles: [Day: Failure] = [:]
        for day in Set(names.compactMap { Day(String($0.prefix(10))) }).sorted() {
            do throws(Failure) { try clearStaging(of: day) } catch { troubles[day] = error }
        }
        return troubles
    }

    /// Removes what a publication left in the staging folder: a bag that was being built, or one that was superseded. A
    /// superseded one whose successor is gone becomes the day's bag again.
    private func clearStaging(of day: Day) throws(Failure) {
        let staged = staging(day)
        if FileSystem.exists("\(staged).exchange"), !FileSystem.exists(bag(day)) {
            try FileSystem.rename(FileSystem.exists(staged) ? staged : "\(staged).old", to: bag(day))
            try FileSystem.flushFolder(FileSystem.parent(of: bag(day)))
        }
        for folder in [staged, "\(staged).old"] where FileSystem.exists(folder) {
            guard let summary = try stagedSummary(folder), try wasPublished(summary) else {
                try discardUnpublished(folder)
                continue
            }
            if FileSystem.exists(bag(day)) {
                try SupersededBag(vault: self, day: day, folder: folder).remove()
            } else {
                try FileSystem.createFolders(FileSystem.parent(of: bag(day)), mode: modes.directory)
                try FileSystem.rename(folder, to: bag(day))
                try FileSystem.flushFolder(FileSystem.parent(of: bag(day)))
            }
        }
        for ending in [".exchange", ".exchange.new", ".history", ".repair"] {
            try FileSystem.removeTree(staged + ending)
        }
    }

    /// The summary of a bag in staging; nil where it has none that can be read, as before it is built.
    private func stagedSummary(_ folder: String) throws(Failure) -> DaySummary? {
        guard let data = try FileSystem.read("\(folder)/\(BagFile.summary)") else { return nil }
        return try? JSONDecoder().decode(DaySummary.self, from: data)
    }

    /// Whether a bag in staging was published once: its own revision, or one after it, is published or in the history.
    private func wasPublished(_ staged: DaySummary) throws(Failure) -> Bool {
        if let last = try revisionsInHistory(staged.day).last,
            let kept = try summaryInHistory(staged.day, revision: last), kept.summary.sequence >= staged.sequence
        {
            return true
        }
        guard let data = try FileSystem.read("\(bag(staged.day))/\(BagFile.summary)"),
            let published = try? JSONDecoder().decode(DaySummary.self, from: data)
        else { return false }
        return published.sequence >= staged.sequence
    }

    /// Removes a bag that was being built. All its audio is linked or copied from where it still is.
    private func discardUnpublished(_ folder: String) throws(Failure) {
        let files = try HeldFolder(folder)?.files() ?? []
        try FileSystem.onAllCores(files) { path throws(Failure) in try FileSystem.removeAudio("\(folder)/\(path)") }
        _ = try FileSystem.removeEmptyFolders(folder)
    }
}
