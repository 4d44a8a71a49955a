import ArgumentParser
import Pipeline
import Recordings
import Vault

struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Puts back what is damaged or missing in the bags of the days given.",
        discussion: """
            A bag's own files (day.json, manifest.jsonl and the others) come from the history, its audio from wherever the \
            vault still has the bytes. The revision stays the one that was published. Exits 0 when each day is as it was \
            published, 5 otherwise.

            Where nothing has the bytes any more, restore the bag from a backup, or accept the loss: then the next revision \
            goes without these recordings and names each in exceptions.jsonl.
            """
    )

    @Argument(help: ArgumentHelp("The days, as YYYY-MM-DD.", valueName: "day"))
    var days: [String]

    @Flag(help: "Publish each day without what cannot be restored, and name it.")
    var acceptLoss = false

    @OptionGroup var run: RunOptions
    @OptionGroup var vault: VaultOptions

    func run() async throws {
        let session = try Session(vault, overrides: run.overrides)
        try session.requireVault()
        let chosen = try days.map { try DayOptions.day($0, session.today) }
        let codes = try await interruptibly {
            try await session.withPipeline(run, command: "repair \(days.joined(separator: " "))") { pipeline in
                var codes: [ExitCode] = []
                for day in chosen { codes.append(try await code(of: day, pipeline, session)) }
                return codes
            }
        }
        let worst = ExitCode.worst(codes)
        if worst != .success { throw worst }
    }

    private func code(of day: Day, _ pipeline: Pipeline, _ session: Session) async throws -> ExitCode {
        do {
            if acceptLoss { return try await accept(day, pipeline, session) }
            let repair = try await pipeline.repair(day)
            if repair.restored.isEmpty, repair.missing.isEmpty {
                session.console.print("\(day)  nothing to repair")
            }
            for path in repair.restored { session.console.print("\(day)  restored  \(path)") }
            for path in repair.missing { session.console.print("\(day)  missing   \(path)") }
            return repair.missing.isEmpty ? .success : .mismatch
        } catch let failure as Failure where [.locked, .corrupt, .damaged, .notFound].contains(failure.code) {
            session.console.report(failure)
            return ExitCode(failure)
        }
    }

    private func accept(_ day: Day, _ pipeline: Pipeline, _ session: Session) async throws -> ExitCode {
        let outcome = try await pipeline.acceptLoss(of: day)
        if let damage = outcome.damage {
            session.console.report(damage)
            return .mismatch
        }
        guard let summary = outcome.summary else {
            session.console.print("\(day)  nothing was ever published")
            return .failure
        }
        session.console.print(DayText(summary).outcome(isNewRevision: outcome.isNewRevision))
        return .success
    }
}
