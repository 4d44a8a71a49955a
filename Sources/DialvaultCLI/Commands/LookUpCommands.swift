import ArgumentParser
import Foundation
import Ledger
import Logging
import Pipeline
import Recordings
import Vault

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "A day's summary, or a recording's line of the manifest and its file."
    )

    @Argument(help: ArgumentHelp("A day or a recording's id.", valueName: "day|id"))
    var subject: String

    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print the day's summary as JSON.")
    var json = false

    func run() throws {
        let session = try Session(vault)
        try session.requireVault()
        if let day = Day(subject) {
            try session.bounds.check(day)
            try show(day, session)
        } else if let id = RecordingID(subject) {
            try show(id, session)
        } else {
            let subject = TerminalText.line(subject)
            throw ValidationError("\"\(subject)\" is neither a day (YYYY-MM-DD) nor a recording's id.")
        }
    }

    private func show(_ day: Day, _ session: Session) throws {
        guard let published = try session.vault.publishedDay(day) else {
            throw Failure(.notFound, "\(day) is not archived", advice: "Archive it with: dialvault run \(day)")
        }
        if json { return try session.console.print(json: published.summary) }
        session.console.print(DayText(published.summary).table())
        if let seal = try session.vault.seal(of: day) { session.console.print(DayText.sealed(seal)) }
        if !published.exceptions.isEmpty { session.console.print("\nnot published:") }
        for exception in published.exceptions {
            let what = exception.member ?? exception.recordingID?.text ?? exception.archive ?? ""
            let detail = TerminalText.line("\(what): \(exception.detail)")
            session.console.print("  \(exception.source)  \(exception.reason.rawValue)  \(detail)")
        }
    }

    private func show(_ id: RecordingID, _ session: Session) throws {
        let found = try RecordingLookup(session: session).recordings(id)
        for recording in found.recordings {
            try session.console.print(json: recording)
            if case .value(let path) = try session.readable(recording.day, { try session.file(of: recording) }) {
                session.console.log.info("\(path)")
            }
        }
        try session.requireIntact()
        guard !found.recordings.isEmpty else {
            throw Failure(.notFound, "no recording with the id \(id) is archived", advice: nil)
        }
    }
}

struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Rebuilds the ledger from the bags.",
        discussion: "With --dry-run it says from what, and leaves the ledger as it is."
    )

    @OptionGroup var vault: VaultOptions
    @OptionGroup var run: RunOptions

    func run() async throws {
        let session = try Session(vault)
        if run.dryRun {
            try session.requireVault()
            let bags = DayText.count(try session.vault.publishedDays().count, "bag")
            return session.console.print("the ledger would be made anew from \(bags)")
        }
        let built = try await session.rebuildLedger(run)
        session.console.print("\(DayText.count(built.days, "day")), \(DayText.count(built.recordings, "recording"))")
    }
}
