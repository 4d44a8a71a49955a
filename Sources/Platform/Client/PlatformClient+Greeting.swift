import Foundation
import Recordings

extension PlatformClient {
    /// What one request says of the platform and of this machine's clock.
    package struct Greeting: Sendable {
        /// This machine's clock against the platform's, in milliseconds; above 0 when it is ahead. To a second, which is
        /// how exactly HTTP tells the time. Nil when the platform does not tell it.
        package let clockAheadMilliseconds: Int64?
    }

    /// Asks for the last hour's recordings, one at most: the least that needs credentials and the right to list.
    ///
    /// - Throws: `Failure` with code `credentials`, `unreachable`, `notFound` or `badAnswer`.
    package func greet() async throws -> Greeting {
        let now = exchange.time.now().secondsSinceEpoch
        let query = [
            ("filters.time.start", String(now - 3600)), ("filters.time.end", String(now)), ("page", "1"), ("max", "1"),
        ]
        let request = WebRequest("GET", address("/api/v2/recordings", query), headers: ["Accept": "application/json"])
        var retries = Retries(exchange.policy, isIdempotent: true)
        var reply = try await exchange.send(request, &retries)
        let received = exchange.time.now()
        guard reply.response.status == 200 else {
            let status = reply.response.status
            await reply.response.discardBody()
            throw Failure.status(status, at: request.url)
        }
        let date = reply.response.headers["date"].flatMap { HTTPDate.parse($0, now: received) }
        let isJSON = reply.response.headers.mediaType == "application/json"
        await reply.response.discardBody()
        guard isJSON else {
            throw Failure(
                .badAnswer,
                "\(request.url.shown) does not answer with JSON",
                advice: "Check api.base_url, and whether a proxy answers in the platform's place"
            )
        }
        // The answer's second began up to a second before it was written.
        let ahead = date.map { received.millisecondsSinceEpoch - $0.millisecondsSinceEpoch - 500 }
        return Greeting(clockAheadMilliseconds: ahead)
    }
}
