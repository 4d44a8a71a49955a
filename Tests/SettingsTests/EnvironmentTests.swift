import Foundation
import Recordings
import Settings
import Testing

@Suite("Flag over environment over file over default")
struct EnvironmentTests {
    @Test("A variable replaces the file's value, a flag the variable's")
    func layers() throws {
        let variable = ["DIALVAULT_VAULT": "/env"]
        #expect(try load("vault: /file").configuration.vault == "/file")
        #expect(try load("vault: /file", environment: variable).configuration.vault == "/env")
        #expect(try load("", environment: variable).configuration.vault == "/env")
        #expect(
            try load("vault: /file", environment: variable, flags: ["vault": "/flag"]).configuration.vault == "/flag"
        )
    }

    @Test("Relative paths of variables and flags start from the current folder")
    func relativePaths() throws {
        #expect(try load("", environment: ["DIALVAULT_VAULT": "v"]).configuration.vault == "/here/v")
        #expect(try load("", flags: ["vault": "2018"]).configuration.vault == "/here/2018")
    }

    @Test("Every scalar has a variable, named by its key")
    func everyScalar() throws {
        let configuration = try load(
            "vault: /v",
            environment: [
                "DIALVAULT_TIMEZONE": "Asia/Tokyo", "DIALVAULT_GROUP_READABLE": "false", "DIALVAULT_API_ENABLED": "on",
                "DIALVAULT_API_BASE_URL": "http://127.0.0.1:8080", "DIALVAULT_API_USERNAME": "u",
                "DIALVAULT_API_PASSWORD": "p", "DIALVAULT_API_TPSLIMIT": "2.5", "DIALVAULT_API_PAGE_SIZE": "7",
                "DIALVAULT_API_DOWNLOAD": "single", "DIALVAULT_API_BULK_SIZE": "9",
                "DIALVAULT_DIALER_ON_MISSING": "empty",
                "DIALVAULT_DIALER_READY_BY": "05:15", "DIALVAULT_RETENTION_DIALER_DAYS": "10",
                "DIALVAULT_RETENTION_API_DAYS": "20", "DIALVAULT_LOOKBACK_DAYS": "5",
                "DIALVAULT_LIMITS_ARCHIVE_BYTES": "1G", "DIALVAULT_LIMITS_MEMBER_BYTES": "1M",
                "DIALVAULT_LIMITS_MEMBERS": "11", "DIALVAULT_LIMITS_RATIO": "12", "DIALVAULT_LIMITS_NESTING": "2",
            ]
        )
        #expect(configuration.warnings.isEmpty)
        let values = configuration.configuration
        #expect(values.timezoneName == "Asia/Tokyo")
        #expect(!values.groupReadable)
        #expect(values.api.baseURL.absoluteString == "http://127.0.0.1:8080")
        #expect(values.api.tpslimit == 2.5)
        #expect(values.api.pageSize == 7)
        #expect(values.api.bulkSize == 9)
        #expect(values.dialer.onMissing == .empty)
        #expect(values.dialer.readyBy.description == "05:15")
        #expect(values.retention.dialerDays == 10)
        #expect(values.retention.apiDays == 20)
        #expect(values.lookbackDays == 5)
        #expect(values.limits.archiveBytes == 1_000_000_000)
        #expect(values.limits.memberBytes == 1_000_000)
        #expect(values.limits.members == 11)
        #expect(values.limits.ratio == 12)
        #expect(values.limits.nesting == 2)
    }

    @Test("A wrong value is named by its variable or flag")
    func wrongValues() {
        #expect(
            problems(of: "vault: /v", environment: ["DIALVAULT_API_PAGE_SIZE": "many"])
                == [
                    "environment variable DIALVAULT_API_PAGE_SIZE: the value must be a whole number from 1 to 1000, not `many`"
                ]
        )
        #expect(
            problems(of: "vault: /v", flags: ["api.tpslimit": "fast"])
                == ["--tpslimit: the value must be a number from 0.001 to 1000, not `fast`"]
        )
    }

    @Test("A variable without a value counts as not set")
    func emptyVariable() throws {
        #expect(try load("vault: /v", environment: ["DIALVAULT_VAULT": ""]).configuration.vault == "/v")
    }

    @Test("A variable that nothing reads gives a warning with the nearest")
    func unknownVariable() throws {
        let warnings = try load("vault: /v", environment: ["DIALVAULT_TIMEZON": "UTC", "DIALVAULT_CONFIG": "/c"])
            .warnings
        #expect(
            warnings == [
                "environment variable DIALVAULT_TIMEZON is not one that is read; the nearest is DIALVAULT_TIMEZONE"
            ]
        )
    }

    @Test("The environment's way of signing in replaces the file's")
    func signIn() throws {
        let file = "vault: /v\napi: { username: u, password_file: /p }"
        let bearer = try load(file, environment: ["DIALVAULT_API_BEARER_TOKEN": "t"]).configuration.api.requiredSignIn()
        guard case .bearer = bearer else {
            Issue.record("not the bearer token")
            return
        }
        let both = ["DIALVAULT_API_BEARER_TOKEN": "t", "DIALVAULT_API_ACCESS_TOKEN": "t"]
        #expect(problems(of: file, environment: both).count == 1)
        #expect(problems(of: "vault: /v\napi: { bearer_token: t, access_id: i }").count == 1)
    }
}

@Suite("Where the file is looked for")
struct FindingTests {
    private func candidates(_ file: String? = nil, _ environment: [String: String]) -> [String] {
        ConfigurationRequest(file: file, environment: environment, currentDirectory: "/here").candidates
    }

    @Test("--config is the only place, then DIALVAULT_CONFIG")
    func named() {
        #expect(candidates("a.yaml", ["DIALVAULT_CONFIG": "/b.yaml"]) == ["/here/a.yaml"])
        #expect(candidates(nil, ["DIALVAULT_CONFIG": "/b.yaml", "HOME": "/h"]) == ["/b.yaml"])
    }

    @Test("Otherwise the current folder, the user's and the system's")
    func places() {
        #expect(
            candidates(nil, ["HOME": "/h"])
                == ["/here/dialvault.yaml", "/h/.config/dialvault/dialvault.yaml", "/etc/dialvault/dialvault.yaml"]
        )
        #expect(candidates(nil, ["HOME": "/h", "XDG_CONFIG_HOME": "/x"])[1] == "/x/dialvault/dialvault.yaml")
        #expect(candidates(nil, ["HOME": "/h", "XDG_CONFIG_HOME": "x"])[1] == "/h/.config/dialvault/dialvault.yaml")
        #expect(candidates(nil, [:]) == ["/here/dialvault.yaml", "/etc/dialvault/dialvault.yaml"])
    }

    @Test("The first that exists is taken")
    func first() throws {
        let files = ConfigurationFiles { path in
            path == "/here/dialvault.yaml" ? nil : .init(bytes: Array("vault: v\ntimezone: UTC".utf8), mode: 0o600)
        }
        let loaded = try Configuration.load(
            .init(environment: ["HOME": "/h"], currentDirectory: "/here"),
            files: files
        )
        #expect(loaded.file == "/h/.config/dialvault/dialvault.yaml")
        #expect(loaded.configuration.vault == "/h/.config/dialvault/v")
    }

    @Test("Without any, the error says where it looked and what writes one")
    func none() {
        let failure = #expect(throws: Failure.self) {
            try Configuration.load(
                .init(environment: ["HOME": "/h"], currentDirectory: "/here"),
                files: .init { _ in nil }
            )
        }
        #expect(failure?.code == .configuration)
        #expect(failure?.message.contains("/h/.config/dialvault/dialvault.yaml") == true)
        #expect(failure?.message.contains("/etc/dialvault/dialvault.yaml") == true)
        #expect(failure?.advice?.contains("dialvault init") == true)
    }

    @Test("One that exists and cannot be read is an error, not passed over")
    func unreadable() {
        let files = ConfigurationFiles { _ in throw Failure(.fileSystem, "Permission denied") }
        let failure = #expect(throws: Failure.self) {
            try Configuration.load(.init(environment: [:], currentDirectory: "/here"), files: files)
        }
        #expect(failure?.code == .configuration)
        #expect(failure?.message.contains("/here/dialvault.yaml cannot be read: Permission denied") == true)
    }

    @Test("A file that is too large or no UTF-8 is refused")
    func unfit() {
        for bytes in [[0xFF, 0xFE, 0x00], [UInt8](repeating: 0x20, count: 1_048_577)] {
            let failure = #expect(throws: Failure.self) {
                try Configuration.load(
                    .init(environment: [:], currentDirectory: "/"),
                    files: .init { _ in .init(bytes: bytes, mode: 0) }
                )
            }
            #expect(failure?.code == .configuration)
        }
    }
}
