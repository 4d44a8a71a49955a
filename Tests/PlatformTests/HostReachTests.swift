import Foundation
import Testing

@testable import Platform

@Suite("How far a host reaches")
struct HostReachTests {
    /// By the registries of special-purpose addresses (IANA, after RFC 6890).
    @Test(
        "special addresses are known in every form that the system reads",
        arguments: [
            ("127.0.0.1", HostReach.loopback), ("localhost", .loopback), ("LOCALHOST.", .loopback),
            ("a.localhost", .loopback), ("2130706433", .loopback), ("0x7f.1", .loopback), ("0177.0.0.1", .loopback),
            ("0.0.0.0", .loopback), ("[::1]", .loopback), ("::", .loopback), ("[::ffff:127.0.0.1]", .loopback),
            ("169.254.169.254", .linkLocal), ("2852039166", .linkLocal), ("[::ffff:a9fe:a9fe]", .linkLocal),
            ("[fe80::1%25eth0]", .linkLocal), ("64:ff9b::a9fe:a9fe", .linkLocal), ("10.0.0.1", .privateNetwork),
            ("172.16.0.1", .privateNetwork), ("172.31.255.255", .privateNetwork), ("192.168.1.1", .privateNetwork),
            ("100.64.0.1", .privateNetwork), ("[fd00::1]", .privateNetwork), ("172.32.0.1", .open), ("8.8.8.8", .open),
            ("services.babelforce.com", .open), ("10.example.com", .open), ("[2001:db8::1]", .open),
            ("127.example", .open),
        ]
    )
    func special(host: String, reach: HostReach) {
        #expect(HostReach(host) == reach)
    }

    @Test("a redirect goes to an address that is not open only where the configuration names it")
    func named() throws {
        func admits(_ configured: String, _ target: String) throws -> Bool {
            NamedHosts([try #require(URL(string: configured))]).admits(try #require(URL(string: target)))
        }
        #expect(try admits("https://services.example.com", "https://storage.example.net/a"))
        #expect(try !admits("https://services.example.com", "http://169.254.169.254/latest"))
        #expect(try !admits("https://services.example.com", "http://localhost/"))
        #expect(try admits("https://10.0.0.7", "https://10.0.0.7/a"))
        #expect(try !admits("https://10.0.0.7", "https://10.0.0.8/a"))
        #expect(try admits("http://127.0.0.1:8040", "http://localhost:9000/a"))
        #expect(try !admits("http://127.0.0.1:8040", "http://10.0.0.1/"))
        #expect(try !admits("https://services.example.com", "ftp://storage.example.net/a"))
    }
}
