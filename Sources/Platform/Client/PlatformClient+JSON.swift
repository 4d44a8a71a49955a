import Foundation
import Recordings

extension PlatformClient {
    /// The most that is read of an answer in JSON: a page of a thousand items is about a megabyte.
    private static let jsonLimit = 64 << 20

    /// `GET`s an answer in JSON.
    ///
    /// - Parameter policy: how often it is tried again; the account's by default.
    /// - Throws: ``Refused`` for 401, 403, 404 and 410, which mean different things of different resources; `Failure` for
    ///   everything else.
    func json(_ path: String, _ query: [(String, String)] = [], policy: RetryPolicy? = nil) async throws -> JSONValue {
        let request = WebRequest("GET", address(path, query), headers: ["Accept": "application/json"])
        var retries = Retries(policy ?? exchange.policy, isIdempotent: true)
        while true {
            let reply = try await exchange.send(request, &retries)
            let body: [UInt8]
            do {
                body = try await reply.response.body.collect(upTo: Self.jsonLimit)
            } catch let error as TransportError {
                _ = try await exchange.pause(after: .network(error), of: request, nil, &retries)
                continue
            }
            switch reply.response.status {
            case 200: break
            case let status where [401, 403, 404, 410].contains(status): throw Refused(status: status, url: request.url)
            case let status: throw Failure.status(status, body: body, at: request.url)
            }
            if let value = JSONValue(body), value.isObject { return value }
            // Status 200 and no JSON is somebody else's answer, a proxy's or a maintenance page: it passes as 502 does.
            let bad = Retries.Trouble.status(502, retryAfter: nil)
            if try await exchange.pause(after: bad, of: request, reply, &retries) != nil {
                throw Failure(
                    .badAnswer,
                    "\(request.url.shown) answers with \(reply.response.headers.mediaType ?? "something") "
                        + "instead of JSON",
                    advice: "Check api.base_url, and whether a proxy answers in the platform's place"
                )
            }
        }
    }
}

/// The platform does not give the account what was asked for.
struct Refused: Error {
    var status: Int
    var url: URL

    var failure: Failure { .status(status, at: url) }
}

extension Failure {
    /// What an answer means that is not the one that was asked for.
    static func status(_ status: Int, body: [UInt8] = [], at url: URL) -> Failure {
        switch status {
        case 401, 403:
            // What the body says is left out: it could repeat the token.
            Failure(
                .credentials,
                "The platform refuses the credentials (status \(status) from \(url.shown))",
                advice:
                    "Check the user name and password or token in the configuration, and that the user has manager rights"
            )
        case 404, 410:
            Failure(
                .notFound,
                "There is nothing at \(url.shown) (status \(status))",
                advice: "Check api.base_url"
            )
        case 500...:
            Failure(
                .unreachable,
                "\(url.shown) fails with status \(status)\(said(body))",
                advice: "Run it again later"
            )
        default:
            Failure(
                .badAnswer,
                "\(url.shown) answers with status \(status)\(said(body))",
                advice: "Check api.base_url"
            )
        }
    }

    /// The words of an error body, which is JSON with some of `code`, `message`, `error`, `detail` (the vendor's SDK).
    /// Long words are left out: they are ids at best and tokens at worst.
    private static func said(_ body: [UInt8]) -> String {
        guard body.count <= 65_536, let value = JSONValue(body), let words = words(of: value) else { return "" }
        return ": " + words
    }

    /// The words of an answer that says of itself that it is a failure; nil when it has none.
    static func words(of answer: JSONValue) -> String? {
        let texts = ["message", "detail", "error", "code"].compactMap { answer[$0].string }
        guard let text = texts.first else { return nil }
        let words = text.split { !$0.isLetter && !$0.isNumber && !"-_.,:'()".contains($0) }
            .map { $0.utf8.count > 24 ? "…" : String($0) }
        return words.isEmpty ? nil : String(words.joined(separator: " ").prefix(200))
    }
}
