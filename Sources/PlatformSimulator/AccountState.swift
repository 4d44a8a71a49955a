import Foundation
import Recordings

/// The platform as a value: an account, what has been granted and what is under way; requests in, answers out.
///
/// It does no network I/O and knows no clock: times come with the calls.
struct AccountState: Sendable {
    var account: Account {
        didSet { sortRecordings() }
    }
    var writer: ItemWriter
    let storageURL: String
    var tokens = TokenBook()
    var script: FaultScript
    var log = RequestLog()
    /// Added to the wall clock.
    var clockOffsetMilliseconds: Int64 = 0
    /// SHA-256 of archives, by their name and validator.
    var digests: [String: Data] = [:]
    private var window = RateWindow()
    private var audioRequests: Set<Int> = []
    private var tokenRequests: Set<Int> = []
    /// Only who was redirected here by this account knows it.
    private let storageSecret = UInt64.random(in: UInt64.min...UInt64.max)

    init(account: Account, baseURL: String, storageURL: String) {
        self.account = account
        self.storageURL = storageURL
        writer = ItemWriter(baseURL: baseURL, accountID: account.accountID)
        script = FaultScript(account.faults)
        sortRecordings()
    }

    /// Listings come in this order.
    private mutating func sortRecordings() {
        func key(_ item: JSONValue) -> (String, String) { (item["dateCreated"]?.text ?? "", item["id"]?.text ?? "") }
        let isSorted = zip(account.recordings, account.recordings.dropFirst())
            .allSatisfy { key($0.fields) <= key($1.fields) }
        if !isSorted { account.recordings.sort { key($0.fields) < key($1.fields) } }
    }
}

// MARK: - Admission

extension AccountState {
    /// What happens to a request before its answer is looked for.
    struct Admission: Sendable {
        var number: Int
        var hits: [FaultScript.Hit]
        /// Set when the request is refused, or a fault takes the place of the answer.
        var answer: Answer?
    }

    /// Logs a request, counts it and decides whether it may pass.
    mutating func admit(_ incoming: Incoming, route: Route, monotonic: Int64, wall: Int64) -> Admission {
        let number = log.begin(
            LoggedRequest(
                number: 0,
                listener: incoming.listener,
                endpoint: route.endpoint,
                method: incoming.method,
                path: incoming.pathText,
                query: incoming.queryText.map(Query.redacted),
                range: incoming.headers["range"],
                credentials: incoming.credentials(archiveHeader: account.archiveAccess.header?.name),
                remotePort: incoming.remotePort,
                receivedAt: Timestamp(millisecondsSinceEpoch: wall),
                receivedNanoseconds: monotonic
            )
        )
        reportMisplacedCredentials(incoming, route: route, number: number)
        if let limit = account.rateLimit, route.isRateLimited, incoming.listener == .platform,
            !window.admit(at: monotonic, limit: limit)
        {
            log.report(.rateLimit, request: number, "more than \(limit.perSecond) requests in a second")
            var answer = Answer.error(429, "too_many_requests", "rate limit exceeded")
            answer.set("Retry-After", String(limit.retryAfterSeconds))
            return Admission(number: number, hits: [], answer: answer)
        }
        let refusal = takeTurn(incoming, route: route, number: number)
        if let refusal { return Admission(number: number, hits: [], answer: refusal) }
        let hits = script.meet(route.endpoint, target: incoming.target)
        log.update(number) { $0.faults = hits.map(\.fault.name) }
        return Admission(
            number: number,
            hits: hits,
            answer: replacement(for: incoming, route: route, hits: hits, wall: wall)
        )
    }

    /// The request is over, whatever became of it.
    ///
    /// - Returns: the log's entry, when it was not over before.
    mutating func end(
        _ number: Int,
        outcome: LoggedRequest.Outcome,
        bytes: Int64?,
        monotonic: Int64
    ) -> LoggedRequest? {
        audioRequests.remove(number)
        tokenRequests.remove(number)
        return log.end(number, outcome: outcome, bytes: bytes, at: monotonic)
    }

    private mutating func reportMisplacedCredentials(_ incoming: Incoming, route: Route, number: Int) {
        if incoming.query.carriesCredentials {
            log.report(.credentialsInURL, request: number, "a secret stands in the query")
        }
        let isForeign: Bool
        switch (incoming.listener, route) {
        case (.storage, .archive): isForeign = incoming.carriesPlatformCredentials
        case (.storage, _): isForeign = incoming.credentials(archiveHeader: nil) != .none
        case (.platform, .archive):
            isForeign = incoming.carriesPlatformCredentials && !account.archiveAccess.needsPlatformCredentials
        default: isForeign = false
        }
        if isForeign {
            log.report(
                .credentialsElsewhere,
                request: number,
                "credentials came to \(incoming.listener.rawValue), \(route.endpoint.rawValue)"
            )
        }
    }

    /// Audio is answered one at a time (the help centre's rule on load), token requests are only watched.
    private mutating func takeTurn(_ incoming: Incoming, route: Route, number: Int) -> Answer? {
        if case .token = route {
            if !tokenRequests.isEmpty { log.report(.parallelToken, request: number, "another was being answered") }
            tokenRequests.insert(number)
        }
        guard incoming.method != "HEAD", deliversAudio(route) else { return nil }
        guard audioRequests.count >= account.audio.parallel else {
            audioRequests.insert(number)
            return nil
        }
        log.report(.parallelAudio, request: number, "\(audioRequests.count) under way")
        var answer = Answer.error(
            account.audio.refusalStatus,
            "too_many_requests",
            "another audio file is being downloaded"
        )
        answer.set("Retry-After", "1")
        return answer
    }

    private func deliversAudio(_ route: Route) -> Bool {
        switch route {
        case .audio, .filesBulk: true
        case .storedFile(let id): !account.files.contains { $0.fields["id"]?.text == id }
        default: false
        }
    }

    /// The answer of a fault that takes the place of the real one.
    private mutating func replacement(
        for incoming: Incoming,
        route: Route,
        hits: [FaultScript.Hit],
        wall: Int64
    ) -> Answer? {
        for hit in hits {
            switch hit.fault.kind {
            case .status(let status, let retryAfter):
                var answer = Answer.error(status, "fault", "scripted status \(status)")
                switch retryAfter {
                case .seconds(let seconds): answer.set("Retry-After", String(seconds))
                case .date(let seconds):
                    let date = Date(timeIntervalSince1970: Double(wall) / 1000 + Double(seconds))
                    answer.set("Retry-After", Answer.httpDate(date))
                case nil: break
                }
                return answer
            case .html: return .html
            case .answer(let status, let headers, let body):
                return Answer(status, headers: headers.map { ($0.key, $0.value) }, body: .data(Data(body)))
            case .hangUp:
                var answer = Answer(200)
                answer.hangsUp = true
                return answer
            case .expiredToken:
                if let token = incoming.bearerToken { tokens.revoke(token) }
                return .error(401, "invalid_token", "the access token has expired")
            case .redirect(let target):
                return redirect(incoming, route: route, to: target, wall: wall)
            default: continue
            }
        }
        return nil
    }
}

// MARK: - Answers

extension AccountState {
    /// The storage host has a recording's audio under a signed URL, and the archives under the same path.
    private func redirect(_ incoming: Incoming, route: Route, to target: String?, wall: Int64) -> Answer {
        if let target { return .redirect(to: target) }
        if case .audio(_, let id) = route, let index = index(ofRecording: id),
            let file = writer.file(of: account.recordings[index])?.fields["id"]?.text
        {
            return fileDownload(id: file, wall: wall)
        }
        return .redirect(to: storageURL + incoming.target)
    }
}

extension AccountState {
    mutating func answer(_ incoming: Incoming, route: Route, hits: [FaultScript.Hit], wall: Int64) -> Answer {
        if incoming.listener == .storage {
            switch route {
            case .storedFile(let id): return storedFile(id: id, incoming, wall: wall)
            case .archive(let path): return archive(path, incoming, wall: wall)
            default: return .notFound(incoming.pathText)
            }
        }
        if route.needsCredentials, let refusal = refusal(of: incoming, wall: wall) { return refusal }
        switch route {
        case .token: return token(incoming, wall: wall)
        case .recordings: return recordings(incoming.query, hits: hits)
        case .recording(let id): return recording(id: id, incoming, wall: wall)
        case .recordingFlag(let id): return recordingFlag(id: id, incoming)
        case .recordingsBulk(let action): return recordingsBulk(action, incoming)
        case .audio(let owner, let id): return audio(owner: owner, id: id, incoming)
        case .files: return files(incoming.query, hits: hits)
        case .fileDownload(let id): return fileDownload(id: id, wall: wall)
        case .filesBulk: return filesBulk(incoming, hits: hits)
        case .calls: return calls(incoming.query, hits: hits)
        case .callsCondensed(let variant): return callsCondensed(variant, incoming.query, hits: hits)
        case .retention:
            return .json([
                "item": ["scope": "retention", "key": "periods", "data": account.retention], "success": true,
            ])
        case .archive(let path): return archive(path, incoming, wall: wall)
        case .storedFile, .control, .unknown: return .notFound(incoming.pathText)
        }
    }

    /// The signature of a storage URL.
    func signature(id: String, expires: Int64) -> String {
        let text = "\(id) \(expires) \(storageSecret)"
        return Content.bytes(Data(text.utf8)).facts()?.etag.filter { $0 != "\"" } ?? ""
    }
}
