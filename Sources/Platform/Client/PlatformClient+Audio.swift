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
    /// - Throws: `Failure` with code `credentials` or `unreachable` when the platform signs nobody in or asks the account to
    ///   wait longer than retries allow; and what `receive` throws. What concerns this file alone is in the outcome.
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
        guard exchange.named.admits(url) else {
            return .unavailable(detail: "the platform gives an address in a private network for it, \(origin.host)")
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
        case .troubled(let trouble), .cut(_, let trouble): return .troubled(trouble)
        case .status(let refusal): return self.outcome(refusal, request)
        }
    }

    private func outcome(_ refusal: FileRefusal, _ request: WebRequest) -> AudioOutcome {
        switch refusal.status {
        case 404, 410: return .gone(status: refusal.status)
        case 401 where !refusal.isFromAuthority, 403: return .refused(status: refusal.status)
        case 401, 409, 500...:
            let failure = Failure.status(refusal.status, at: request.url)
            return .troubled(
                FileTrouble(
                    .status(refusal.status),
                    host: refusal.host,
                    isOwnHost: refusal.isFromAuthority,
                    failure
                )
            )
        default: return .unavailable(detail: "the server answers with status \(refusal.status)")
        }
    }

    /// Takes the word of a host that could not be waited for: no request of the account goes before that.
    package func heed(_ trouble: FileTrouble) async throws {
        if trouble.isOwnHost, let retryAfter = trouble.retryAfter { try await pace.push(nanoseconds: retryAfter) }
    }
}
