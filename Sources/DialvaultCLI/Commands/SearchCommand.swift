import ArgumentParser
import Foundation
import Recordings
import Vault

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds recordings by number, agent and time.",
        usage: "dialvault search [<day> ...] [--number <number>] [--agent <agent>] [<options>]",
        discussion: """
            Looks into the manifests of the days given, or of all that are archived, and prints every recording for which \
            all that is asked is so, the oldest first. Nothing found is no error.
            """
    )

    @OptionGroup var query: QueryOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print the files' paths alone.")
    var paths = false

    @Flag(help: "Print the manifest's lines.")
    var json = false

    func validate() throws {
        if paths, json { throw ValidationError("--paths and --json do not go together.") }
    }

    func run() throws {
        let session = try Session(vault)
        try session.requireVault()
        let wanted = try query.query()
        for day in try query.published(session).sorted() {
            try session.vault.search(day, wanted) { recording, line in
                if json {
                    session.console.print(bytes: line)
                } else if paths {
                    session.console.print("\(session.vault.bag(day))/\(recording.path)")
                } else {
                    session.console.print(Self.line(recording))
                }
            }
        }
    }

    /// `2018-04-05T08:11:09Z verified click-to-call 0ed866c1f8b44727827daaaf7e7b098c`: with the longest id, 80 columns.
    private static func line(_ recording: Recording) -> String {
        let verdict = recording.verdict.rawValue.padding(to: 8)
        let channel = recording.channel.rawValue.padding(to: 13)
        return "\(recording.startedAt.description.prefix(19))Z \(verdict) \(channel) \(recording.recordingID)"
    }
}
