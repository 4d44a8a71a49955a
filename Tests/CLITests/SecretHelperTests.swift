import Foundation
import TestSupport
import Testing

/// Programs and pipes that a password comes from, and what they must not be able to do to a run.
@Suite struct `A password's helper` {
    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace(platform)
    }

    /// Signs in with what these keys of `api` say.
    private func configure(_ keys: String) throws {
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            api: { base_url: "\(platform.url)", username: archive@example.com, \(keys) }
            """,
            to: "dialvault.yaml"
        )
    }

    @Test func `may leave something in the background that holds its output`() throws {
        try configure("password_command: \"echo correct horse; sleep 600 & echo $! > background\"")
        let doctor = try place.dialvault("doctor")
        defer { _ = try? Program("sh", ["-c", "kill $(cat background)"], in: place.scratch.path) }
        #expect(doctor.status == 0, "\(doctor.text)\(doctor.errors)")
        // It went on: what a helper starts for good, such as an agent, is its own affair.
        #expect(try Program("sh", ["-c", "kill -0 $(cat background)"], in: place.scratch.path).status == 0)
    }

    @Test func `is quoted without what looks like a secret`() throws {
        for (command, status) in [
            ("echo correct horse; echo gpg: correct horse is weak, token=hunter2 >&2", Int32(0)),
            ("echo gpg: password: hunter2 was refused >&2; exit 2", 78), ("hunter2", 78),
        ] {
            try configure("password_command: \"\(command)\"")
            let doctor = try place.dialvault("doctor")
            let said = doctor.text + doctor.errors
            #expect(doctor.status == status, "\(said)")
            #expect(["correct horse", "hunter2"].allSatisfy { !said.contains($0) }, "\(said)")
            #expect(command == "hunter2" || said.contains("gpg: "), "\(said)")
        }
    }

    @Test func `may be a pipe`() throws {
        try configure("password_file: ./pipe")
        let doctor = try Program(
            "sh",
            ["-c", "mkfifo -m 600 pipe; echo correct horse > pipe & exec '\(Places.product("dialvault"))' doctor"],
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        )
        #expect(doctor.status == 0, "\(doctor.text)\(doctor.errors)")
    }
}
