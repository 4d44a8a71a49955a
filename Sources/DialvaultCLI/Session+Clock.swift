import ArgumentParser
import Foundation
import Logging
import Pipeline
import Platform
import Recordings
import Settings
import Vault

extension Session {
    /// Looks at this machine's clock before anything is made to depend on it.
    ///
    /// - Parameter asks: whether the platform may be asked for the time, which it is where there is a doubt.
    /// - Throws: `Refusal` when it cannot be right.
    func requirePlausibleClock(asks: Bool) async throws {
        guard let notBefore = Software.notBefore else { return }
        let published = vault.exists ? try publishedSummaries().values.map(\.publishedAt) : []
        switch ClockCheck(now: time.now(), notBefore: notBefore, published: published) {
        case .plausible: return
        case .impossible(let why): throw Self.wrongClock(why)
        case .contradicted(let why):
            if asks, try await isConfirmed(why) == true { return }
            throw Self.wrongClock(why)
        case .doubtful(let why):
            if asks, try await isConfirmed(why) == false { throw Self.wrongClock(why) }
        }
    }

    /// Whether the platform's clock agrees; nil when it does not tell.
    private func isConfirmed(_ why: String) async throws -> Bool? {
        guard configuration.api.enabled else { return nil }
        let transports = Transports()
        let ahead: Int64?
        do {
            let retry = RetryPolicy(retries: 0, maxWaitSeconds: 10)
            let client = try await client(try transports.trusting(configuration.api.caFile), retry, nil)
            ahead = try await client.greet().clockAheadMilliseconds
        } catch {
            console.log.info("\(why); the platform was asked for the time, in vain: \(error)")
            ahead = nil
        }
        try await transports.shutdown()
        try Task.checkCancellation()
        return ahead.map { abs($0) <= ClockCheck.tolerance }
    }

    private static func wrongClock(_ why: String) -> Refusal {
        Refusal(
            exitCode: .failure,
            message: "\(why): nothing was done, as days would be published that never were",
            advice: "Set the clock: timedatectl set-ntp true"
        )
    }
}
