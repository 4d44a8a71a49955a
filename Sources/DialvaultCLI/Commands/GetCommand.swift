import ArgumentParser
import Ledger
import Pipeline
import Recordings
import Vault

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "One recording now: prints where its file lies, and fetches it first if need be.",
        usage: "dialvault get <id> [--json] [<options>]",
        discussion: """
            A recording that is archived is not asked for again. Another one is fetched from the API into its own day, and \
            that day is published with it; what else of the day is missing is named in its exceptions, and the day's next \
            run fetches it. Recordings of the dialer come in archives, and not one at a time.

            Exit codes: 0; 1 when there is no such recording; 75 when the platform has not stored it yet.
            """
    )

    @Argument(help: ArgumentHelp("The recording's id.", valueName: "id"))
    var id: String

    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print the manifest's line in place of the path.")
    var json = false

    func run() async throws {
        guard let id = RecordingID(id) else { throw ValidationError("\"\(self.id)\" is no recording's id.") }
        let session = try Session(vault, overrides: run.overrides)
        if session.vault.exists, let found = try session.published(id) { return try show(found, session) }
        if run.dryRun { return session.console.print("\(id)  not archived: would be fetched from the API") }
        let recording = try await interruptibly {
            try await session.withPipeline(run, command: "get \(id)") { pipeline in
                guard let fetch = RecordingFetch(pipeline) else {
                    throw Failure(.notFound, "\(id) is not archived, and the API is turned off (api.enabled)")
                }
                return try await fetch.run(id, progress: session.console.progress)
            }
        }
        try show(recording, session)
    }

    private func show(_ recording: Recording, _ session: Session) throws {
        if json { return try session.console.print(json: recording) }
        session.console.print("\(session.vault.bag(recording.day))/\(recording.path)")
    }
}

extension Session {
    /// The recording as it is published; nil when it is not, or only as long as an index says so that is out of date.
    fileprivate func published(_ id: RecordingID) throws -> Recording? {
        for entry in try openLedger().entries(id) {
            let recordings = try vault.publishedDay(entry.day)?.recordings ?? []
            if let recording = recordings.first(where: { $0.recordingID == id }) { return recording }
        }
        return nil
    }
}
