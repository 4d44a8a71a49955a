/// The access and refresh tokens that are valid. Refresh tokens rotate: each works once.
struct TokenBook: Sendable {
    struct Grant: Hashable, Sendable {
        var accessToken: String
        var refreshToken: String?
    }

    private struct Access: Hashable, Sendable {
        var username: String
        var isManager: Bool
        var expiresAt: Int64
    }

    private struct Refresh: Hashable, Sendable {
        var username: String
        var isManager: Bool
    }

    private var access: [String: Access] = [:]
    private var refresh: [String: Refresh] = [:]

    /// - Parameter now: Unix milliseconds.
    mutating func grant(username: String, isManager: Bool, rules: Account.TokenRules, now: Int64) -> Grant {
        let token = Self.random()
        access[token] = Access(
            username: username,
            isManager: isManager,
            expiresAt: now + rules.lifetimeSeconds * 1000
        )
        guard rules.isRefreshable else { return Grant(accessToken: token, refreshToken: nil) }
        let refreshToken = Self.random()
        refresh[refreshToken] = Refresh(username: username, isManager: isManager)
        return Grant(accessToken: token, refreshToken: refreshToken)
    }

    /// Nil when the refresh token is unknown or used up.
    mutating func renew(_ refreshToken: String, rules: Account.TokenRules, now: Int64) -> Grant? {
        guard let known = refresh.removeValue(forKey: refreshToken) else { return nil }
        return grant(username: known.username, isManager: known.isManager, rules: rules, now: now)
    }

    /// Whether the holder has manager rights; nil when the token is unknown or over.
    func isManager(_ token: String, now: Int64) -> Bool? {
        guard let known = access[token], known.expiresAt > now else { return nil }
        return known.isManager
    }

    mutating func revoke(_ token: String) {
        access[token] = nil
    }

    mutating func revokeAll(includingRefresh: Bool = false) {
        access = [:]
        if includingRefresh { refresh = [:] }
    }

    private static func random() -> String {
        (0..<4).map { _ in String(UInt64.random(in: UInt64.min...UInt64.max), radix: 36) }.joined()
    }
}
