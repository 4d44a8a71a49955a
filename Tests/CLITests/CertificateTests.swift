import Foundation
import Recordings
import TestSupport
import Testing

/// Certificates are always checked; an authority of one's own can be named.
@Suite struct `A server with a certificate of a private authority` {
    private let platform: RunningPlatform
    private let place: Workplace
    private let relay: TLSRelay

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
        relay = try TLSRelay(to: platform.url, place.scratch)
        try place.scratch.write("correct horse\n", to: "password")
        chmod(place.scratch.file("password"), 0o600)
    }

    private func configure(api: String = "enabled: false", sources: String = "[]") throws {
        try place.scratch.write(
            "vault: \(place.vault)\ntimezone: Europe/Berlin\nretention: { dialer_days: 36500, api_days: 36500 }\napi: { \(api) }\ndialer:\n  sources: \(sources)\n",
            to: "dialvault.yaml"
        )
    }

    private func source(_ keys: String) -> String {
        "[{ name: power, kind: https, url: '\(relay.url)/archives/power/{yyyy}{MM}{dd}.zip', \(keys) }]"
    }

    @Test func `gives its archive when the source names the authority, and 75 without`() throws {
        try configure(sources: source("ca_file: authority.pem"))
        let trusted = try place.dialvault("fetch", "2018-04-05")
        #expect(trusted.status == 0, "\(trusted.errors)")

        try configure(sources: source("checksum_url: '{url}.sha256'"))
        let unknown = try place.dialvault("fetch", "2018-04-05", "--retries", "0")
        #expect(unknown.status == 75, "\(unknown.errors)")
        #expect(unknown.errors.contains("certificate"))
    }

    @Test func `is the platform when api names the authority, and 75 without`() throws {
        let account = "base_url: '\(relay.url)', username: archive@example.com, password_file: ./password"
        try configure(api: "\(account), ca_file: ./authority.pem")
        // A day without recordings: their audio would lie at the simulator's own address, without encryption.
        let trusted = try place.dialvault("run", "2018-04-01")
        #expect(trusted.status == 0, "\(trusted.errors)")
        #expect(try place.summary("2018-04-01").state == .empty)

        try configure(api: account)
        let unknown = try place.dialvault("run", "2018-04-01", "--retries", "0")
        #expect(unknown.status == 75, "\(unknown.errors)")
        #expect(unknown.errors.contains("certificate"))
    }

    @Test func `is trusted for the source that says so, and for no other`() throws {
        let account = "base_url: '\(relay.url)', username: archive@example.com, password_file: ./password"
        try configure(api: "\(account), ca_file: ./authority.pem", sources: source("platform_auth: false"))
        #expect(try place.dialvault("fetch", "2018-04-05", "--retries", "0").status == 75)
        try configure(api: "\(account), ca_file: ./authority.pem", sources: source("platform_auth: true"))
        let own = try place.dialvault("fetch", "2018-04-05")
        #expect(own.status == 0, "\(own.errors)")
    }

    @Test(arguments: ["missing.pem", "password", "server.key"])
    func `cannot be checked against a file that holds no certificate: 78`(file: String) throws {
        try configure(sources: source("ca_file: ./\(file)"))
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 78, "\(run.errors)")
        #expect(run.errors.contains(place.scratch.file(file)))
    }

    @Test func `that redirects to a place without encryption is not followed`() throws {
        try configure(sources: source("ca_file: authority.pem"))
        try platform.setFaults(
            #"[{"kind": "redirect", "endpoint": "archive", "to": "\#(platform.url)/archives/other.zip"}]"#
        )
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("redirects from https to http"))
        #expect(try platform.requests().allSatisfy { !$0.contains("other.zip") })
    }
}
