import ArgumentParser
import Pipeline
import Platform
import Recordings
import Settings
import Vault

struct CoverageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "How much of the days' call logs is archived.",
        discussion: """
            Reads the platform's call log, which outlives the audio, and says of every call: archived; open, so still to \
            be had (until when); pending, which the platform has not stored yet; lost; left-out, not selected or erased; \
            or unnamed. The share is archived of archived, open, pending and lost.

            A call has a recording when the call log names one. It names none of a dialer's: those calls are matched with \
            what is in the vault by the call's id, else the conversation's, else the number called and the time, each \
            recording with one call. A call for which there is neither is unnamed: it may have had no recording, as \
            unanswered calls have none, so it is counted apart.

            Exit codes: 0 when nothing is open, pending or lost and every dialer source has delivered; else 3. 75 and 77 \
            when the platform cannot be reached or does not let this user read the call log.
            """
    )

    @OptionGroup var days: DayOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print every call and each day's totals as JSON, one object a line.")
    var json = false

    /// As many calls that are not archived are shown of a day.
    private static let shown = 20

    func run() async throws {
        let session = try Session(vault, overrides: run.overrides)
        try session.requireVault()
        let chosen = try days.resolved(session.bounds)
        guard !chosen.isEmpty else { throw ValidationError("Name a day: dialvault coverage YYYY-MM-DD") }
        if run.dryRun {
            for day in chosen { session.console.print("\(day)  reads the call log") }
            return
        }
        let isWhole = try await interruptibly {
            try await session.withCoverage(run) { stage in
                var isWhole = true
                for day in chosen {
                    try session.console.requireReader()
                    guard case .value = try session.readable(day, { try session.vault.publishedDay(day) }) else {
                        continue
                    }
                    let (totals, calls) = try await stage.run(day)
                    try json ? show(json: totals, calls, session.console) : show(totals, calls, session.console)
                    isWhole = isWhole && totals.isWhole
                }
                return isWhole
            }
        }
        if !isWhole { throw ExitCode.incomplete }
        try session.requireIntact()
    }

    private func show(json totals: DayCoverage, _ calls: [CallCoverage], _ console: Console) throws {
        try console.print(jsonLines: calls)
        try console.print(json: totals)
    }

    private func show(_ totals: DayCoverage, _ calls: [CallCoverage], _ console: Console) {
        for line in CoverageText(totals).lines { console.print(line) }
        let missing = calls.filter { [.open, .pending, .lost].contains($0.state) }
        for call in missing.prefix(Self.shown) { console.print(CoverageText.line(call)) }
        if missing.count > Self.shown {
            console.print("  and \(missing.count - Self.shown) more: dialvault coverage \(totals.day) --json")
        }
    }
}

/// A day's coverage as people read it, in 80 columns.
struct CoverageText {
    private let totals: DayCoverage

    init(_ totals: DayCoverage) {
        self.totals = totals
    }

    var lines: [String] {
        let indent = String(repeating: " ", count: 12)
        var details: [String] = []
        let missing = [(totals.open, "open"), (totals.pending, "pending"), (totals.lost, "lost")].filter { $0.0 > 0 }
        if !missing.isEmpty { details.append(missing.map { "\($0.0) \($0.1)" }.joined(separator: ", ")) }
        let ties = totals.matchedBy.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }
        if !ties.isEmpty { details.append("matched: " + ties.joined(separator: ", ")) }
        if totals.leftOut > 0 { details.append("\(totals.leftOut) left out: not selected, or erased") }
        if totals.unnamed > 0 {
            let agents = totals.unnamedWithAgent
            details.append("\(DayText.count(totals.unnamed, "call")) with no recording named, \(agents) with an agent")
        }
        details += totals.openSources.map { source in
            "\(source.name) \(source.state.rawValue), until \(source.expiresAt.description.prefix(16))Z"
        }
        if let doubt = totals.doubt { details.append(TerminalText.line(doubt)) }
        return [headline] + details.map { indent + $0 }
    }

    private var headline: String {
        let known = totals.archived + totals.open + totals.pending + totals.lost
        guard let percent = totals.archivedPercent else { return "\(totals.day)  no call with a recording is known" }
        return
            "\(totals.day)  \(percent) %  \(totals.archived) of \(DayText.count(known, "call")) with a recording archived"
    }

    /// `  lost     2018-04-05T08:11:09Z  de6c47fa053443d6a0e5adc871b18bd3` and why, on a line of its own.
    static func line(_ call: CallCoverage) -> String {
        let until = call.until.map { "until \($0.description.prefix(16))Z" }
        let why = [until, call.detail].compactMap(\.self).joined(separator: ", ")
        let head = "  \(call.state.rawValue.padding(to: 8))\(call.startedAt.description.prefix(19))Z  \(call.callID)"
        return TerminalText.line(head) + (why.isEmpty ? "" : "\n          \(TerminalText.line(why))")
    }
}

extension Session {
    /// Builds what compares call logs with the vault, hands it to `body`, and closes its connections.
    fileprivate func withCoverage<Value>(
        _ options: RunOptions,
        _ body: (CoverageStage) async throws -> Value
    ) async throws -> Value {
        guard configuration.api.enabled else {
            throw Failure(
                .configuration,
                "the call log is read through the API, which is turned off",
                advice: "Set api.enabled: true, with the account's credentials"
            )
        }
        let transports = Transports()
        let result: Result<Value, any Error>
        do {
            let retry = RetryPolicy(retries: options.retries, maxWaitSeconds: options.maxWait.seconds)
            let transport = try transports.trusting(configuration.api.caFile)
            let client = try await client(transport, retry, nil)
            let stage = CoverageStage(client: client, vault: vault, configuration: configuration, time: time)
            result = .success(try await body(stage))
        } catch {
            result = .failure(error)
        }
        try await transports.shutdown()
        return try result.get()
    }
}
