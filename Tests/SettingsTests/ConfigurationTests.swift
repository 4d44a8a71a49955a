import Foundation
import Recordings
import Testing

@testable import Settings

@Suite("A configuration's values")
struct ConfigurationTests {
    @Test("A vault and a time zone are a configuration, with the defaults of the contract")
    func defaults() throws {
        let configuration = try load("vault: /srv/vault\ntimezone: UTC").configuration
        #expect(configuration.vault == "/srv/vault")
        #expect(configuration.timezoneName == "UTC")
        #expect(configuration.timezone.secondsFromGMT() == 0)
        #expect(configuration.groupReadable)
        #expect(configuration.api.enabled)
        #expect(configuration.api.baseURL.absoluteString == "https://services.babelforce.com")
        #expect(configuration.api.signIn == nil)
        #expect(configuration.api.tpslimit == 1)
        #expect(configuration.api.pageSize == 100)
        #expect(configuration.api.download == .single)
        #expect(configuration.api.bulkSize == 50)
        #expect(configuration.dialer.sources.isEmpty)
        #expect(configuration.dialer.onMissing == .notReady)
        #expect(configuration.dialer.readyBy.description == "06:00")
        #expect(configuration.dialer.filenamePatterns.isEmpty)
        #expect(configuration.retention == .init(dialerDays: 30, apiDays: 180))
        #expect(configuration.lookbackDays == 3)
        #expect(configuration.select.isEmpty)
        #expect(configuration.limits.archiveBytes == 214_748_364_800)
        #expect(configuration.limits.memberBytes == 2_147_483_648)
        #expect(configuration.limits.members == 2_000_000)
        #expect(configuration.limits.ratio == 200)
        #expect(configuration.limits.nesting == 1)
    }

    @Test(
        "Without a time zone there is no configuration: UTC would be a guess",
        arguments: ["vault: /v", "vault: /v\napi: { enabled: true }", "timezome: UTC\nvault: /v"]
    )
    func timeZoneIsRequired(text: String) {
        let request = ConfigurationRequest(file: "/c/d.yaml", environment: [:], currentDirectory: "/")
        let failure = #expect(throws: Failure.self) {
            try Configuration.load(request, files: .init { _ in .init(bytes: Array(text.utf8), mode: 0o600) })
        }
        #expect(failure?.code == .configuration)
        #expect(failure?.message.contains("`timezone` is missing: the account's IANA time zone") == true)
    }

    @Test("The environment may give the time zone")
    func timeZoneOfEnvironment() throws {
        let request = ConfigurationRequest(
            file: "/c/d.yaml",
            environment: ["DIALVAULT_TIMEZONE": "Pacific/Apia"],
            currentDirectory: "/"
        )
        let loaded = try Configuration.load(
            request,
            files: .init { _ in .init(bytes: Array("vault: /v".utf8), mode: 0o600) }
        )
        #expect(loaded.configuration.timezoneName == "Pacific/Apia")
    }

    @Test("Every key can be set")
    func everything() throws {
        let configuration = try Configuration.load(
            .init(file: "/c/d.yaml", environment: [:], currentDirectory: "/"),
            files: .init { _ in .init(bytes: Array(Self.everyKey.utf8), mode: 0o600) }
        ).configuration
        #expect(configuration.vault == "/c/vault")
        #expect(configuration.timezone.identifier == "Europe/Berlin")
        #expect(!configuration.groupReadable)
        #expect(!configuration.api.enabled)
        #expect(configuration.api.baseURL.absoluteString == "https://us-east.babelforce.com")
        #expect(configuration.api.tpslimit == 0.5)
        #expect(configuration.api.pageSize == 50)
        #expect(configuration.api.download == .bulk)
        #expect(configuration.api.bulkSize == 20)
        #expect(configuration.dialer.onMissing == .empty)
        #expect(configuration.dialer.readyBy.description == "07:30")
        #expect(configuration.dialer.filenamePatterns == [#"^(?<id>\d+)\.mp3$"#])
        #expect(configuration.retention == .init(dialerDays: 14, apiDays: 365))
        #expect(configuration.lookbackDays == 0)
        #expect(configuration.limits.archiveBytes == 500_000_000)
        #expect(configuration.limits.memberBytes == 1_048_576)
        #expect(configuration.limits.members == 10)
        #expect(configuration.limits.ratio == 1000)
        #expect(configuration.limits.nesting == 0)
        #expect(configuration.select.directions == [.inbound])
        #expect(configuration.select.queues == ["sales*", "0049"])
        #expect(configuration.select.minimumDurationMs == 5000)
        #expect(configuration.dialer.sources.map(\.name) == ["outbound", "power", "partner", "stored"])
        guard
            case .directory(let directory) = configuration.dialer.sources[0].access,
            case .https(let https) = configuration.dialer.sources[1].access,
            case .rclone(let rclone) = configuration.dialer.sources[2].access,
            case .files(let files) = configuration.dialer.sources[3].access
        else {
            Issue.record("the sources are of other kinds")
            return
        }
        #expect(directory.path == "/srv/drop")
        #expect(directory.pattern.text == "outbound-{yyyy}-{MM}-{dd}*.tar.gz")
        #expect(https.url.text == "https://files.example.com/power/{yyyy}{MM}{dd}.zip")
        #expect(https.checksumURL?.text == "{url}.sha256")
        #expect(https.signIn == .platform)
        #expect(rclone.remote == "dialer-sftp:out")
        #expect(rclone.pattern.text == "{yyyy}{MM}{dd}/*.zip")
        #expect(files.query.text == "dialer-{yyyy}-{MM}-{dd}")
    }

    static let everyKey = #"""
        vault: vault
        timezone: Europe/Berlin
        group_readable: no
        api:
          enabled: false
          base_url: https://us-east.babelforce.com/
          username: archive@example.com
          password_file: ./password
          tpslimit: 0.5
          page_size: 50
          download: bulk
          bulk_size: 20
        dialer:
          sources:
            - name: outbound
              kind: directory
              path: /srv/drop/
              pattern: "outbound-{yyyy}-{MM}-{dd}*.tar.gz"
            - name: power
              kind: https
              url: "https://files.example.com/power/{yyyy}{MM}{dd}.zip"
              checksum_url: "{url}.sha256"
              platform_auth: true
            - name: partner
              kind: rclone
              remote: "dialer-sftp:out"
              pattern: "{yyyy}{MM}{dd}/*.zip"
            - name: stored
              kind: files
              query: "dialer-{yyyy}-{MM}-{dd}"
          on_missing: empty
          ready_by: 07:30
          filename_patterns: ['^(?<id>\d+)\.mp3$']
        retention: { dialer_days: 14, api_days: 365 }
        lookback_days: 0
        select:
          directions: [inbound]
          agents: []
          queues: [sales*, 0049]
          campaigns: []
          tags: []
          numbers: []
          min_duration: 5s
        limits: { archive_bytes: 500M, member_bytes: 1 MiB, members: 10, ratio: 1_000, nesting: 0 }
        """#

    @Test("Empty groups and lists are as if they were not there")
    func emptyGroups() throws {
        let configuration = try load("vault: /v\napi:\ndialer:\n  sources:\nselect: {}\nlimits: ~").configuration
        #expect(try configuration == load("vault: /v").configuration)
    }

    @Test(
        "Relative paths start from the file's folder, a tilde from HOME",
        arguments: [
            ("vault", "/conf/vault"), ("./vault/", "/conf/vault"), (".", "/conf"), ("/a/b", "/a/b"),
            ("~/v", "/home/x/v"),
            ("/", "/"),
        ]
    )
    func paths(written: String, expected: String) throws {
        #expect(try load("vault: \(written)", environment: ["HOME": "/home/x"]).configuration.vault == expected)
    }

    @Test("Three ways of signing in are read")
    func signIn() throws {
        let password = try load("vault: /v\napi: { username: a@b.c, password_file: /p }").configuration.api
        guard case .password("a@b.c", let reference) = try password.requiredSignIn() else {
            Issue.record("not a password")
            return
        }
        #expect(reference.key == "api.password")
        #expect(reference.origin == .file("/p"))
        let token = try load("vault: /v\napi: { access_id: 007, access_token_command: pass show x }").configuration.api
        guard case .accessToken("007", let reference) = try token.requiredSignIn() else {
            Issue.record("not an access token")
            return
        }
        #expect(reference.origin == .command(Secret("pass show x")))
        let bearer = try load("vault: /v\napi: { bearer_token: 0123 }").configuration.api
        guard case .bearer(let reference) = try bearer.requiredSignIn() else {
            Issue.record("not a bearer token")
            return
        }
        #expect(reference.origin == .value(Secret("0123")))
    }

    @Test("No credentials are an error only where they are needed")
    func withoutCredentials() throws {
        let api = try load("vault: /v").configuration.api
        let failure = #expect(throws: Failure.self) { try api.requiredSignIn() }
        #expect(failure?.code == .configuration)
        #expect(failure?.advice?.contains("api.password_file") == true)
    }

    @Test("A source's credentials are none, a user's, a header's or the platform's")
    func sourceSignIn() throws {
        func signIn(_ keys: String) throws -> DialerSource.HTTPS.SignIn? {
            let url = "kind: https\nurl: https://h/{dd}\n"
            let access = try load(source(url + keys)).configuration.dialer.sources.first?.access
            guard case .https(let https) = access else { return nil }
            return https.signIn
        }
        #expect(try signIn("") == DialerSource.HTTPS.SignIn.none)
        #expect(try signIn("platform_auth: true") == .platform)
        guard case .basic("u", let password)? = try signIn("username: u\npassword_file: /p") else {
            Issue.record("not a user's")
            return
        }
        #expect(password.origin == .file("/p"))
        guard case .header("X-Key", let value)? = try signIn("header: { name: X-Key, value_file: /k }") else {
            Issue.record("not a header's")
            return
        }
        #expect(value.origin == .file("/k"))
        #expect(value.key == "dialer.sources[power].header.value")
    }

    @Test("What `init` writes is itself a configuration, with the defaults where it says so")
    func template() throws {
        let loaded = try load(Configuration.template)
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.configuration.vault == "/var/lib/dialvault")
        #expect(loaded.configuration.dialer.sources.map(\.name) == ["outbound"])
    }

    @Test("What `init` comments out is right too")
    func templateWithoutComments() throws {
        // A commented key is `# key: …`, a comment between keys starts with a capital letter.
        let lines = Configuration.template.split(separator: "\n", omittingEmptySubsequences: false)
        for section in ["retention", "limits"] {
            let start = try #require(lines.firstIndex { $0.hasPrefix("# \(section):") })
            let block = lines[start...].prefix { $0.hasPrefix("#") }.map { $0.dropFirst(2) }
                .prefix { !$0.hasPrefix("lookback") }
            let text = "vault: /v\n" + block.joined(separator: "\n")
            #expect(try load(text).configuration == load("vault: /v").configuration)
        }
    }

    @Test("Plain HTTP to another machine gives a warning, to this one none")
    func plainHTTP() throws {
        #expect(try load("vault: /v\napi: { base_url: 'http://10.0.0.1' }").warnings.count == 1)
        #expect(try load("vault: /v\napi: { base_url: 'http://127.evil.example' }").warnings.count == 1)
        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"] {
            #expect(try load("vault: /v\napi: { base_url: 'http://\(host)' }").warnings.isEmpty)
        }
        let remote = "kind: https\nurl: http://files.example.com/{dd}.zip"
        #expect(try load(source(remote)).warnings.count == 1)
    }

    @Test("A secret in a file that others may read gives a warning")
    func secretInOpenFile() throws {
        let text = "vault: /v\napi: { username: u, password: hunter2 }"
        let warnings = try load(text, mode: 0o644).warnings
        #expect(warnings.count == 1)
        #expect(warnings.allSatisfy { !$0.contains("hunter2") })
        #expect(try load(text, mode: 0o640).warnings.isEmpty)
        #expect(try load("vault: /v", mode: 0o644).warnings.isEmpty)
    }

    @Test("A file of certificates can be named for the API and for a source, from where the configuration lies")
    func certificates() throws {
        let configuration = try load(
            """
            vault: /v
            api: { enabled: false, ca_file: ./ca.pem }
            dialer:
              sources:
                - { name: a, kind: https, url: "https://h/{dd}", ca_file: /etc/other.pem }
                - { name: b, kind: https, url: "https://h/{dd}" }
            """
        ).configuration
        #expect(configuration.api.caFile == "/conf/ca.pem")
        let files = configuration.dialer.sources.map { source -> String? in
            if case .https(let https) = source.access { https.caFile } else { nil }
        }
        #expect(files == ["/etc/other.pem", nil])
    }

    @Test(
        "A remote that carries credentials is refused, and not shown",
        arguments: [
            ":sftp,host=h,user=u,pass=hunter2:out", ":s3,secret_access_key=hunter2:b", "r,token='hunter2':x", "-x",
        ]
    )
    func remotes(remote: String) {
        let found = problems(
            of: "vault: /v\ndialer:\n  sources: [{ name: a, kind: rclone, remote: \"\(remote)\", pattern: '{dd}' }]"
        )
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.contains("remote") && !$0.contains("hunter2") })
    }

    @Test(
        "A remote by name, by path or with parameters that are no secret is taken",
        arguments: [
            "dialer-sftp:out", "/srv/mounted", ":sftp,host=h,user=u,key_file=/k:out", "s3:bucket/folder",
        ]
    )
    func goodRemotes(remote: String) {
        #expect(
            problems(
                of: "vault: /v\ndialer:\n  sources: [{ name: a, kind: rclone, remote: \"\(remote)\", pattern: '{dd}' }]"
            ).isEmpty
        )
    }
}
