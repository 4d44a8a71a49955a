import Foundation
package import Recordings

/// How the account's user is known to the platform (help centre, "API authentication"). The user needs manager rights.
package enum Credentials: Sendable, Hashable {
    /// OAuth's password grant, which the vendor recommends.
    case password(username: String, password: Secret)
    /// The older pair of headers.
    case accessToken(id: String, token: Secret)
    /// A token that somebody else got.
    case bearer(Secret)
}

/// The answer to a grant: what is kept of it, in memory only.
struct AccessToken: Hashable, Sendable {
    var access: Secret
    /// Rotates: each can be used once (auth specification).
    var refresh: Secret?
    /// On the machine's shared clock, in nanoseconds; nil when the platform did not say.
    var expiresAt: Int64?

    /// Seconds before the expiry from which on a token is renewed; the vendor's SDKs do the same.
    static let margin: Int64 = 30_000_000_000

    /// Reads `{access_token, token_type, expires_in, refresh_token?}`; nil when there is no token in it.
    init?(_ answer: JSONValue, receivedAt: Int64) {
        guard let access = answer["access_token"].string, !access.isEmpty else { return nil }
        self.access = Secret(access)
        refresh = answer["refresh_token"].string.map(Secret.init)
        expiresAt = answer["expires_in"].number.flatMap {
            $0 > 0 && $0 < 1e9 ? receivedAt + Int64($0 * 1e9) : nil
        }
    }

    func isFresh(at now: Int64) -> Bool {
        guard let expiresAt else { return true }
        return now < expiresAt - Self.margin
    }
}

/// What a request carries to be let in, and which grant it comes from.
struct Authorization: Sendable {
    var headers: HeaderFields
    /// Counts the tokens that were got; nil when there is no getting another.
    var generation: Int?
}

/// A form as `application/x-www-form-urlencoded` has it, and a query likewise: all but RFC 3986's unreserved characters
/// are escaped, spaces and plus signs included.
func formEncoded(_ fields: [(String, String)]) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
    return fields.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
}
