import ArgumentParser
import Foundation
import Ledger
import Logging
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
            try show(day, session)
        } else if let id = RecordingID(subject) {
            try show(id, session)
        } else {
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
            session.console.print("  \(exception.source)  \(exception.reason.rawValue)  \(what): \(exception.detail)")
        }
    }

    private func show(_ id: RecordingID, _ session: Session) throws {
        let entries = try session.openLedger().entries(id)
        guard !entries.isEmpty else {
            throw Failure(.notFound, "no recording with the id \(id) is archived", advice: nil)
        }
        for entry in entries {
            let recordings = try session.vault.publishedDay(entry.day)?.recordings ?? []
            guard let recording = recordings.first(where: { $0.recordingID == id }) else { continue }
            try session.console.print(json: recording)
            session.console.log.info("\(session.vault.bag(entry.day))/\(recording.path)")
        }
    }
}

struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Rebuilds the ledger from the bags."
    )

    @OptionGroup var vault: VaultOptions
    @OptionGroup var run: RunOptions

    func run() async throws {
        let session = try Session(vault)
        let built = try await session.rebuildLedger(run)
        session.console.print("\(DayText.count(built.days, "day")), \(DayText.count(built.recordings, "recording"))")
    }
}
