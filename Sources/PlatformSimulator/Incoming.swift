import Foundation

/// A request, free of the server library.
struct Incoming: Sendable {
    var listener: LoggedRequest.Listener
    var method: String
    /// Path and query as they came.
    var target: String
    /// Percent-decoded segments of the path.
    var path: [String]
    var query: Query
    /// By lower-case name.
    var headers: [String: String]
    var body: Data
    var remotePort: Int

    init(
        _ method: String,
        _ target: String,
        headers: [String: String] = [:],
        body: Data = Data(),
        listener: LoggedRequest.Listener = .platform,
        remotePort: Int = 0
    ) {
        self.listener = listener
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remotePort = remotePort
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts[0].split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        query = Query(parts.count > 1 ? String(parts[1]) : "")
    }

    var pathText: String { String(target.prefix { $0 != "?" }) }

    var queryText: String? {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }

    var bearerToken: String? {
        guard let value = headers["authorization"], value.lowercased().hasPrefix("bearer ") else { return nil }
        return value.dropFirst(7).trimmingCharacters(in: .whitespaces)
    }

    /// User name and password of the Basic scheme (RFC 7617).
    var basicCredentials: (username: String, password: String)? {
        guard let value = headers["authorization"], value.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: value.dropFirst(6).trimmingCharacters(in: .whitespaces)),
            let text = String(data: data, encoding: .utf8), let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    var accessID: (id: String, token: String)? {
        guard let id = headers["x-auth-access-id"] else { return nil }
        return (id, headers["x-auth-access-token"] ?? "")
    }

    /// Whether credentials of the account, rather than of an archive, came with it.
    var carriesPlatformCredentials: Bool {
        bearerToken != nil || accessID != nil || headers["x-auth-access-token"] != nil
    }

    func credentials(archiveHeader: String?) -> LoggedRequest.Credentials {
        if bearerToken != nil { return .bearer }
        if carriesPlatformCredentials { return .accessID }
        if headers["authorization"] != nil { return .basic }
        if let archiveHeader, headers[archiveHeader.lowercased()] != nil { return .archiveHeader }
        return .none
    }

    var conditions: Answer.Conditions {
        Answer.Conditions(
            range: headers["range"],
            ifRange: headers["if-range"],
            ifNoneMatch: headers["if-none-match"]
        )
    }

    func json() -> JSONValue? {
        try? JSONValue(parsing: body, of: "the body")
    }
}
