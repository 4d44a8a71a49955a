import Foundation
import Logging
import Recordings

/// Gets the token that requests carry, keeps it in memory, and renews it before it expires or when it is refused.
///
/// There is one at a time who asks for a token, in this process and, through the account's locks, on this machine.
final class SignIn: Sendable {
    private let credentials: Credentials
    private let address: URL
    private let transport: any HTTPTransport
    private let pace: AccountPace
    private let policy: RetryPolicy
    private let time: any PlatformTime
    private let log: Logger
    private let turn = Turnstile()
    private let wallet = Wallet()

    init(
        credentials: Credentials,
        address: URL,
        transport: any HTTPTransport,
        pace: AccountPace,
        policy: RetryPolicy,
        time: any PlatformTime,
        log: Logger
    ) {
        self.credentials = credentials
        self.address = address
        self.transport = transport
        self.pace = pace
        self.policy = policy
        self.time = time
        self.log = log
    }

    func authorization() async throws -> Authorization {
        switch credentials {
        case .accessToken(let id, let token):
            return Authorization(
                headers: ["X-Auth-Access-Id": id, "X-Auth-Access-Token": token.exposed],
                generation: nil
            )
        case .bearer(let token):
            return Authorization(headers: ["Authorization": "Bearer \(token.exposed)"], generation: nil)
        case .password(let username, let password):
            return try await turn.pass {
                if let held = await wallet.current, held.isFresh(at: time.uptime()) {
                    return await wallet.authorization
                }
                await wallet.keep(try await renewed(username, password))
                return await wallet.authorization
            }
        }
    }

    /// Says that the platform refused this one. Returns whether another can be got.
    func refuse(_ refused: Authorization) async -> Bool {
        guard let generation = refused.generation else { return false }
        await wallet.spoil(generation)
        return true
    }

    private func renewed(_ username: String, _ password: Secret) async throws -> AccessToken {
        try await pace.withSignIn(maxWaitSeconds: policy.maxWaitSeconds) {
            if let refresh = await wallet.takeRefresh(), let token = try await refreshed(refresh) { return token }
            return try await granted(username, password)
        }
    }

    /// Returns nil, so that a new grant is asked for, whatever goes wrong: a refresh token works once, and an attempt
    /// whose answer is lost has used it up.
    private func refreshed(_ refresh: Secret) async throws -> AccessToken? {
        let form = [
            ("grant_type", "refresh_token"), ("refresh_token", refresh.exposed), ("client_id", "manager"),
        ]
        try await pace.take(maxWaitSeconds: policy.maxWaitSeconds)
        do {
            let answer = try await post(form)
            if let retryAfter = answer.retryAfter { try await pace.push(nanoseconds: retryAfter) }
            return answer.status == 200 ? answer.token : nil
        } catch is TransportError {
            return nil
        }
    }

    /// A grant changes nothing that another one would not change again, so it may be repeated.
    private func granted(_ username: String, _ password: Secret) async throws -> AccessToken {
        let form = [
            ("grant_type", "password"), ("username", username), ("password", password.exposed),
            ("client_id", "manager"),
        ]
        var retries = Retries(policy, isIdempotent: true)
        while true {
            try await pace.take(maxWaitSeconds: policy.maxWaitSeconds)
            let trouble: Retries.Trouble
            do {
                let answer = try await post(form)
                if let token = answer.token, answer.status == 200 { return token }
                trouble = .status(answer.status, retryAfter: answer.retryAfter)
            } catch let error as TransportError {
                trouble = .network(error)
            }
            switch retries.next(after: trouble, chance: time.random()) {
            case .wait(let nanoseconds, everybody: true): try await pace.push(nanoseconds: nanoseconds)
            case .wait(let nanoseconds, everybody: false): try await time.sleep(nanoseconds: nanoseconds)
            case .tooLong(let nanoseconds):
                try await pace.push(nanoseconds: nanoseconds)
                throw Failure.askedToWait(nanoseconds: nanoseconds)
            case .final, .exhausted: throw failure(trouble)
            }
        }
    }

    private struct Answer {
        var status: Int
        var token: AccessToken?
        var retryAfter: Int64?
    }

    private func post(_ form: [(String, String)]) async throws -> Answer {
        let request = WebRequest(
            "POST",
            address,
            headers: [
                "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
                "Accept-Encoding": ContentCoding.accepted,
            ],
            body: Array(formEncoded(form).utf8)
        )
        let response = try ContentCoding.undo(try await transport.send(request), to: request)
        log.debug("signing in", metadata: ["url": "\(address.shown)", "status": "\(response.status)"])
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: response.status,
            token: JSONValue(body).flatMap { AccessToken($0, receivedAt: time.uptime()) },
            retryAfter: response.headers["retry-after"].flatMap { HTTPDate.retryAfter($0, now: time.now()) }
        )
    }

    /// What the answer's body says is left out: it could repeat what was sent.
    private func failure(_ trouble: Retries.Trouble) -> Failure {
        switch trouble {
        case .status(let status, _) where [400, 401, 403].contains(status):
            Failure(
                .credentials,
                "The platform refuses the user name and password (status \(status) from \(address.shown))",
                advice: "Check api.username and the password, and that the user has manager rights"
            )
        case .status(let status, _) where status >= 500 || status == 429:
            Failure(
                .unreachable,
                "The platform cannot sign anybody in now (status \(status) from \(address.shown))",
                advice: "Run it again later"
            )
        case .status(let status, _):
            Failure(
                .badAnswer,
                "There is no sign-in at \(address.shown) (status \(status))",
                advice: "Check api.base_url: it is the address of the platform's region without a path"
            )
        case .network(let error): Failure.network(error, to: address)
        }
    }
}

/// Where the token is kept.
private actor Wallet {
    private(set) var current: AccessToken?
    private var generation = 0
    private var refresh: Secret?

    /// The headers of the token that is kept; empty when none is.
    var authorization: Authorization {
        guard let current else { return Authorization(headers: [:], generation: generation) }
        return Authorization(headers: ["Authorization": "Bearer \(current.access.exposed)"], generation: generation)
    }

    func keep(_ token: AccessToken) {
        current = token
        refresh = token.refresh
        generation += 1
    }

    /// Gives the refresh token away, which works once.
    func takeRefresh() -> Secret? {
        defer { refresh = nil }
        return refresh
    }

    /// Forgets the token, unless it has been replaced since.
    func spoil(_ generation: Int) {
        if generation == self.generation { current = nil }
    }
}
