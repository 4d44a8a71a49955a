package import Foundation
package import Logging
package import Platform
package import Recordings
package import Vault

/// What the account says of how long the platform keeps recordings, remembered from one run to the next.
package struct AccountRetention: Codable, Hashable, Sendable {
    /// The platform that said it.
    package var baseURL: String
    package var readAt: Timestamp
    /// Nil where the account has no such settings or may not read them.
    package var periods: RetentionPeriods?

    /// How long it is not asked for again, in milliseconds: a day.
    private static let currency: Int64 = 86_400_000

    private enum CodingKeys: String, CodingKey {
        case baseURL = "base_url"
        case readAt = "read_at"
        case periods
    }

    /// What was read last; nil when nothing was, or it cannot be read any more: then it is asked for again.
    package static func remembered(in vault: Vault, of baseURL: URL) throws -> AccountRetention? {
        guard let data = try FileSystem.read(vault.retentionKnowledge),
            let known = try? JSONDecoder().decode(AccountRetention.self, from: data),
            known.baseURL == baseURL.absoluteString
        else { return nil }
        return known
    }

    /// Asks the account, once a day at most, and remembers what it says.
    ///
    /// That it cannot be asked is no failure: the run will find out for itself what the platform lacks.
    package static func current(
        _ client: PlatformClient,
        _ vault: Vault,
        at now: Timestamp,
        log: Logger
    ) async throws -> AccountRetention? {
        let before = try remembered(in: vault, of: client.baseURL)
        if let before, (0..<currency).contains(now.millisecondsSinceEpoch - before.readAt.millisecondsSinceEpoch) {
            return before
        }
        do {
            let periods = try await client.retentionPeriods()
            let read = AccountRetention(baseURL: client.baseURL.absoluteString, readAt: now, periods: periods)
            try vault.remember(try JSONLines.line(read), in: vault.retentionKnowledge)
            return read
        } catch let failure as Failure where failure.concernsSource {
            log.info("the account's retention settings could not be read: \(failure.message)")
            return before
        }
    }
}
