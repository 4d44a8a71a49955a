import Foundation

extension AccountState {
    /// 401 or 403 for who may not read the API; nil for who may.
    func refusal(of incoming: Incoming, wall: Int64) -> Answer? {
        guard let isManager = isManager(incoming, wall: wall) else {
            var answer = Answer.error(401, "unauthorized", "full authentication is required to access this resource")
            answer.set("WWW-Authenticate", "Bearer realm=\"api\"")
            return answer
        }
        return isManager ? nil : .error(403, "access_denied", "the user has no manager rights")
    }

    /// Nil when the credentials are absent or wrong.
    private func isManager(_ incoming: Incoming, wall: Int64) -> Bool? {
        if let token = incoming.bearerToken {
            return account.bearerTokens.contains(token) ? true : tokens.isManager(token, now: wall)
        }
        guard let (id, token) = incoming.accessID else { return nil }
        return account.accessKeys.first { $0.id == id && $0.token == token }?.isManager
    }

    /// `POST /oauth/token`: the password grant, and the refresh of what it gave (RFC 6749, sections 4.3 and 6).
    mutating func token(_ incoming: Incoming, wall: Int64) -> Answer {
        guard incoming.method == "POST" else { return .error(405, "method_not_allowed", "use POST") }
        guard incoming.headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") ?? false else {
            return .error(415, "unsupported_media_type", "the body must be form-encoded")
        }
        let form = Query(String(decoding: incoming.body, as: UTF8.self))
        let grant: TokenBook.Grant?
        switch form["grant_type"] {
        case "password":
            grant = account.users.first { $0.username == form["username"] && $0.password == form["password"] }
                .map {
                    tokens.grant(username: $0.username, isManager: $0.isManager, rules: account.token, now: wall)
                }
        case "refresh_token":
            grant = form["refresh_token"].flatMap { tokens.renew($0, rules: account.token, now: wall) }
        default: return .json(["error": "unsupported_grant_type"], status: 400)
        }
        guard let grant else {
            return .json(["error": "invalid_grant", "error_description": "Bad credentials"], status: 401)
        }
        var body: JSONValue = [
            "access_token": .text(grant.accessToken), "token_type": "bearer",
            "expires_in": .integer(account.token.lifetimeSeconds),
        ]
        body["refresh_token"] = grant.refreshToken.map { .text($0) }
        var answer = Answer.json(body)
        answer.set("Cache-Control", "no-store")
        return answer
    }
}
