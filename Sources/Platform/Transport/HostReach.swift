import Foundation

/// How far a host's address reaches, by its name alone: nothing is looked up.
///
/// A redirect is another's word, and must not lead into a network that the outside cannot see: to a cloud's metadata
/// service (169.254.169.254), a router, or a service of this machine.
enum HostReach: Hashable, Sendable {
    case loopback
    /// RFC 3927, RFC 4291.
    case linkLocal
    /// RFC 1918, RFC 6598, RFC 4193.
    case privateNetwork
    case open

    init(_ host: String) {
        var name = host.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        // A zone (RFC 6874) says through which interface.
        if let percent = name.firstIndex(of: "%"), name.contains(":") { name = String(name[..<percent]) }
        while name.hasSuffix(".") { name.removeLast() }
        if name == "localhost" || name.hasSuffix(".localhost") {
            self = .loopback
            return
        }
        var six = in6_addr()
        var four = in_addr()
        if inet_pton(AF_INET6, name, &six) == 1 {
            self.init(six: withUnsafeBytes(of: &six) { Array($0) })
        } else if inet_aton(name, &four) != 0 {
            // As the system reads it: 2130706433 and 0x7f.1 are 127.0.0.1.
            self.init(four: withUnsafeBytes(of: &four) { Array($0) })
        } else {
            self = .open
        }
    }

    private init(four bytes: [UInt8]) {
        switch (bytes[0], bytes[1]) {
        case (127, _), (0, _): self = .loopback
        case (169, 254): self = .linkLocal
        case (10, _), (172, 16...31), (192, 168), (100, 64...127): self = .privateNetwork
        default: self = .open
        }
    }

    private init(six bytes: [UInt8]) {
        let isEmbedded =
            bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == bytes[11] && [0x00, 0xff].contains(bytes[10])
        switch (bytes[0], bytes[1]) {
        case (0xfe, 0x80...0xbf): self = .linkLocal
        case (0xfc...0xfd, _): self = .privateNetwork
        // IPv4 in IPv6 (RFC 4291, section 2.5.5), and ::1 and :: with it.
        case _ where isEmbedded && bytes[12...14].allSatisfy({ $0 == 0 }) && bytes[15] <= 1: self = .loopback
        case _ where isEmbedded: self.init(four: Array(bytes[12...]))
        // NAT64 (RFC 6052).
        case _ where bytes[..<12] == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]: self.init(four: Array(bytes[12...]))
        default: self = .open
        }
    }
}

/// The hosts that the configuration names: only to them may an address lead that is not open to everybody.
struct NamedHosts: Hashable, Sendable {
    private let hosts: Set<String>

    init(_ urls: [URL]) {
        hosts = Set(urls.compactMap { WebOrigin($0)?.host })
    }

    /// Whether a URL that somebody else gave may be asked for.
    func admits(_ url: URL) -> Bool {
        guard let host = WebOrigin(url)?.host else { return false }
        switch HostReach(host) {
        case .open: return true
        // This machine has many names; who runs the platform on it has named it.
        case .loopback: return hosts.contains { HostReach($0) == .loopback }
        case .linkLocal, .privateNetwork: return hosts.contains(host)
        }
    }
}
