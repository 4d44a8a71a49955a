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
            Due are the last days (lookback_days), every day of which something is missing, and every day without a bag \
            since the first one of which there was something, or which was looked at in time. No day is before 2010-01-01. What expires soonest comes first. What can no longer be had is said to be expired, \
            once; a late archive is taken in when its day is given by hand.

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

    @Option(help: ArgumentHelp("Take a recording out of the day given; its bytes go to quarantine.", valueName: "id"))
    var drop: [String] = []

    @Option(help: ArgumentHelp("With --drop: why, for the day's exceptions.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("Publish a recording again that was dropped.", valueName: "id"))
    var undrop: [String] = []

    @Option(
        help: ArgumentHelp("From which day on those without a bag are due; the first one known.", valueName: "day")
    )
    var since: String?

    @Flag(help: "Print each day's summary as JSON, one object a line; with --dry-run, the plan as one object.")
    var json = false

    func validate() throws {
        let isGiven = !days.days.isEmpty || days.from != nil
        if !drop.isEmpty || !undrop.isEmpty, days.days.count != 1 || days.from != nil {
            throw ValidationError("--drop and --undrop take the one day that is meant.")
        }
        if drop.isEmpty != (reason ?? "").isEmpty { throw ValidationError("--drop and --reason go together.") }
        if seal || reopen, !isGiven { throw ValidationError("--seal and --reopen take the days that are meant.") }
        if acceptIncomplete, !seal { throw ValidationError("--accept-incomplete goes with --seal.") }
        if acceptIncomplete, days.from != nil || days.to != nil {
            throw ValidationError("--accept-incomplete takes each day by its name, not --from and --to.")
        }
    }

    func run() async throws {
        let session = try Session(vault, overrides: run.overrides)
        let given = try days.resolved(session.bounds)
        let since = try since.map { try DayOptions.day($0, session.bounds) }
        if run.dryRun { try await session.requirePlausibleClock(asks: false) }
        guard given.isEmpty || since == nil else {
            throw Failure(
                .usage,
                "--since is for a run that chooses its days",
                advice: "Give days, or --since, not both"
            )
        }
        let sealed = reopen ? [] : given.filter(try session.vault.sealedDays().contains)
        let open = given.filter { !sealed.contains($0) }
        if run.dryRun {
            if !json { for day in sealed { session.console.print("\(day)  sealed: left alone") } }
            if open.isEmpty, !given.isEmpty, !json { return }
            let plan = try session.plan(given.isEmpty ? try session.dueDays(since: since) : open, run)
            return try json ? session.console.print(json: plan) : session.console.print(PlanText(plan).text)
        }
        var loop = DayLoop(session: session, run: run, stages: Set(Stage.allCases), json: json, command: "run")
        loop.sealing.seals = seal
        loop.sealing.acceptsIncomplete = acceptIncomplete
        loop.sealing.reopens = reopen
        loop.dropping.dropped = drop
        loop.dropping.reason = reason ?? ""
        loop.dropping.takenBack = undrop
        // Of sealed days nobody is asked for anything.
        loop.asksAccount = given.isEmpty || !open.isEmpty
        let names = given.isEmpty ? "what is due" : given.map(\.description).joined(separator: " ")
        try await loop.run(call: "run \(names)") {
            let chosen = given.isEmpty ? try session.dueDays(since: since) : given
            if chosen.isEmpty { session.console.log.notice("no day is due") }
            try session.checkSpace(for: try session.plan(chosen.filter { !sealed.contains($0) }, run))
            return chosen
        }
    }
}
