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
    ///   - audio: where the bytes of a digest lie now, outside the bag that is replaced or in it; asked on all cores.
    package func publish(_ summary: DaySummary, rows: DayRows, audio: @Sendable (Digest) -> String?) throws {
        let day = summary.day
        Failpoint.reach("publish")
        try keepHistory(of: day)
        Failpoint.reach("publish: history kept")
        let staged = staging(day)
        try FileSystem.removeTree(staged)
        try build(Bag(summary: summary, rows: rows), audio: audio, in: staged)
        Failpoint.reach("publish: bag built")
        try FileSystem.flushAll(root)
        Failpoint.reach("publish: bag on disk")
        try install(staged, as: day)
        Failpoint.reach("publish: bag in place")
        try FileSystem.removeTree(staged)
        Failpoint.reach("publish: former bag removed")
    }

    private func build(_ bag: Bag, audio: @Sendable (Digest) -> String?, in folder: String) throws {
        try FileSystem.createFolders("\(folder)/data", mode: modes.directory)
        let recordings = bag.rows.recordings
        for parent in Set(recordings.lazy.map { FileSystem.parent(of: $0.path) }) {
            try FileSystem.createFolders("\(folder)/\(parent)", mode: modes.directory)
        }
        try FileSystem.onAllCores(recordings) { recording throws(Failure) in
            guard let source = audio(recording.sha256) else {
                throw Failure(
                    .corrupt,
                    "the audio of recording \(recording.recordingID) is neither in the work folder nor published",
                    advice: "Run the day again with all stages: dialvault run \(bag.summary.day)"
                )
            }
            try FileSystem.link(source, to: "\(folder)/\(recording.path)", mode: modes.sealed)
        }
        for file in try bag.tagFiles() {
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

    /// Keeps the manifest of the revision that is about to be replaced, and then its summary: where a revision's summary
    /// is in the history, its manifest is too.
    private func keepHistory(of day: Day) throws(Failure) {
        guard let summary = try publishedSummary(day) else { return }
        let path = history(day, revision: summary.revision)
        let summaryPath = historySummary(day, revision: summary.revision)
        guard !FileSystem.exists(summaryPath),
            let manifest = try FileSystem.read("\(bag(day))/\(BagFile.manifest)"),
            let summaryBytes = try FileSystem.read("\(bag(day))/\(BagFile.summary)")
        else { return }
        try FileSystem.createFolders(history(day), mode: modes.directory)
        if !FileSystem.exists(path) {
            try FileSystem.writeAtomically(Gzip.compress(manifest), to: path, mode: modes.sealed)
        }
        try FileSystem.writeAtomically(summaryBytes, to: summaryPath, mode: modes.sealed)
    }
}

// Where a file system cannot exchange two folders, two renames do it, with a journal that says that they have begun:
//
//     <day>.exchange written → bag renamed to <day>.old → <day> renamed to bag → <day>.exchange removed
//
// A crash between the renames leaves no bag at the day's place; the next start completes the exchange.
extension Vault {
    private func exchangeWithJournal(_ staged: String, _ day: Day) throws(Failure) {
        let old = "\(staged).old"
        let journal = "\(staged).exchange"
        try FileSystem.removeTree(old)
        try FileSystem.writeAtomically(Data("\(day)\n".utf8), to: journal, mode: modes.working)
        Failpoint.reach("journal: written")
        try FileSystem.rename(bag(day), to: old)
        Failpoint.reach("journal: former bag aside")
        try FileSystem.rename(staged, to: bag(day))
        try FileSystem.flushFolder(FileSystem.parent(of: bag(day)))
        Failpoint.reach("journal: bag in place")
        try FileSystem.removeTree(journal)
        Failpoint.reach("journal: removed")
        try FileSystem.removeTree(old)
    }

    /// Whether two renames are under way that put another bag in the day's place, or a crash came between them.
    func isExchanging(_ day: Day) -> Bool { FileSystem.exists("\(staging(day)).exchange") }

    /// Completes exchanges that a crash interrupted, and removes what was being built. The caller holds the
    /// publication lock.
    package func recover() throws(Failure) {
        let names = try FileSystem.list(stagingFolder)
        for name in names where name.hasSuffix(".exchange") {
            guard let day = Day(String(name.dropLast(".exchange".count))) else { continue }
            let staged = staging(day)
            if !FileSystem.exists(bag(day)) {
                try FileSystem.rename(FileSystem.exists(staged) ? staged : "\(staged).old", to: bag(day))
                try FileSystem.flushFolder(FileSystem.parent(of: bag(day)))
            }
        }
        for name in names { try FileSystem.removeTree("\(stagingFolder)/\(name)") }
    }
}
