import ArgumentParser
import Foundation
import Pipeline
import Platform
import Recordings
import Settings
import Vault

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "How the days stand, and what expires when.",
        discussion: """
            A character a day, from the first one known to yesterday; then the days of which something is \
            still open, the soonest to expire first.
            """
    )

    @OptionGroup var vault: VaultOptions

    @Option(
        help: ArgumentHelp("Only what expires within this time; ends with 5 if there is any.", valueName: "duration")
    )
    var atRisk: Wait?

    @Flag(help: "Print each day as JSON, one object a line.")
    var json = false

    /// How far ahead something is at risk where nobody says, in seconds: a week.
    private static let usualRisk = Wait(seconds: 7 * 86_400)

    func run() throws {
        let session = try Session(vault)
        try session.requireVault()
        var standings = try session.standings(horizon: atRisk ?? Self.usualRisk)
        if atRisk != nil { standings = standings.filter { $0.mark == .atRisk } }
        if json {
            for standing in standings { try session.console.print(json: standing) }
        } else if atRisk == nil {
            show(standings, session.console)
        } else {
            for standing in standings { session.console.print(standing.line) }
        }
        if atRisk != nil, !standings.isEmpty { throw ExitCode.mismatch }
    }

    private func show(_ standings: [DayStanding], _ console: Console) {
        guard !standings.isEmpty else { return console.print("no day is archived yet") }
        let calendar = DayCalendar(standings: standings)
        let recordings = standings.reduce(0) { $0 + $1.recordings }
        let bytes = standings.reduce(0) { $0 + $1.sizeBytes }
        console.print(calendar.text)
        console.print("\n\(calendar.legend)")
        console.print("\(DayText.count(recordings, "recording")), \(ByteText.of(bytes))")
        let open = standings.filter { ![.complete, .empty, .sealed].contains($0.mark) }.sorted {
            ($0.expiry, $0.day) < ($1.expiry, $1.day)
        }
        guard !open.isEmpty else { return }
        console.print("")
        for standing in open.prefix(20) { console.print(standing.line) }
        if open.count > 20 { console.print("and \(open.count - 20) more: dialvault status --json") }
    }
}

extension DayStanding {
    /// For sorting; what does not expire comes last.
    fileprivate var expiry: Int64 { open.first?.expiresAt.millisecondsSinceEpoch ?? .max }
}

extension Session {
    /// How every day stands from the first one known to yesterday, or to the last one known.
    fileprivate func standings(horizon: Wait) throws -> [DayStanding] {
        let days = Set(try vault.publishedDays() + vault.startedDays())
        guard let first = days.min(), let last = days.max() else { return [] }
        let standings = DayStandings(
            sources: configuredSources,
            clock: try clock(),
            configuration: configuration,
            now: time.now(),
            horizonMs: Int64(horizon.seconds * 1000)
        )
        let end = max(last, today.advanced(by: -1))
        let sealed = try vault.sealedDays()
        return try (0...(end.daysSinceEpoch - first.daysSinceEpoch)).map { offset in
            let day = first.advanced(by: offset)
            var standing = standings.standing(of: day, try vault.publishedSummary(day))
            if sealed.contains(day) {
                standing.mark = .sealed
                standing.open = []
            }
            return standing
        }
    }
}
