import Failpoints
import Platform
import Recordings
import Vault

/// What a run is to do with the seals of its days.
package struct SealRequest: Hashable, Sendable {
    /// Whether a seal that is there is removed first.
    package var reopens = false
    /// Whether the day is sealed when it has been run.
    package var seals = false
    /// Whether it is sealed even when something of it is missing.
    package var acceptsIncomplete = false

    package init() {}
}

extension Pipeline {
    /// Looks whether the day is sealed, or breaks the seal where the request says so. The caller holds the day's lock.
    ///
    /// - Returns: what there is to say of a sealed day; nil when it is to be run.
    func outcome(ofSealed day: Day, _ request: SealRequest) throws -> DayOutcome? {
        if request.reopens {
            try vault.reopen(day)
            return nil
        }
        guard let seal = try vault.seal(of: day) else { return nil }
        var outcome = DayOutcome(
            day: day,
            summary: try vault.publishedSummary(day),
            isNewRevision: false,
            failures: []
        )
        outcome.seal = seal
        return outcome
    }

    /// Seals the day that was run, if that was asked for and it can be. The caller holds the day's lock.
    func sealing(_ outcome: DayOutcome, _ request: SealRequest) async throws -> DayOutcome {
        guard request.seals else { return outcome }
        var result = outcome
        if let obstacle = obstacle(to: outcome, request) {
            result.refusal = Failure(
                .notReady,
                "\(outcome.day) is not sealed: \(obstacle.reason)",
                advice: obstacle.advice
            )
        } else {
            // A neighbour's run publishes here too, and looks for the seal under this lock.
            let lock = try await locks.publication(waiting: time)
            defer { _ = lock }
            guard let summary = try vault.publishedSummary(outcome.day) else { return result }
            let seal = DaySeal(summary, at: time.now())
            try vault.save(seal)
            Failpoint.reach("day: sealed")
            result.seal = seal
        }
        return result
    }

    private func obstacle(
        to outcome: DayOutcome,
        _ request: SealRequest
    ) -> (reason: String, advice: String?)? {
        guard let summary = outcome.summary else { return ("it is not published", nil) }
        guard summary.end <= time.now() else { return ("it is not over", "Seal it from \(summary.end) on") }
        // A source that never had the archive, or has it no longer, has answered; one that was not reached has not.
        let unanswered = outcome.failures.first { $0.code != .notReady && $0.code != .notFound }
        if let unanswered { return (unanswered.message, "Try again when every source can be reached") }
        guard summary.state == .incomplete, !request.acceptsIncomplete else { return nil }
        return (
            "it is incomplete",
            "See what is missing with dialvault show \(outcome.day); to seal it all the same: "
                + "dialvault run --seal --accept-incomplete \(outcome.day)"
        )
    }
}
