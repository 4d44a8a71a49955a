import ArgumentParser
import Foundation
import Logging
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

            Exit codes: 0; 5 when a day is damaged, or with --at-risk when something expires in time.
            """
    )

    @OptionGroup var vault: VaultOptions

    @Option(
        help: ArgumentHelp("Only what expires within this time; ends with 5 if there is any.", valueName: "duration")
    )
    var atRisk: String?

    @Flag(help: "Print each day as JSON, one object a line.")
    var json = false

    /// How far ahead something is at risk where nobody says, in milliseconds: a week.
    private static let usualRisk: Int64 = 7 * 86_400_000

    func validate() throws { _ = try horizon() }

    /// How far ahead something is at risk, in milliseconds. A number without a unit would be seconds to one reader and days
    /// to another.
    private func horizon() throws -> Int64 {
        guard let atRisk else { return Self.usualRisk }
        guard let horizon = Quantity.duration(atRisk), horizon > 0 else {
            throw ValidationError("--at-risk takes a time with its unit, such as 14d or 36h, and not \"\(atRisk)\".")
        }
        return horizon
    }

    func run() throws {
        let session = try Session(vault)
        try session.requireVault()
        var standings = try session.standings(horizonMs: try horizon())
        if atRisk != nil { standings = standings.filter { $0.mark == .atRisk } }
        if json {
            for standing in standings {
                try session.console.requireReader()
                try session.console.print(json: standing)
            }
        } else if atRisk == nil {
            show(standings, session.console)
        } else {
            for standing in standings { session.console.print(standing.line) }
        }
        if atRisk != nil, !standings.isEmpty { throw ExitCode.mismatch }
        try session.requireIntact()
    }

    private func show(_ standings: [DayStanding], _ console: Console) {
        guard !standings.isEmpty else { return console.print("no day is archived yet") }
        let calendar = DayCalendar(standings: standings)
        let recordings = standings.reduce(0) { $0 + $1.recordings }
        let bytes = standings.reduce(0) { $0 + $1.sizeBytes }
        console.print(calendar.text)
        console.print("\n\(calendar.legend)")
        console.print("\(DayText.count(recordings, "recording")), \(ByteText.of(bytes))")
        let open = standings.filter { ![.complete, .empty, .sealed, .unknown].contains($0.mark) }.sorted {
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
    /// How every day is archived, from the first one known to yesterday, or to the last one that has a bag.
    fileprivate func standings(horizonMs: Int64) throws -> [DayStanding] {
        let bounds = bounds
        let bags = try vault.publishedDays()
        let counted = Set(bags.filter(bounds.contains))
        let strange = bags.filter { !counted.contains($0) }
        if let day = strange.first {
            console.log.warning(
                "\(DayText.count(strange.count, "bag")) of days before \(DayBounds.earliest) or after today, as \(day), not counted"
            )
        }
        var summaries: [Day: DaySummary] = [:]
        for day in counted { summaries[day] = try readableSummary(of: day) }
        let started = Set(try vault.startedDays().filter(bounds.contains))
        let (clock, now) = (try clock(), time.now())
        let known = KnownDays(
            published: summaries,
            started: started,
            sources: configuredSources,
            clock: clock,
            bounds: bounds,
            now: now
        )
        let standings = DayStandings(
            sources: configuredSources,
            clock: clock,
            configuration: configuration,
            now: now,
            horizonMs: horizonMs
        )
        let since = known.first.map { $0.daysSinceEpoch..<max($0, today).daysSinceEpoch } ?? 0..<0
        let days = counted.union(started).union(since.map { Day(daysSinceEpoch: $0) })
        let sealed = try vault.sealedDays()
        return days.filter(bounds.exists).sorted().map { day in
            var standing = standings.standing(of: day, summaries[day])
            if counted.contains(day), summaries[day] == nil {
                standing.mark = .damaged
            } else if standing.mark == .lost, known.isBefore(day) {
                standing.mark = .unknown
            }
            if sealed.contains(day) { standing.mark = .sealed }
            if [.sealed, .unknown].contains(standing.mark) { standing.open = [] }
            return standing
        }
    }
}
