import Foundation
import Ledger
import Platform
package import Recordings
import Vault

/// Gets one recording now, whether or not its day is due.
package struct RecordingFetch: Sendable {
    private let pipeline: Pipeline
    private let client: PlatformClient
    private let timeZone: TimeZone

    /// Returns nil when the configuration turns the API off.
    package init?(_ pipeline: Pipeline) {
        guard let client = pipeline.collect?.client else { return nil }
        self.pipeline = pipeline
        self.client = client
        timeZone = pipeline.merge.timeZone
    }

    /// Fetches the recording into its day's bag, as the collect and the merge stage do. What else of the day is missing is
    /// named there, and stays for the day's own run.
    ///
    /// - Returns: the recording as it is published now.
    /// - Throws: `Failure` with code `notFound` when the platform does not have it, `notReady` when it has not stored it
    ///   yet, `locked` when another run holds the day or the day is sealed.
    package func run(
        _ id: RecordingID,
        progress receive: @escaping @Sendable (StageProgress.Update) -> Void = { _ in }
    ) async throws -> Recording {
        guard let item = try await client.recording(id) else {
            throw Failure(.notFound, "\(id) is not archived, and the platform has no recording of that id")
        }
        switch item.availability {
        case .stored: break
        case .pending(let state):
            throw Failure(.notReady, "\(id) is not stored yet: the platform says \(state)", advice: "Try again later")
        case .deleted: throw Failure(.notFound, "\(id) is not archived, and the platform has deleted it")
        case .failed(let state):
            throw Failure(.notFound, "\(id) is not archived, and the platform has no audio of it: it says \(state)")
        }
        let day = Day.localTime(at: item.dateCreated, in: timeZone).date
        let outcome = try await pipeline.run(day, stages: [.collect, .merge], only: id, progress: receive)
        if outcome.seal != nil {
            throw Failure(
                .locked,
                "\(id) started on \(day), which is sealed",
                advice: "Take it in with: dialvault run --reopen \(day)"
            )
        }
        let published = try pipeline.vault.publishedDay(day)
        if let recording = published?.recordings.first(where: { $0.recordingID == id }) { return recording }
        if let failure = outcome.failures.first { throw failure }
        let exception = published?.exceptions.first { $0.recordingID == id }
        throw Failure(
            .notFound,
            "\(id) is not published: \(exception.map { "\($0.reason.rawValue), \($0.detail)" } ?? "it did not come")",
            advice: "See the day with: dialvault show \(day)"
        )
    }
}
