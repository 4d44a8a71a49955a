package import ArgumentParser
import Recordings

/// The root of the command line.
package struct DialvaultCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "dialvault",
        abstract: "Keeps a contact centre's call recordings after the platform deletes them.",
        discussion: """
            Fetches the dialer's daily archives, unpacks and verifies them, collects the API's recordings, and \
            publishes both as one folder a day with a manifest.

            Start with: dialvault init

            Exit codes: 0 done, every day asked for is complete or empty; 1 failed; 3 published, but a day is \
            incomplete, coverage: a call's recording is not archived; 5 something does not match or is damaged, status \
            --at-risk: something will expire, probe: a file is not verified; 11 another run holds the \
            day; 12 refused, a safety rule forbids it; 64 wrong usage; 75 a source is not ready or not reachable, try again later; 77 credentials refused; \
            78 wrong configuration; 130 interrupted, the next run goes on from there.
            """,
        version: Software.version,
        subcommands: [UnpackWorkerCommand.self],
        groupedSubcommands: [
            CommandGroup(name: "Daily", subcommands: [RunCommand.self, StatusCommand.self, ShowCommand.self]),
            CommandGroup(
                name: "Stage",
                subcommands: [
                    FetchCommand.self, UnpackCommand.self, VerifyCommand.self, CollectCommand.self, MergeCommand.self,
                ]
            ),
            CommandGroup(
                name: "Query",
                subcommands: [
                    SearchCommand.self, GetCommand.self, ExportCommand.self, CoverageCommand.self, ChangesCommand.self,
                ]
            ),
            CommandGroup(
                name: "Maintenance",
                subcommands: [
                    InitCommand.self, DoctorCommand.self, AuditCommand.self, RepairCommand.self, ReindexCommand.self,
                    ProbeCommand.self, SchemaCommand.self,
                ]
            ),
        ]
    )

    package init() {}
}

/// What the software calls itself.
enum Software {
    static let version = "0.2.0"
    static let agent = "dialvault \(version)"
    /// A day before any build of this source can have run: the one on which Swift 6.2 was released (swift.org).
    static let notBefore = Day(year: 2025, month: 9, dayOfMonth: 15)
}
