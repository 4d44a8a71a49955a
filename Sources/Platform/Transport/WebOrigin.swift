package import Foundation

/// Scheme, host and port of a URL: the party to which credentials may go (RFC 6454, section 4).
package struct WebOrigin: Hashable, Sendable {
    package let scheme: String
    package let host: String
    package let port: Int

    /// Returns nil for anything but an `http` or `https` URL with a host.
    package init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty else {
            return nil
        }
        switch scheme {
        case "https": port = url.port ?? 443
        case "http": port = url.port ?? 80
        default: return nil
        }
        self.scheme = scheme
        self.host = host
    }

    package var isEncrypted: Bool { scheme == "https" }

    /// Whether nothing of the conversation leaves this machine.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
    }
}

extension WebOrigin: CustomStringConvertible {
    package var description: String {
        let isDefault = port == (isEncrypted ? 443 : 80)
        return isDefault ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }
}

extension URL {
    /// The URL as it may be shown: without user, password, query and fragment, which can carry signatures.
    package var shown: String {
        guard var parts = URLComponents(url: self, resolvingAgainstBaseURL: true) else { return "a URL" }
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        return parts.string ?? "a URL"
    }
}
