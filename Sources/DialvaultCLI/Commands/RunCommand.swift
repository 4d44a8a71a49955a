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

            A day that is sealed is left alone: nothing is asked for, nothing is published, and the run ends with 0. What \
            a neighbouring day's archive still brings for it is kept in quarantine and named in that day's exceptions \
            (sealed-day).
            """
    )

    @OptionGroup var days: DayOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Seal each day given, once it is complete or empty.")
    var seal = false

    @Flag(help: "With --seal: also a day of which something is missing.")
    var acceptIncomplete = false

    @Flag(help: "Remove the seals of the days given, and run them.")
    var reopen = false

    @Flag(help: "Print each day's summary as JSON, one object a line.")
    var json = false

    func validate() throws {
        let isGiven = !days.days.isEmpty || days.from != nil
        if seal || reopen, !isGiven { throw ValidationError("--seal and --reopen take the days that are meant.") }
        if acceptIncomplete, !seal { throw ValidationError("--accept-incomplete goes with --seal.") }
        if acceptIncomplete, days.from != nil || days.to != nil {
            throw ValidationError("--accept-incomplete takes each day by its name, not --from and --to.")
        }
    }

    func run() async throws {
        let session = try Session(vault, overrides: run.overrides)
        let given = try days.resolved(today: session.today)
        let sealed = try session.vault.sealedDays()
        let chosen = given.isEmpty ? try session.dueDays().filter { !sealed.contains($0) } : given
        if run.dryRun {
            for day in chosen {
                let plan = sealed.contains(day) && !reopen ? "sealed: left alone" : try session.plan(day)
                session.console.print("\(day)  \(plan)")
            }
            return
        }
        if chosen.isEmpty { session.console.log.notice("no day is due") }
        var loop = DayLoop(session: session, run: run, stages: Set(Stage.allCases), json: json, command: "run")
        loop.sealing.seals = seal
        loop.sealing.acceptsIncomplete = acceptIncomplete
        loop.sealing.reopens = reopen
        try await loop.run(chosen)
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
