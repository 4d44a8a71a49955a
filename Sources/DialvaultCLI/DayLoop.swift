import ArgumentParser
import Logging
import Pipeline
import Recordings

/// Walks days through stages one after the other, shows each one's outcome, and ends with the code they add up to.
struct DayLoop: Sendable {
    let session: Session
    let run: RunOptions
    let stages: Set<Stage>
    let json: Bool
    /// The command's name, for whoever finds its locks.
    let command: String
    var sealing = SealRequest()
    var dropping = DropRequest()
    /// Whether the account may be asked how long it keeps recordings.
    var asksAccount = true

    /// - Throws: `ExitCode` when it is not 0.
    func run(_ days: [Day]) async throws {
        try await run(call: "\(command) \(days.map(\.description).joined(separator: " "))") { days }
    }

    /// - Parameters:
    ///   - call: the command as it was given, for whoever finds its locks.
    ///   - choose: says which days are to be walked, once it is known how long the account keeps them.
    /// - Throws: `ExitCode` when it is not 0.
    func run(call: String, choosing choose: @escaping @Sendable () throws -> [Day]) async throws {
        let asksAccount = asksAccount && stages.contains(.collect)
        let codes = try await interruptibly {
            try await session.withPipeline(run, command: call, asksAccount: asksAccount) { pipeline in
                var codes: [ExitCode] = []
                for day in try choose() { codes.append(try await code(of: day, pipeline)) }
                return codes
            }
        }
        let worst = ExitCode.worst(codes)
        if worst != .success { throw worst }
    }

    /// A day that fails is reported, and the others go on; what no day could survive ends the loop.
    private func code(of day: Day, _ pipeline: Pipeline) async throws -> ExitCode {
        do {
            let outcome = try await pipeline.run(
                day,
                stages: stages,
                isRefetching: run.refetch,
                sealing: sealing,
                dropping: dropping,
                progress: session.console.progress
            )
            try show(outcome)
            return outcome.exitCode(isPublished: stages.contains(.merge))
        } catch let failure as Failure where !failure.concernsEveryDay {
            session.console.report(failure)
            return ExitCode(failure)
        }
    }

    private func show(_ outcome: DayOutcome) throws {
        for failure in outcome.failures { session.console.report(failure) }
        if let damage = outcome.damage {
            session.console.report(damage)
            session.console.print("\(outcome.day)  damaged     nothing was published: see above")
            return
        }
        if let refusal = outcome.refusal { session.console.report(refusal) }
        guard stages.contains(.merge) || outcome.seal != nil else {
            session.console.log.info("\(outcome.day): \(command) done")
            return
        }
        guard let summary = outcome.summary else {
            session.console.print("\(outcome.day)  not published: no source answered")
            return
        }
        if json {
            try session.console.print(json: summary)
        } else {
            session.console.print(DayText(summary).outcome(isNewRevision: outcome.isNewRevision))
            if let seal = outcome.seal { session.console.print("            \(DayText.sealed(seal))") }
            for line in DayText(summary).openSources { session.console.print("            \(line)") }
        }
    }
}

extension Failure {
    /// Whether no other day could go on either, or should not.
    fileprivate var concernsEveryDay: Bool {
        switch code {
        case .usage, .configuration, .credentials, .interrupted, .diskFull: true
        case .unreachable, .notReady, .locked, .fileSystem, .corrupt, .damaged, .badAnswer, .notFound: false
        }
    }
}
