import ArgumentParser
import Logging
import Pipeline
import Recordings
import Vault

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "All stages for the days given; with none, for every day that is due.",
        discussion: """
            Due are the last days (lookback_days) and, as far back as the platform keeps anything, every day that is \
            incomplete or has no bag since the first that has one. The oldest come first: they expire first.
            """
    )

    @OptionGroup var days: DayOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print each day's summary as JSON, one object a line.")
    var json = false

    func run() async throws {
        let session = try Session(vault, overrides: run.overrides)
        let given = try days.resolved(today: session.today)
        let chosen = given.isEmpty ? try session.dueDays() : given
        if run.dryRun {
            for day in chosen { session.console.print("\(day)  \(try session.plan(day))") }
            return
        }
        if chosen.isEmpty { session.console.log.notice("no day is due") }
        try await DayLoop(session: session, run: run, stages: Set(Stage.allCases), json: json, command: "run")
            .run(chosen)
    }
}

extension Session {
    func dueDays() throws -> [Day] {
        var states: [Day: DaySummary.State] = [:]
        for day in try vault.publishedDays() { states[day] = try vault.publishedSummary(day)?.state }
        return DuePlan(states: states, today: today, configuration: configuration).days()
    }

    /// What a run would do for a day, in a line.
    fileprivate func plan(_ day: Day) throws -> String {
        guard let summary = try vault.publishedSummary(day) else { return "not archived: all sources" }
        let open = summary.sources.filter { !$0.state.isSettled }.map { "\($0.name) is \($0.state.rawValue)" }
        return "revision \(summary.revision), \(summary.state.rawValue): "
            + (open.isEmpty ? "looks for late arrivals" : open.joined(separator: ", "))
    }
}
