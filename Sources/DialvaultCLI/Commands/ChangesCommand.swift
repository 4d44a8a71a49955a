import ArgumentParser
import Recordings
import Vault

struct ChangesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changes",
        abstract: "What was published since a publication: the feed for consumers.",
        usage: "dialvault changes [--since <n>] [--json] [<options>]",
        discussion: """
            Publications are counted through the whole vault. A consumer keeps one number: it starts with 0, takes in what \
            is listed, and keeps the number of the last line for the next time. What it is told is whole up to that \
            number, whatever is published meanwhile.

            Days come in the order of their publication, the oldest first. Each is compared with what it was at \
            publication N, however often it was published since: a recording was added, removed (with the reason, where \
            the day's exceptions know it), or changed, which is another row under the same id.

            Exit codes: 0; 1 when there is no publication N, or the history does not tell what was current then: start \
            again with --since 0.
            """
    )

    @OptionGroup var vault: VaultOptions

    @Option(help: ArgumentHelp("The number that was kept; 0 for everything.", valueName: "n"))
    var since: Int64 = 0

    @Flag(help: "Print each change as JSON, one object a line.")
    var json = false

    func validate() throws {
        guard since >= 0 else { throw ValidationError("--since takes 0 or the number of a publication.") }
    }

    func run() throws {
        let session = try Session(vault)
        try session.requireVault()
        let newest = try ChangeFeed(session.vault).changes(since: since) { change in
            try session.console.requireReader()
            if json {
                try show(json: change, session.console)
            } else {
                show(change, session.console)
            }
        }
        if json {
            try session.console.print(json: ChangeLine.end(newest))
        } else {
            session.console.print("newest publication: \(newest)")
        }
    }

    private func show(json change: DayChange, _ console: Console) throws {
        try console.print(json: ChangeLine.day(change))
        try console.print(jsonLines: ChangeLine.recordings(change))
    }

    private func show(_ change: DayChange, _ console: Console) {
        let summary = change.summary
        let since = change.sinceRevision.map { "since revision \($0)" } ?? "new"
        console.print(
            "\(summary.day)  revision \(summary.revision), \(since): \(change.added.count) added, "
                + "\(change.changed.count) changed, \(change.removed.count) removed"
        )
        for row in change.added { console.print("  + \(row.recordingID)") }
        for row in change.changed { console.print("  ~ \(row.recordingID)") }
        for row in change.removed {
            let reason = [row.reason?.rawValue, row.detail].compactMap(\.self).joined(separator: ": ")
            console.print("  - \(row.recordingID)" + (reason.isEmpty ? "" : "  \(TerminalText.line(reason))"))
        }
    }
}
