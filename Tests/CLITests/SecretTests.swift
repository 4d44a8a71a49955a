import Foundation
import TestSupport
import Testing

/// Secrets that no other text contains, and every command at the highest log level.
@Suite struct `Secrets` {
    private let marks = ["correct horse", "correct+horse", "correct%20horse", "header-7f3a91", "passphrase-5c20de"]

    private func workplace(_ platform: RunningPlatform) throws -> Workplace {
        let place = try Workplace()
        for (name, value) in [("header", "header-7f3a91"), ("passphrase", "passphrase-5c20de")] {
            chmod(try place.scratch.write(value + "\n", to: name), 0o600)
        }
        try place.configure(
            url: platform.url,
            sources: """
                    - name: power
                      kind: https
                      url: "\(platform.url)/archives/power/{yyyy}{MM}{dd}.zip"
                      header: { name: X-Api-Key, value_file: \(place.scratch.file("header")) }
                      passphrase_file: \(place.scratch.file("passphrase"))
                    - name: outbound
                      kind: https
                      url: "\(platform.url)/archives/outbound-{yyyy}-{MM}-{dd}.tar.gz"
                      platform_auth: true
                """
        )
        return place
    }

    private func expectNone(in text: String, _ place: String) {
        for mark in marks { #expect(!text.contains(mark), "\(place)") }
        #expect(text.range(of: #"Bearer [A-Za-z0-9._-]{8}"#, options: .regularExpression) == nil, "\(place)")
    }

    @Test func `stand in no output of any command, and in no file of the vault`() throws {
        let platform = try RunningPlatform()
        let place = try workplace(platform)
        let sample = "0ed866c1f8b44727827daaaf7e7b098c"
        let day = "2018-04-05"
        let commands: [[String]] = [
            ["fetch", day], ["unpack", day], ["verify", day], ["collect", day], ["merge", day], ["run", day],
            ["run", "--dry-run"], ["status"], ["coverage", day], ["changes"], ["get", sample], ["export"],
            ["search", "--number", "4930"], ["show", day], ["show", sample], ["audit"], ["doctor"], ["reindex"],
        ]
        for faults in [
            "[]", #"[{"endpoint": "audio", "kind": "expired-token", "count": 1}]"#,
            #"[{"kind": "status", "status": 401}]"#,
        ] {
            try platform.setFaults(faults)
            for command in commands {
                for format in ["text", "json"] {
                    let log = ["--log-level", "trace", "--log-format", format]
                    let run = try Program(
                        Places.product("dialvault"),
                        command + log,
                        in: place.scratch.path,
                        environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
                    )
                    expectNone(in: run.text + run.errors, "\(command) with \(faults)")
                }
            }
        }
        let files = try Program("find", [place.vault, "-type", "f"]).text.split(separator: "\n")
        #expect(files.count > 20)
        for file in files {
            expectNone(in: String(decoding: try place.bytes(String(file)), as: UTF8.self), String(file))
        }
    }

    @Test func `stand in no process list while a run is at work`() throws {
        let platform = try RunningPlatform()
        let place = try workplace(platform)
        try platform.setFaults(#"[{"endpoint": "audio", "kind": "slow-first-byte", "gate": "audio"}]"#)
        let run = try place.start("run", "2018-04-05")
        try platform.gateReached("audio")
        for name in ["cmdline", "environ"] {
            let text = String(decoding: try place.bytes("/proc/\(run.processIdentifier)/\(name)"), as: UTF8.self)
            #expect(!text.isEmpty)
            expectNone(in: text, name)
        }
        run.terminate()
        run.waitUntilExit()
    }
}
