package import Foundation
package import Recordings

/// The output tree of one account: a bag a day, and behind them `.dialvault/` with everything else.
///
/// Every path under the vault is made here. None is ever made from a name that came from outside.
package struct Vault: Sendable {
    /// The vault's folder, absolute, without a slash at the end.
    package let root: String
    package let modes: FileModes
    /// The day that was read last: a run's stages ask for the same one, one after the other.
    let lastRead = LastRead()

    /// The vault at `root`, whether or not it is there yet.
    package init(root: String, modes: FileModes) {
        self.root = root
        self.modes = modes
    }

    /// Whether there is anything of it: its own folder, or bags alone, as a tree that was restored has them.
    package var exists: Bool {
        if FileSystem.isFolder(hidden) { return true }
        // A folder that cannot be listed is said by whatever reads it.
        return ((try? publishedDays()) ?? []).isEmpty == false
    }

    /// Creates what is missing of it.
    package func create() throws(Failure) {
        try FileSystem.createFolders(root, mode: modes.directory)
        for folder in ["work", "staging", "quarantine", "history", "locks"] {
            try FileSystem.createFolders("\(hidden)/\(folder)", mode: modes.directory)
        }
    }

    var hidden: String { "\(root)/.dialvault" }

    /// Where the day's bag lies: `<vault>/2018/04/05`.
    package func bag(_ day: Day) -> String {
        "\(root)/\(day.description.split(separator: "-").joined(separator: "/"))"
    }

    package var ledger: String { "\(hidden)/ledger.sqlite" }

    /// What was found out about the account's bulk download.
    package var bulkKnowledge: String { "\(hidden)/bulk.json" }

    /// What the account said of how long the platform keeps recordings.
    package var retentionKnowledge: String { "\(hidden)/retention.json" }

    /// What the stages leave for each other about one day.
    package func work(_ day: Day) -> String { "\(hidden)/work/\(day)" }

    /// The audio of one day that is not published yet, one file a digest, named by it.
    package func blobs(_ day: Day) -> String { "\(work(day))/blobs" }

    package func blob(_ digest: Digest, of day: Day) -> String { "\(blobs(day))/\(digest.hex)" }

    /// Where received bytes lie that are not published; relative to the vault, as exceptions name it.
    package func quarantinePath(_ digest: Digest, of day: Day) -> String {
        ".dialvault/quarantine/\(day)/\(digest.hex)"
    }

    /// The folder of the days' quarantines.
    var quarantineFolder: String { "\(hidden)/quarantine" }

    package func history(_ day: Day) -> String { "\(hidden)/history/\(day)" }

    /// Where the manifest of a revision is kept.
    func history(_ day: Day, revision: Int) -> String {
        "\(history(day))/\(Self.revisionName(revision)).manifest.jsonl.gz"
    }

    /// Where the exceptions of a revision are kept.
    func historyExceptions(_ day: Day, revision: Int) -> String {
        "\(history(day))/\(Self.revisionName(revision)).exceptions.jsonl.gz"
    }

    /// Where the summary of a revision is kept: its `day.json`, by which its manifest and its sequence are known.
    func historySummary(_ day: Day, revision: Int) -> String {
        "\(history(day))/\(Self.revisionName(revision))\(Self.historySummarySuffix)"
    }

    static let historySummarySuffix = ".day.json"

    private static func revisionName(_ revision: Int) -> String {
        let number = String(revision)
        return "r" + String(repeating: "0", count: max(0, 4 - number.count)) + number
    }

    /// The folder of the days' histories.
    var historyFolder: String { "\(hidden)/history" }

    /// The folder of what was taken out of days by name.
    var dropFolder: String { "\(hidden)/drops" }

    /// The folder of the days' seals.
    var sealFolder: String { "\(hidden)/seals" }

    /// The folder of everything that processes share to keep out of each other's way.
    package var locks: String { "\(hidden)/locks" }

    package func dayLock(_ day: Day) -> String { "\(locks)/\(day).lock" }

    /// Held while a bag is exchanged and the ledger written, and never for longer.
    package var publicationLock: String { "\(locks)/publication.lock" }

    func staging(_ day: Day) -> String { "\(stagingFolder)/\(day)" }

    var stagingFolder: String { "\(hidden)/staging" }
}

extension Vault {
    /// The days that have a bag, in order.
    package func publishedDays() throws(Failure) -> [Day] {
        var days: [Day] = []
        // Somebody's notes beside the years are no days.
        for year in try FileSystem.list(root) where year.utf8.count == 4 && FileSystem.isFolder("\(root)/\(year)") {
            for month in try FileSystem.list("\(root)/\(year)") where FileSystem.isFolder("\(root)/\(year)/\(month)") {
                for dayOfMonth in try FileSystem.list("\(root)/\(year)/\(month)") {
                    if let day = Day("\(year)-\(month)-\(dayOfMonth)") { days.append(day) }
                }
            }
        }
        return days
    }

    /// The days of which a stage has left something, whether or not they have a bag.
    package func startedDays() throws(Failure) -> [Day] {
        try FileSystem.list("\(hidden)/work").compactMap { Day($0) }
    }

    /// Keeps what a run found out about the account in `path`, one of the files that all days share.
    ///
    /// Runs of several days may find it out at once. Who comes while another writes leaves it to that one: what was left
    /// out is found out again.
    package func remember(_ data: Data, in path: String) throws(Failure) {
        guard let lock = try Lock.take("\(hidden)/locks/account", holder: "a note", mode: modes.working) else { return }
        defer { _ = lock }
        try FileSystem.writeAtomically(data, to: path, mode: modes.working)
    }
}
