import Recordings
import Settings
import Testing

@Suite("What is wrong with a configuration")
struct ProblemTests {
    @Test("An unknown key is named with its line, its column and the nearest known key")
    func unknownKey() {
        #expect(
            problems(of: "vault: /v\napi:\n  tpslmit: 1")
                == ["line 3, column 3: `api.tpslmit` is not a key; the nearest is `tpslimit`"]
        )
    }

    @Test("An unknown key that resembles nothing brings the list of keys")
    func unlikeAnything() {
        let found = problems(of: "vault: /v\nretention:\n  xyzzy: 1")
        #expect(
            found == ["line 3, column 3: `retention.xyzzy` is not a key; the keys here are api_days, dialer_days"]
        )
    }

    @Test("All problems are listed, in the order of the file")
    func everyProblem() {
        let found = problems(
            of: """
                vault: /v
                timezone: Europe/Berln
                grup_readable: true
                api:
                  base_url: ftp://example.com
                  page_size: many
                dialer:
                  sources:
                    - name: api
                      kind: directory
                      path: /d
                      pattern: "{dd}.zip"
                    - name: a
                      kind: directory
                      path: /d
                      pattern: "day.zip"
                  ready_by: "25:00"
                lookback_days: -1
                limits: { archive_bytes: 3 parsecs }
                """
        )
        #expect(found.map { $0.prefix { $0 != "," } } == [2, 3, 5, 6, 9, 16, 17, 18, 19].map { "line \($0)" })
        #expect(
            found.first
                == "line 2, column 11: `timezone` must be an IANA time zone, not `Europe/Berln`; the nearest is Europe/Berlin"
        )
    }

    @Test(
        "A value of the wrong type or out of range is refused",
        arguments: [
            "vault: [a]", "vault: { a: b }", "vault: 3", "vault: true", "vault:", "vault: ''", "vault: /v\ntimezone: 3",
            "vault: /v\ngroup_readable: 1", "vault: /v\ngroup_readable: 'true'", "vault: /v\nlookback_days: 1.5",
            "vault: /v\nlookback_days: 367", "vault: /v\nlookback_days: '3'", "vault: /v\nlookback_days: 0x3",
            "vault: /v\nlookback_days: 99999999999999999999", "vault: /v\napi: true", "vault: /v\napi: []",
            "vault: /v\napi: { tpslimit: 0 }", "vault: /v\napi: { tpslimit: .inf }",
            "vault: /v\napi: { tpslimit: nan }",
            "vault: /v\napi: { tpslimit: -1 }", "vault: /v\napi: { page_size: 0 }",
            "vault: /v\napi: { page_size: 1001 }",
            "vault: /v\napi: { download: both }", "vault: /v\ndialer: { sources: a }",
            "vault: /v\ndialer: { sources: [a] }",
            "vault: /v\ndialer: { on_missing: maybe }", "vault: /v\ndialer: { ready_by: 6 }",
            "vault: /v\ndialer: { ready_by: '6:00' }", "vault: /v\ndialer: { ready_by: '24:00' }",
            "vault: /v\ndialer: { filename_patterns: ['(?<a>'] }", "vault: /v\ndialer: { filename_patterns: ['a+'] }",
            "vault: /v\ndialer: { filename_patterns: [[a]] }", "vault: /v\nretention: { dialer_days: 0 }",
            "vault: /v\nretention: { dialer_days: 30d }", "vault: /v\nlimits: { archive_bytes: 0 }",
            "vault: /v\nlimits: { archive_bytes: -1 }", "vault: /v\nlimits: { archive_bytes: 2PiB }",
            "vault: /v\nlimits: { nesting: 9 }", "vault: /v\nselect: { directions: [both] }",
            "vault: /v\nselect: { min_duration: 5 }", "- vault", "vault",
        ]
    )
    func wrongValue(text: String) {
        #expect(problems(of: text).count == 1, "\(problems(of: text))")
    }

    @Test(
        "A time zone is one by its IANA name",
        arguments: ["europe/berlin", "Berlin", "GMT+2", "+02:00", "CEST", "PST", "''", "Mars/Olympus"]
    )
    func timeZone(name: String) {
        #expect(problems(of: "vault: /v\ntimezone: \(name)").count == 1)
    }

    @Test(
        "Links and special names of the IANA database are time zones too",
        arguments: ["UTC", "GMT", "Etc/UTC", "CET", "Asia/Kolkata", "US/Eastern", "America/Argentina/Buenos_Aires"]
    )
    func timeZoneLink(name: String) throws {
        #expect(try load("vault: /v\ntimezone: \(name)").configuration.timezoneName == name)
    }

    @Test(
        "A base URL is http or https, with a host, without credentials, query and fragment",
        arguments: [
            "services.babelforce.com", "ftp://h", "https://", "https:///x", "https://u:hunter2@h", "https://hunter2@h",
            "https://h?hunter2", "https://h#hunter2", "https://h:99999", "'https://h unter2'", "https://hunter2\\\\x",
        ]
    )
    func baseURL(text: String) {
        let found = problems(of: "vault: /v\napi: { base_url: \(text) }")
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.hasPrefix("line 2, column 18: `api.base_url` ") && !$0.contains("hunter2") })
    }

    @Test("A file that is no YAML is reported where it breaks, without quoting the line")
    func notYAML() {
        let found = problems(of: "vault: /v\napi:\n  password: \"hunter2\n")
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.hasPrefix("line ") && !$0.contains("hunter2") })
        let nested = problems(of: "vault: /v\napi:\n  password: hunter2: x\n")
        #expect(nested.count == 1)
        #expect(nested.allSatisfy { $0.hasPrefix("line 3, column 20: ") && !$0.contains("hunter2") })
    }

    @Test("A key that stands twice is an error that names it and its line")
    func duplicateKey() {
        #expect(
            problems(of: "vault: /a\nlookback_days: 1\nvault: /b") == [
                "line 1, column 1: `vault` stands here and again further down"
            ]
        )
        let secret = problems(of: "vault: /v\napi:\n  password: hunter2\n  password: hunter2")
        #expect(secret == ["line 3, column 3: `password` stands here and again further down"])
    }

    @Test("An empty file lacks its vault")
    func emptyFile() {
        #expect(
            problems(of: "# nothing\n")
                == ["`vault` is missing: the folder of the vault; --vault and DIALVAULT_VAULT set it too"]
        )
    }

    @Test("A second document, an undefined alias and a key that is no word are errors")
    func strangeYAML() {
        for text in ["vault: /v\n---\nvault: /w", "vault: *nowhere", "vault: /v\n? [a]\n: b"] {
            #expect(problems(of: text).count == 1)
        }
    }

    @Test("Aliases that unfold without end are refused")
    func billionLaughs() {
        var text = "vault: /v\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(problems(of: text).first?.hasSuffix("the file has more than 20000 values") == true)
    }

    @Test("With the API off there must be a source")
    func nothingToDo() {
        #expect(problems(of: "vault: /v\napi: { enabled: false }").count == 1)
    }

    @Test("Control characters of the file do not reach the terminal")
    func controlCharacters() {
        let found = problems(of: "vault: /v\n\"a\\e[2Jb\": 1\ntimezone: \"\\e[31mred\"")
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
    }
}

@Suite("What is wrong with a dialer source")
struct SourceProblemTests {
    @Test(
        "Names are letters, digits, dot, underscore and hyphen, and not `api`",
        arguments: ["api", "a b", "a/b", "ä", "''", String(repeating: "x", count: 65)]
    )
    func name(written: String) {
        let text =
            "vault: /v\ndialer:\n  sources:\n    - name: \(written)\n      kind: directory\n      path: /d\n      pattern: '{dd}'"
        #expect(problems(of: text).count == 1)
    }

    @Test("Digits alone are a name")
    func numericName() throws {
        let text = "vault: /v\ndialer:\n  sources:\n    - { name: 2018, kind: directory, path: /d, pattern: '{dd}' }"
        #expect(try load(text).configuration.dialer.sources.map(\.name) == ["2018"])
    }

    @Test("Two sources of one name are an error at the second")
    func duplicateName() {
        let item = "    - { name: a, kind: directory, path: /d, pattern: '{dd}' }"
        #expect(
            problems(of: "vault: /v\ndialer:\n  sources:\n\(item)\n\(item)")
                == ["line 5, column 7: the source `a` stands in line 4 already"]
        )
    }

    @Test("What a kind needs is asked for")
    func missingKeys() {
        #expect(problems(of: source("kind: directory")).count == 2)
        #expect(problems(of: source("kind: https")).count == 1)
        #expect(problems(of: source("path: /d")).count == 1)
        #expect(problems(of: "vault: /v\ndialer: { sources: [{ kind: directory }] }").count == 1)
    }

    @Test("The nearest kind is named")
    func unknownKind() {
        #expect(
            problems(of: source("kind: htps"))
                == [
                    "line 5, column 13: `dialer.sources[power].kind` must be directory or https or rclone or files, not `htps`; the nearest is https"
                ]
        )
    }

    @Test("A key of another kind is unknown here")
    func keyOfAnotherKind() {
        let found = problems(of: source("kind: directory\npath: /d\npattern: '{dd}'\nurl: https://h/{dd}"))
        #expect(found.count == 1)
        #expect(found.first?.contains("`dialer.sources[power].url` is not a key") == true)
    }

    @Test(
        "A pattern must tell one day from the next, with tokens that exist, and be a file's name",
        arguments: [
            "dialer.tar.gz", "{yyyy}.zip", "{yyyy}-{MM}.zip", "{YYYY}-{MM}-{dd}.zip", "{url}{dd}", "{dd", "dd}", "{}",
            "{dd}/a.zip", "{dd}[ab.zip", "{dd}[].zip",
        ]
    )
    func pattern(written: String) {
        #expect(problems(of: source("kind: directory\npath: /d\npattern: \"\(written)\"")).count == 1)
    }

    @Test("The nearest token is named")
    func unknownToken() {
        let found = problems(of: source("kind: directory\npath: /d\npattern: \"{YYYY}-{MM}-{dd}.zip\""))
        #expect(found.first?.hasSuffix("has the unknown token {YYYY}; the nearest is {yyyy}") == true)
    }

    @Test(
        "An archive's URL is one once its tokens are filled in",
        arguments: [
            "files/{dd}", "https://u:hunter2@h/{dd}", "https://h/a.zip?sig=hunter2", "ftp://h/{dd}", "https://h/{dd} x",
        ]
    )
    func url(written: String) {
        let found = problems(of: source("kind: https\nurl: \"\(written)\""))
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.contains("hunter2") })
    }

    @Test("A date may stand in a URL's host, port or query")
    func urlTokens() {
        for url in ["https://d{dd}.example.com/a", "https://h/a?day={yyyy-MM-dd}&at={epoch}"] {
            #expect(problems(of: source("kind: https\nurl: \"\(url)\"")).isEmpty)
        }
    }

    @Test("Two ways of signing in to one source are an error, as half a way is")
    func signIn() {
        let url = "kind: https\nurl: https://h/{dd}\n"
        #expect(problems(of: source(url + "username: u\npassword: p\nplatform_auth: true")).count == 1)
        #expect(problems(of: source(url + "header: { name: X-Key, value: k }\nplatform_auth: true")).count == 1)
        #expect(problems(of: source(url + "password: p")).count == 1)
        #expect(problems(of: source(url + "username: 'a:b'\npassword: p")).count == 1)
        #expect(problems(of: source(url + "header: { value: k }")).count == 1)
        #expect(problems(of: source(url + "header: { name: 'X Key', value: k }")).count == 1)
    }
}
