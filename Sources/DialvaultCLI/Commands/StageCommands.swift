import ArgumentParser
import Pipeline

// One stage alone, on what the stages before it left in the work folder.

struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Gets the days' archives from the dialer's sources."
    )

    @OptionGroup var options: StageOptions

    func run() async throws { try await options.run(.fetch) }
}

struct UnpackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpack",
        abstract: "Reads the fetched archives into the work folder."
    )

    @OptionGroup var options: StageOptions

    func run() async throws { try await options.run(.unpack) }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Makes recordings with verdicts out of what was unpacked."
    )

    @OptionGroup var options: StageOptions

    func run() async throws { try await options.run(.verify) }
}

struct CollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Collects the API's recordings, one audio file at a time."
    )

    @OptionGroup var options: StageOptions

    func run() async throws { try await options.run(.collect) }
}

struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merges both sides and publishes the day, if it has anything new."
    )

    @OptionGroup var options: StageOptions

    func run() async throws { try await options.run(.merge) }
}

/// What the five commands share.
struct StageOptions: ParsableArguments {
    @OptionGroup var days: DayOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print each day's summary as JSON, one object a line.")
    var json = false

    func run(_ stage: Stage) async throws {
        let session = try Session(vault, overrides: run.overrides)
        let chosen = try days.resolved(session.bounds)
        guard !chosen.isEmpty else {
            throw ValidationError("Name a day: dialvault \(stage.rawValue) YYYY-MM-DD")
        }
        if run.dryRun {
            for day in chosen { session.console.print("\(day)  \(stage.rawValue)") }
            return
        }
        try await DayLoop(session: session, run: run, stages: [stage], json: json, command: stage.rawValue).run(chosen)
    }
}
