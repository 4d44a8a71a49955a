import Foundation
import Logging
import Recordings

/// Who is let in where: the one party that gets to see credentials.
struct Authority: Sendable {
    var origin: WebOrigin
    var headers: Source

    enum Source: Sendable {
        case fixed(HeaderFields)
        case account(SignIn)
    }

    func authorization() async throws -> Authorization {
        switch headers {
        case .fixed(let fields): Authorization(headers: fields, generation: nil)
        case .account(let signIn): try await signIn.authorization()
        }
    }

    func refuse(_ authorization: Authorization) async -> Bool {
        if case .account(let signIn) = headers { await signIn.refuse(authorization) } else { false }
    }
}

/// Sends a request with all that belongs to it: credentials for the one party that may see them, the account's pace,
/// redirects, renewed tokens and retries.
struct Exchange: Sendable {
    var transport: any HTTPTransport
    var authority: Authority?
    var pace: AccountPace?
    var policy: RetryPolicy
    var time: any PlatformTime
    var log: Logger
    /// Where redirects may lead besides hosts that are open to everybody.
    var named: NamedHosts

    /// The answer that counts, after redirects and retries.
    struct Reply: Sendable {
        var response: WebResponse
        var url: URL
        /// Whether the answer comes from the party that gets the credentials.
        var isFromAuthority: Bool
    }

    /// Returns the first answer whose status is not a passing trouble; after the last try also 502 and 504, without
    /// their body.
    ///
    /// - Throws: `Failure` with code `unreachable` when the network fails or the platform is too busy for longer than
    ///   `retries` allows, `badAnswer` when a redirect cannot be followed.
    func send(_ request: WebRequest, _ retries: inout Retries) async throws -> Reply {
        do {
            return try await attempt(request, &retries)
        } catch let trouble as FileTrouble {
            if trouble.isOwnHost, let retryAfter = trouble.retryAfter { try await pace?.push(nanoseconds: retryAfter) }
            throw trouble.failure
        }
    }

    /// The same for one file among many.
    ///
    /// - Throws: ``FileTrouble`` for what is this request's; `Failure` for what concerns the account: no token is given,
    ///   or the platform asks to wait before any other request.
    func attempt(_ request: WebRequest, _ retries: inout Retries) async throws -> Reply {
        var renewed = false
        while true {
            var step = Step(request: request)
            let trouble: Retries.Trouble
            var failed: Reply?
            do {
                var reply = try await follow(&step, &renewed)
                let status = reply.response.status
                trouble = .status(status, retryAfter: retryAfter(reply.response))
                guard retries.mayPass(trouble) else { return reply }
                await reply.response.discardBody()
                failed = reply
            } catch let error as TransportError {
                trouble = .network(error)
            }
            if let failed = try await wait(after: trouble, of: step.request, failed, &retries) { return failed }
        }
    }

    /// Waits before the next try. Returns the answer with which to end instead.
    func pause(
        after trouble: Retries.Trouble,
        of request: WebRequest,
        _ failed: Reply?,
        _ retries: inout Retries
    ) async throws -> Reply? {
        do {
            return try await wait(after: trouble, of: request, failed, &retries)
        } catch let trouble as FileTrouble {
            throw trouble.failure
        }
    }

    /// - Parameter request: as it was sent last, after redirects.
    private func wait(
        after trouble: Retries.Trouble,
        of request: WebRequest,
        _ failed: Reply?,
        _ retries: inout Retries
    ) async throws -> Reply? {
        let decision = retries.next(after: trouble, chance: time.random())
        log.debug("trouble", metadata: ["url": "\(request.url.shown)", "what": "\(trouble)", "then": "\(decision)"])
        // Another host's load is not the account's.
        let pace = isOwn(request) ? self.pace : nil
        switch decision {
        case .wait(let nanoseconds, let everybody):
            if everybody, let pace {
                try await pace.push(nanoseconds: nanoseconds)
            } else {
                try await time.sleep(nanoseconds: nanoseconds)
            }
            return nil
        case .tooLong(let nanoseconds):
            guard case .status(let status, _) = trouble else { throw self.trouble(trouble, of: request) }
            let failure = Failure.askedToWait(nanoseconds: nanoseconds, by: pace == nil ? request.url.shown : nil)
            if status == 429, let pace {
                try await pace.push(nanoseconds: nanoseconds)
                throw failure
            }
            var trouble = FileTrouble(.status(status), host: host(request), isOwnHost: isOwn(request), failure)
            trouble.retryAfter = nanoseconds
            throw trouble
        case .exhausted, .final:
            guard case .status(let status, let retryAfter) = trouble else { throw self.trouble(trouble, of: request) }
            let longest = nanoseconds(seconds: policy.maxWaitSeconds)
            if let retryAfter, retryAfter <= longest || status == 429 { try await pace?.push(nanoseconds: retryAfter) }
            if let failed, status != 429, status != 503 { return failed }
            throw self.trouble(trouble, of: request)
        }
    }

    private func trouble(_ trouble: Retries.Trouble, of request: WebRequest) -> FileTrouble {
        switch trouble {
        case .network(let error):
            FileTrouble(
                .network(error.kind),
                host: host(request),
                isOwnHost: isOwn(request),
                .network(error, to: request.url)
            )
        case .status(let status, _):
            FileTrouble(
                .status(status),
                host: host(request),
                isOwnHost: isOwn(request),
                .busy(status, at: request.url)
            )
        }
    }

    private func host(_ request: WebRequest) -> String { WebOrigin(request.url)?.host ?? "" }

    private func isOwn(_ request: WebRequest) -> Bool {
        authority.map { $0.origin == WebOrigin(request.url) } ?? false
    }

    /// A request on its way through redirects.
    private struct Step {
        var request: WebRequest
        var hops = 0
    }

    /// Follows redirects to an answer that is none; a refused token is renewed once.
    private func follow(_ step: inout Step, _ renewed: inout Bool) async throws -> Reply {
        while true {
            let isOwn = isOwn(step.request)
            var (response, authorization) = try await once(step.request, isOwn: isOwn)
            if response.status == 401, !renewed, let authorization, await authority?.refuse(authorization) == true {
                renewed = true
                await response.discardBody()
                continue
            }
            switch Redirect(
                status: response.status,
                location: response.headers["location"],
                from: step.request,
                hops: step.hops,
                named: named
            )
            {
            case .none: return Reply(response: response, url: step.request.url, isFromAuthority: isOwn)
            case .refused(let reason):
                await response.discardBody()
                let failure = Failure(
                    .badAnswer,
                    "\(step.request.url.shown) cannot be used: \(reason)",
                    advice: "Check the address in the configuration"
                )
                throw FileTrouble(.redirect, host: host(step.request), isOwnHost: isOwn, failure)
            case .follow(let target):
                await response.discardBody()
                step.hops += 1
                step.request.url = target
                if response.status == 303, step.request.method != "HEAD" {
                    step.request.method = "GET"
                    step.request.body = nil
                }
            }
        }
    }

    private func once(_ request: WebRequest, isOwn: Bool) async throws -> (WebResponse, Authorization?) {
        try Task.checkCancellation()
        var outgoing = request
        outgoing.headers["Accept-Encoding"] = ContentCoding.accepted
        var authorization: Authorization?
        if isOwn, let authority {
            let granted = try await authority.authorization()
            outgoing.headers.merge(granted.headers)
            authorization = granted
        }
        try await pace?.take(maxWaitSeconds: policy.maxWaitSeconds)
        let start = time.uptime()
        let response = try ContentCoding.undo(try await transport.send(outgoing), to: outgoing)
        log.debug(
            "\(request.method)",
            metadata: [
                "url": "\(request.url.shown)", "status": "\(response.status)",
                "ms": "\((time.uptime() - start) / 1_000_000)",
            ]
        )
        return (response, authorization)
    }

    private func retryAfter(_ response: WebResponse) -> Int64? {
        response.headers["retry-after"].flatMap { HTTPDate.retryAfter($0, now: time.now()) }
    }
}

extension Failure {
    static func network(_ error: TransportError, to url: URL) -> Failure {
        let advice =
            switch error.kind {
            case .security: "Check the host name, and name the file of a private certificate authority if there is one"
            case .connect, .timeout, .cut: "Check the address and the network, and run it again later"
            case .tooLarge, .malformed: "Check the address in the configuration"
            }
        guard error.kind == .tooLarge || error.kind == .malformed else {
            return Failure(.unreachable, "\(url.shown) cannot be reached: \(error.detail)", advice: advice)
        }
        return Failure(.badAnswer, "\(url.shown) cannot be used: \(error.detail)", advice: advice)
    }

    static func busy(_ status: Int, at url: URL) -> Failure {
        Failure(
            .unreachable,
            "\(url.shown) answers that it cannot serve now (status \(status))",
            advice: "Run it again later, or lower tpslimit"
        )
    }
}
