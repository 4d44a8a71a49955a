import Foundation

/// The names and values of a query or of a form body (`application/x-www-form-urlencoded`).
struct Query: Hashable, Sendable {
    private var pairs: [(name: String, value: String)] = []

    init(_ text: String) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            pairs.append((Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : ""))
        }
    }

    /// The first value of that name; nil when there is none.
    subscript(_ name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// The first value of any of those names: the platform takes some filters with and without a prefix.
    func value(_ names: String...) -> String? {
        names.lazy.compactMap { self[$0] }.first
    }

    func integer(_ name: String) -> Int? {
        self[name].flatMap { Int($0) }
    }

    var names: [String] { pairs.map(\.name) }

    static func == (left: Query, right: Query) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.name)
            hasher.combine(pair.value)
        }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }

    /// Names whose values are secrets and stay out of the log.
    private static let secretNames: Set<String> = [
        "password", "access_token", "refresh_token", "token", "signature", "client_secret",
    ]

    /// A query as it may stand in the log: with the values of secrets replaced.
    static func redacted(_ text: String) -> String {
        text.split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            return secretNames.contains(decoded(name).lowercased()) ? "\(name)=redacted" : String(pair)
        }.joined(separator: "&")
    }

    /// Whether it carries a secret that belongs into a header or a body.
    var carriesCredentials: Bool {
        names.contains { ["password", "access_token", "refresh_token", "token"].contains($0.lowercased()) }
    }
}
