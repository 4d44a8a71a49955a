import ArgumentParser
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

            Exit codes: 0; 1 when there is no such recording; 5 when it is archived and damaged or missing; 75 when the platform has not stored it yet.
            """
    )

    @Argument(help: ArgumentHelp("The recording's id.", valueName: "id"))
    var id: String

    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print the manifest's line in place of the path.")
    var json = false

    func run() async throws {
        guard let id = RecordingID(id) else {
            throw ValidationError("\"\(TerminalText.line(self.id))\" is not a recording's id.")
        }
        let session = try Session(vault, overrides: run.overrides)
        if session.vault.exists {
            let found = try RecordingLookup(session: session).recordings(id)
            if let recording = found.recordings.first { return try show(recording, session) }
            // It may be on a day that cannot be read: fetching it again would not tell.
            try session.requireIntact()
        }
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
        let path = try session.file(of: recording)
        json ? try session.console.print(json: recording) : session.console.print(path)
    }
}
