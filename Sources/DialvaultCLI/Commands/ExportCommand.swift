import ArgumentParser
import Foundation
import Recordings
import Vault

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints the manifests as one table, in CSV.",
        usage: "dialvault export [<day> ...] [--number <number>] [--agent <agent>] [<options>]",
        discussion: """
            A line a recording of the days given, or of all that are archived, in UTF-8 as RFC 4180 has it, with the \
            columns' names first. What is unknown is empty; several values of one cell stand with a semicolon between \
            them. Paths are relative to the vault. The options that search takes narrow it down.
            """
    )

    @OptionGroup var query: QueryOptions
    @OptionGroup var vault: VaultOptions

    func run() throws {
        let session = try Session(vault)
        try session.requireVault()
        let wanted = try query.query()
        var part = Data(RecordingTable.header.utf8)
        for day in try query.published(session).sorted() {
            let bag = String(session.vault.bag(day).dropFirst(session.vault.root.count + 1))
            _ = try session.readable(day) {
                try session.vault.search(day, wanted) { recording, _ in
                    part.append(contentsOf: RecordingTable.line(recording, in: bag).utf8)
                    guard part.count > 64 << 10 else { return }
                    session.console.print(bytes: part)
                    part.removeAll(keepingCapacity: true)
                    try session.console.requireReader()
                }
            }
        }
        session.console.print(bytes: part)
        try session.requireIntact()
    }
}

/// Recordings as lines of a CSV file (RFC 4180).
enum RecordingTable {
    private static let columns: [(name: String, value: @Sendable (Recording) -> String?)] = [
        ("recording_id", { $0.recordingID.text }),
        ("day", { $0.day.description }),
        ("started_at", { $0.startedAt.description }),
        ("started_at_from", { $0.startedAtFrom.rawValue }),
        ("channel", { $0.channel.rawValue }),
        ("direction", { $0.call?.direction?.rawValue }),
        ("from", { $0.call?.from }),
        ("to", { $0.call?.to }),
        ("call_id", { $0.call?.id }),
        ("conversation_id", { $0.call?.conversationID }),
        ("agent_id", { $0.agent?.id }),
        ("agent_name", { $0.agent?.name }),
        ("agent_number", { $0.agent?.number }),
        ("queue", { $0.queue }),
        ("campaign", { $0.campaign }),
        ("lead_id", { $0.leadID }),
        ("tags", { $0.tags.joined(separator: ";") }),
        ("duration_ms", { $0.audio.durationMs.map { "\($0)" } }),
        ("container", { $0.audio.container }),
        ("codec", { $0.audio.codec }),
        ("size_bytes", { "\($0.sizeBytes)" }),
        ("sha256", { $0.sha256.hex }),
        ("verdict", { $0.verdict.rawValue }),
        ("defects", { $0.defects.map(\.code.rawValue).joined(separator: ";") }),
        ("sources", { $0.sources.map(\.sourceName).joined(separator: ";") }),
    ]

    static var header: String { line(columns.map(\.name) + ["path"]) }

    /// - Parameter bag: the day's folder, relative to the vault.
    static func line(_ recording: Recording, in bag: String) -> String {
        line(columns.map { $0.value(recording) ?? "" } + ["\(bag)/\(recording.path)"])
    }

    private static func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        // By bytes: a carriage return and a newline together are one character.
        guard cell.utf8.contains(where: { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }) else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }
}
