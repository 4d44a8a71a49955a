import Foundation
import Recordings

extension PlatformClient {
    /// Fetches a recording's audio, as a stream of events, while nobody else on the account fetches any.
    ///
    /// Nothing is believed of what comes: it is the caller's to hash, to probe and to compare with the size that was
    /// declared. A cut connection is resumed here, by range and with the server's own validator, as often as retries allow.
    ///
    /// - Parameters:
    ///   - resuming: what an earlier try left behind.
    ///   - limit: bytes; a file that is larger is `unavailable`.
    ///   - receive: takes the events in order; the connection waits for it.
    /// - Throws: `Failure` with code `credentials` when the platform refuses a fresh token, `unreachable` when the network
    ///   or the platform fails for longer than retries allow; and what `receive` throws.
    package func audio(
        of recording: ListedRecording,
        resuming: Resumption? = nil,
        limit: Int64 = 2 << 30,
        progress: Progress = .none,
        _ receive: (AudioEvent) async throws -> Void
    ) async throws -> AudioOutcome {
        guard let url = recording.url.flatMap({ URL(string: $0, relativeTo: baseURL)?.absoluteURL }),
            let origin = WebOrigin(url)
        else { return .unavailable(detail: "the platform gives no address for it") }
        if !origin.isEncrypted, WebOrigin(baseURL)?.isEncrypted == true {
            return .unavailable(detail: "the platform gives an address without encryption for it")
        }
        return try await stream(
            WebRequest("GET", url),
            limit: limit,
            resuming: resuming,
            progress: progress,
            receive
        )
    }

    /// Streams a file under the account's audio lock.
    func stream(
        _ request: WebRequest,
        limit: Int64,
        resuming: Resumption?,
        progress: Progress,
        _ receive: (AudioEvent) async throws -> Void
    ) async throws -> AudioOutcome {
        let outcome = try await pace.withAudio(maxWaitSeconds: exchange.policy.maxWaitSeconds) {
            var stream = FileStream(
                request,
                exchange: exchange,
                throttle: throttle,
                limit: limit,
                resuming: resuming,
                progress: progress
            )
            return try await stream.run(receive)
        }
        switch outcome {
        case .received(let head, let bytes): return .received(head, bytes: bytes)
        case .failed(let detail): return .unavailable(detail: detail)
        case .status(404, _): return .gone(status: 404)
        case .status(410, _): return .gone(status: 410)
        case .status(401, isFromAuthority: true): throw Failure.status(401, at: request.url)
        case .status(let status, _) where status == 401 || status == 403: return .refused(status: status)
        case .status(let status, _): return .unavailable(detail: "the server answers with status \(status)")
        }
    }
}
