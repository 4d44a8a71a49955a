import CallMetadata
import Recordings
import Testing

@testable import Settings

@Suite("What the configuration says of archives")
struct ArchiveKeysTests {
    private static let kinds = ["kind: directory\npath: /d\npattern: \"{dd}.zip\"", "kind: https\nurl: https://h/{dd}"]

    @Test("A passphrase belongs to any kind of source, in each of the three ways", arguments: kinds)
    func passphrase(_ kind: String) throws {
        func passphrase(_ key: String, environment: [String: String] = [:]) throws -> SecretReference? {
            try load(source("\(kind)\n\(key)"), environment: environment).configuration.dialer.sources.first?.passphrase
        }
        #expect(try passphrase("") == nil)
        #expect(try passphrase("passphrase_file: /p")?.origin == .file("/p"))
        #expect(try passphrase("passphrase_command: pass show x")?.origin == .command(Secret("pass show x")))
        let given = try #require(try passphrase("passphrase: 0123"))
        #expect(given.origin == .value(Secret("0123")))
        #expect(given.key == "dialer.sources[power].passphrase")
        let variable = ["DIALVAULT_DIALER_POWER_PASSPHRASE_FILE": "/env"]
        #expect(try passphrase("passphrase: 0123", environment: variable)?.origin == .file("/env"))
    }

    @Test("A passphrase that is given twice, or under a wrong name, is told")
    func wrongPassphrase() {
        let twice = problems(of: source("\(Self.kinds[0])\npassphrase: a\npassphrase_file: /p"))
        #expect(twice.count == 1)
        #expect(twice.first?.contains("only one of") == true)
        let unknown = problems(of: source("\(Self.kinds[0])\npassphrase_fil: /p"))
        #expect(unknown.first?.contains("passphrase_file") == true)
    }

    @Test("RAR is off unless it is turned on")
    func rar() throws {
        #expect(try load("vault: /v").configuration.limits.allowsRAR == false)
        #expect(try load("vault: /v\nlimits: { allow_rar: true }").configuration.limits.allowsRAR)
        #expect(problems(of: "vault: /v\nlimits: { allow_rar: 1 }").count == 1)
    }

    @Test("A sidecar's columns are configured by the names of the fields")
    func columns() throws {
        let text = "vault: /v\ndialer: { sidecar_columns: { file: Aufnahme, started_at: 'Beginn (lokal)' } }"
        let dialer = try load(text).configuration.dialer
        #expect(dialer.sidecarColumns == SidecarColumns([.file: "Aufnahme", .startedAt: "Beginn (lokal)"]))
        #expect(try load("vault: /v").configuration.dialer.sidecarColumns == .automatic)
    }

    @Test(
        "A field that is none, and a heading of which nothing is left, are told",
        arguments: [("startet_at: x", "started_at"), ("file: '--'", "heading"), ("file: [a]", "not a list")]
    )
    func wrongColumns(_ line: String, _ hint: String) {
        let found = problems(of: "vault: /v\ndialer: { sidecar_columns: { \(line) } }")
        #expect(found.count == 1)
        #expect(found.first?.contains(hint) == true, "\(found)")
    }
}
