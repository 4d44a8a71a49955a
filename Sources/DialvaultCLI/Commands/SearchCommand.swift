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

            Exit codes: 0; 5 when a day is damaged, which is named and keeps no other from being looked into.
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
            _ = try session.readable(day) {
                try session.vault.search(day, wanted) { recording, line in
                    try session.console.requireReader()
                    try show(recording, line, session)
                }
            }
        }
        try session.requireIntact()
    }

    private func show(_ recording: Recording, _ line: Data, _ session: Session) throws {
        if json { return session.console.print(bytes: line) }
        guard paths else { return session.console.print(Self.line(recording)) }
        // The path of a file that is not there is no answer.
        if case .value(let path) = try session.readable(recording.day, { try session.file(of: recording) }) {
            session.console.print(path)
        }
    }

    /// `2018-04-05T08:11:09Z verified click-to-call 0ed866c1f8b44727827daaaf7e7b098c`: with the longest id, 80 columns.
    private static func line(_ recording: Recording) -> String {
        let verdict = recording.verdict.rawValue.padding(to: 8)
        let channel = recording.channel.rawValue.padding(to: 13)
        return "\(recording.startedAt.description.prefix(19))Z \(verdict) \(channel) \(recording.recordingID)"
    }
}
