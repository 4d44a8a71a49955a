import Foundation
package import Recordings

// Beside the bags, the history keeps what each revision of a day said, the one that is published now included: its manifest
// and its exceptions, compressed, and then its summary, so that where a revision's summary is, the rest is too. It tells
// what a bag held that was damaged or removed since, and audio never depends on it.
extension Vault {
    /// Writes a revision's files for the history into the staging folder, not yet flushed.
    func stageHistory(_ summary: DaySummary, _ files: RevisionFiles) throws(Failure) {
        let folder = stagedHistory(summary.day)
        try FileSystem.removeTree(folder)
        try FileSystem.createFolders(folder, mode: modes.directory)
        for (path, content) in historyFiles(summary, files) {
            try FileSystem.write(content, to: "\(folder)/\(FileSystem.name(of: path))", mode: modes.sealed)
        }
    }

    /// Gives the staged files of a revision that is published now their names in the history.
    func keepStagedHistory(_ summary: DaySummary) throws(Failure) {
        let (day, folder) = (summary.day, stagedHistory(summary.day))
        try FileSystem.createFolders(history(day), mode: modes.directory)
        for path in historyPaths(day, revision: summary.revision) {
            try FileSystem.rename("\(folder)/\(FileSystem.name(of: path))", to: path)
        }
        try FileSystem.flushFolder(history(day))
        try FileSystem.removeTree(folder)
    }

    /// In the order in which they get their names: the summary last.
    private func historyPaths(_ day: Day, revision: Int) -> [String] {
        [
            history(day, revision: revision), historyExceptions(day, revision: revision),
            historySummary(day, revision: revision),
        ]
    }

    private func historyFiles(_ summary: DaySummary, _ files: RevisionFiles) -> [(path: String, content: Data)] {
        let contents = [Gzip.compress(files.manifest), Gzip.compress(files.exceptions), files.summary]
        return Array(zip(historyPaths(summary.day, revision: summary.revision), contents))
    }

    /// Where the files of a revision wait until it is published.
    func stagedHistory(_ day: Day) -> String { "\(staging(day)).history" }

    /// Keeps the published revision of a day where the history does not have it: bags that an older program made, and a
    /// crash just after a publication. The caller holds the publication lock.
    ///
    /// - Throws: `Failure` with code `damaged` when the bag does not read back as it was published.
    package func completeHistory(of day: Day) throws(Failure) {
        guard let folder = try HeldFolder(bag(day)) else { return }
        let reading = try BagReading(day, folder)
        let (summary, bytes) = try reading.summary()
        guard historyPaths(day, revision: summary.revision).contains(where: { !FileSystem.exists($0) }) else { return }
        let files = RevisionFiles(
            summary: bytes,
            manifest: try reading.manifest(of: summary),
            exceptions: try reading.content(BagFile.exceptions)
        )
        try stageHistory(summary, files)
        try FileSystem.flushAll(root)
        try keepStagedHistory(summary)
    }

    /// The number that the day's next revision gets: one that none ever had.
    package func nextRevision(of day: Day) throws(Failure) -> Int {
        max(try publishedSummary(day)?.revision ?? 0, try revisionsInHistory(day).last ?? 0) + 1
    }

    /// The numbers of the revisions that the history has, the earliest first.
    func revisionsInHistory(_ day: Day) throws(Failure) -> [Int] {
        try FileSystem.list(history(day)).compactMap { name -> Int? in
            guard name.hasPrefix("r"), name.hasSuffix(Self.historySummarySuffix) else { return nil }
            return Int(name.dropFirst().dropLast(Self.historySummarySuffix.count))
        }
        .sorted()
    }

    /// - Throws: `Failure` with code `damaged` when the bag's summary is not the one that was published last.
    func compareWithHistory(_ summary: DaySummary, _ bytes: Data) throws(Failure) {
        guard let last = try revisionsInHistory(summary.day).last, last >= summary.revision,
            let (kept, keptBytes) = try summaryInHistory(summary.day, revision: last),
            // A bag that was made anew, by an older program, after one that was moved away.
            kept.sequence >= summary.sequence, keptBytes != bytes
        else { return }
        let what =
            kept.sequence > summary.sequence
            ? "it holds revision \(summary.revision), and revision \(kept.revision) was published after that"
            : "\(BagFile.summary) is not the one that was published as revision \(summary.revision)"
        throw .damaged(summary.day, what, in: bag(summary.day))
    }

    /// What the history says of a revision; nil when it does not have it.
    func summaryInHistory(_ day: Day, revision: Int) throws(Failure) -> (summary: DaySummary, bytes: Data)? {
        let path = historySummary(day, revision: revision)
        guard let bytes = try FileSystem.read(path) else { return nil }
        guard let summary = try? JSONDecoder().decode(DaySummary.self, from: bytes), summary.day == day else {
            throw Failure(.damaged, "\(path) is not a summary of \(day)", advice: "Restore it from a backup")
        }
        return (summary, bytes)
    }

    /// The day's last revision as the history kept it, for a day without a bag; nil when it has none.
    ///
    /// - Throws: `Failure` with code `damaged` when what it kept does not have the recorded digests.
    func lastDayOfHistory(_ day: Day) throws(Failure) -> PublishedDay? {
        guard let last = try revisionsInHistory(day).last, let files = try revisionFiles(day, revision: last) else {
            return nil
        }
        return PublishedDay(
            summary: files.summary,
            recordings: try JSONLines.decode(
                Recording.self,
                from: files.content.manifest,
                origin: history(day, revision: last)
            ),
            exceptions: try JSONLines.decode(
                Exception.self,
                from: files.content.exceptions,
                origin: historyExceptions(day, revision: last)
            ),
            isBagMissing: true
        )
    }

    /// All that the history kept of a revision; nil when it does not have it. Of revisions that an older program superseded
    /// it has no exceptions.
    func revisionFiles(_ day: Day, revision: Int) throws(Failure) -> (summary: DaySummary, content: RevisionFiles)? {
        guard let (summary, bytes) = try summaryInHistory(day, revision: revision) else { return nil }
        let path = history(day, revision: revision)
        guard let manifest = try Self.decompressed(path), Digest(of: manifest) == summary.manifestSHA256 else {
            throw Failure(
                .damaged,
                "\(path) is missing or is not the manifest that was published",
                advice: "Restore it from a backup"
            )
        }
        let exceptions = try Self.decompressed(historyExceptions(day, revision: revision)) ?? Data()
        return (summary, RevisionFiles(summary: bytes, manifest: manifest, exceptions: exceptions))
    }

    /// Nil when there is no such file.
    private static func decompressed(_ path: String) throws(Failure) -> Data? {
        guard let compressed = try FileSystem.read(path) else { return nil }
        guard let content = Gzip.decompress(compressed) else {
            throw Failure(.damaged, "\(path) does not decompress", advice: "Restore it from a backup")
        }
        return content
    }
}

/// What the history keeps of a revision, as the bag has it.
struct RevisionFiles: Sendable {
    /// `day.json`
    let summary: Data
    /// `manifest.jsonl`
    let manifest: Data
    /// `exceptions.jsonl`
    let exceptions: Data
}
