package import Foundation
package import Logging
package import Recordings

/// Fetches archives over HTTPS to files: streamed, resumed where an earlier try or another process ended, checked
/// against length and digests, and given their name only then.
package struct Download: Sendable {
    package struct Order: Sendable {
        package var url: URL
        /// The file's path. Its folder must exist.
        package var destination: String
        package var authorization: Authorization
        /// Where a file of checksums lies, in the format of `sha256sum` or BSD.
        package var checksumURL: URL?
        /// Of what was fetched earlier: when the server still has the same, it is not fetched again.
        package var previous: Validator?
        package var permissions: UInt32 = 0o640
        /// Bytes; more are not taken.
        package var limit: Int64 = 200 << 30

        package init(
            url: URL,
            destination: String,
            authorization: Authorization = .none,
            checksumURL: URL? = nil,
            previous: Validator? = nil
        ) {
            self.url = url
            self.destination = destination
            self.authorization = authorization
            self.checksumURL = checksumURL
            self.previous = previous
        }
    }

    /// What lets us in. It goes to the URL's own host only, and is left out after a redirect to another.
    package enum Authorization: Sendable {
        case none
        case basic(username: String, password: Secret)
        case header(name: String, value: Secret)
        /// The account's own credentials, and its pace.
        case platform(PlatformClient)
    }

    package enum Outcome: Hashable, Sendable {
        case downloaded(Receipt)
        /// The server has what it had when ``Order/previous`` was noted.
        case unchanged
        /// Not there (404).
        case notFound
        /// Not there any more, and the server knows it (410).
        case gone
        /// The server wants other credentials (401, 403).
        case refused(status: Int)
        /// The server says 403 in the words of S3, to somebody who has nothing to sign in with: there it can mean that the
        /// file is not there, because without the right to list a bucket both look the same.
        case forbiddenOrMissing
        /// A host to which the server redirects refuses, and that has nothing to do with the credentials.
        case refusedElsewhere(FileRefusal)
        /// It answers with a status that is none for a file, such as 202 or 400.
        case unusable(FileRefusal)
        /// The archive is there and its checksum is not, yet; the detail is for people.
        case notReady(detail: String)
    }

    package struct Receipt: Hashable, Sendable {
        package var bytes: Int64
        package var sha256: Digest
        /// For ``Order/previous`` the next time.
        package var validator: Validator?
        package var contentType: String?
        /// Whether it is a web page, by its type or its first bytes: most likely a form to sign in, and no archive.
        package var isHTML: Bool
        /// The digests that agreed, and who said them, for people.
        package var agreed: [String]
        /// Bytes that came over the network this time.
        package var transferred: Int64
        /// Bytes that an earlier run had left.
        package var resumedAt: Int64
    }

    private let transport: any HTTPTransport
    private let policy: RetryPolicy
    private let time: any PlatformTime
    private let throttle: Throttle?
    private let log: Logger

    package init(
        transport: any HTTPTransport,
        retry: RetryPolicy = RetryPolicy(),
        time: any PlatformTime = SystemTime(),
        bandwidth: BandwidthLimit? = nil,
        log: Logger = Logger(label: "download") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.transport = transport
        policy = retry
        self.time = time
        throttle = bandwidth.map { Throttle($0, time: time) }
        self.log = log
    }

    /// Fetches one archive.
    ///
    /// What came before an interruption stays as `<destination>.partial`, and is gone on with the next time.
    ///
    /// - Parameter progress: bytes, those of earlier tries counted.
    /// - Throws: `Failure` with code `unreachable`, `corrupt` (twice the bytes did not have the digest that was promised),
    ///   `locked` (another process fetches to the same file), `diskFull`, `fileSystem`, `configuration`, `badAnswer`.
    package func fetch(_ order: Order, progress: Progress = .none) async throws -> Outcome {
        var expected: [ExpectedDigest] = []
        if let checksumURL = order.checksumURL {
            switch try await checksum(of: order, at: checksumURL) {
            case .digest(let digest): expected = [digest]
            case .refused(let status): return .refused(status: status)
            case .missing: return try await withoutChecksum(order)
            }
        }
        switch try await attempt(order, expected, progress) {
        case .done(let outcome): return outcome
        case .differs: break
        }
        // Once more from the start: a resumed file may have been put together wrongly, a proxy may have cut in.
        switch try await attempt(order, expected, progress) {
        case .done(let outcome): return outcome
        case .differs(let what):
            throw Failure(
                .corrupt,
                "\(order.url.shown) does not have the \(what)",
                advice: "Ask whoever provides it whether the file is complete, and run it again"
            )
        }
    }

    private enum Attempt {
        case done(Outcome)
        /// The bytes are not those that were promised; what was promised, for people.
        case differs(String)
    }

    /// Ends a stream whose file need not be fetched.
    private struct Unchanged: Error {}

    private func attempt(_ order: Order, _ expected: [ExpectedDigest], _ progress: Progress) async throws -> Attempt {
        var file = try await PartialFile<Validator>.open(order.destination, from: order.url.absoluteString)
        let resumption = file.resumption
        let resumedAt = resumption?.offset ?? 0
        var request = WebRequest("GET", order.url)
        if resumption == nil, let previous = order.previous { request.headers.merge(previous.unlessSame) }
        var stream = FileStream(
            request,
            exchange: try exchange(order.url, order.authorization),
            throttle: throttle,
            limit: order.limit,
            resuming: resumption,
            progress: progress
        )
        let outcome: FileStream.Outcome
        do {
            outcome = try await stream.run { event in
                switch event {
                case .begin(let head):
                    if let previous = order.previous, head.validator == previous { throw Unchanged() }
                    try file.begin(at: head.offset, mark: head.resumptionMark)
                case .bytes(let bytes): try file.append(bytes)
                }
            }
        } catch is Unchanged {
            file.abandon()
            return .done(.unchanged)
        }
        guard case .received(let head, _) = outcome else {
            if file.count == 0 { file.abandon() }
            return .done(try ended(outcome, order))
        }
        var agreed: [String] = []
        for digest in expected + ExpectedDigest.read(stream.headers, status: head.offset == 0 ? 200 : 206) {
            let name = "\(digest.algorithm.rawValue) of \(digest.origin)"
            guard try await file.hex(digest.algorithm) == digest.hex else {
                file.abandon()
                return .differs(name)
            }
            agreed.append(name)
        }
        let receipt = Receipt(
            bytes: file.count,
            sha256: file.sha256,
            validator: head.validator,
            contentType: head.contentType,
            isHTML: head.contentType == "text/html" || Self.looksLikeHTML(file.head(512)),
            agreed: agreed,
            transferred: stream.transferred,
            resumedAt: resumedAt
        )
        try await file.publish(permissions: order.permissions)
        return .done(.downloaded(receipt))
    }

    private func ended(_ outcome: FileStream.Outcome, _ order: Order) throws -> Outcome {
        switch outcome {
        case .status(let refusal): return self.outcome(refusal, order)
        case .troubled(let trouble): throw trouble.failure
        case .cut(let detail, _): throw Self.incomplete(order, detail)
        case .failed(let detail): throw Self.incomplete(order, detail)
        case .received: throw Self.incomplete(order, "it did not come whole")
        }
    }

    private func outcome(_ refusal: FileRefusal, _ order: Order) -> Outcome {
        let isElsewhere = !refusal.isFromAuthority && refusal.host != WebOrigin(order.url)?.host
        switch refusal.status {
        case 304: return .unchanged
        case 404: return .notFound
        case 410: return .gone
        case 401, 403:
            if isElsewhere { return .refusedElsewhere(refusal) }
            if case .none = order.authorization, refusal.status == 403, refusal.storageCode == "AccessDenied" {
                return .forbiddenOrMissing
            }
            return .refused(status: refusal.status)
        default: return .unusable(refusal)
        }
    }

    private static func incomplete(_ order: Order, _ detail: String) -> Failure {
        Failure(
            .unreachable,
            "\(order.url.shown) could not be fetched: \(detail)",
            advice: "Run it again; it goes on where it stopped"
        )
    }

    /// A web page by its first bytes (WHATWG, "MIME Sniffing", section 7.1, as far as archives need it).
    private static func looksLikeHTML(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self).lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        return ["<!doctype html", "<html", "<head", "<body", "<!--"].contains { text.hasPrefix($0) }
    }
}

extension Download {
    /// What a server says of a file without sending it.
    package struct Look: Hashable, Sendable {
        package var status: Int
        package var sizeBytes: Int64?
        package var validator: Validator?
        package var contentType: String?
        var refusal: FileRefusal
    }

    /// Asks for a file's size and validator (`HEAD`).
    ///
    /// - Throws: `Failure` with code `unreachable`, `configuration` or `badAnswer`.
    package func look(at url: URL, authorization: Authorization = .none) async throws -> Look {
        var retries = Retries(policy, isIdempotent: true)
        let reply = try await exchange(url, authorization).send(WebRequest("HEAD", url), &retries)
        let headers = reply.response.headers
        let refusal = await FileRefusal(reply)
        return Look(
            status: reply.response.status,
            sizeBytes: headers.contentLength,
            validator: Validator(headers, now: time.now()),
            contentType: headers.mediaType,
            refusal: refusal
        )
    }

    private enum Checksum {
        case digest(ExpectedDigest)
        case missing
        case refused(Int)
    }

    private func checksum(of order: Order, at url: URL) async throws -> Checksum {
        var retries = Retries(policy, isIdempotent: true)
        // The credentials are the archive's: a checksum on another host gets none.
        var exchange = try exchange(order.url, order.authorization)
        if exchange.authority?.origin != WebOrigin(url) { exchange = try self.exchange(url, .none) }
        let request = WebRequest("GET", url)
        while true {
            let reply = try await exchange.send(request, &retries)
            let body: [UInt8]
            do {
                body = try await reply.response.body.collect(upTo: 1 << 20)
            } catch let error as TransportError {
                _ = try await exchange.pause(after: .network(error), of: request, nil, &retries)
                continue
            }
            switch reply.response.status {
            case 200: break
            case 404, 410: return .missing
            case 401, 403: return .refused(reply.response.status)
            case let status:
                throw Failure(
                    status >= 500 ? .unreachable : .badAnswer,
                    "\(url.shown) answers with status \(status)",
                    advice: status >= 500 ? "Run it again later" : "Check checksum_url"
                )
            }
            guard
                let digest = ChecksumFile(String(decoding: body, as: UTF8.self)).digest(of: order.url.lastPathComponent)
            else {
                throw Failure(
                    .badAnswer,
                    "\(url.shown) holds no checksum of \(order.url.lastPathComponent)",
                    advice: "Check checksum_url: sha256sum's and BSD's formats are read, with SHA-256, SHA-1 or MD5"
                )
            }
            return .digest(digest)
        }
    }

    /// Without the checksum that was promised, an archive that is there is not ready.
    private func withoutChecksum(_ order: Order) async throws -> Outcome {
        let look = try await look(at: order.url, authorization: order.authorization)
        return switch look.status {
        case 200: .notReady(detail: "the archive is there, its checksum file is not")
        default: outcome(look.refusal, order)
        }
    }

    private func exchange(_ url: URL, _ authorization: Authorization) throws -> Exchange {
        guard let origin = WebOrigin(url), origin.isEncrypted || origin.isLoopback else {
            throw Failure(
                .configuration,
                "\(url.shown) is no https address",
                advice: "Give the source's url with https"
            )
        }
        var exchange = Exchange(
            transport: transport,
            authority: nil,
            pace: nil,
            policy: policy,
            time: time,
            log: log,
            named: NamedHosts([url])
        )
        switch authorization {
        case .none: break
        case .basic(let username, let password):
            let pair = Data("\(username):\(password.exposed)".utf8).base64EncodedString()
            exchange.authority = Authority(origin: origin, headers: .fixed(["Authorization": "Basic \(pair)"]))
        case .header(let name, let value):
            exchange.authority = Authority(origin: origin, headers: .fixed([name: value.exposed]))
        case .platform(let client):
            exchange = client.exchange
        }
        return exchange
    }
}
