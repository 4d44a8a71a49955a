import Foundation
import Recordings
import TestSupport
import Testing

/// The dialer's archives among the platform's own stored files.
@Suite struct `The platform's stored files as a source` {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        for folder in ["archives", "audio"] {
            try FileManager.default.createDirectory(
                atPath: place.scratch.file("account"),
                withIntermediateDirectories: true
            )
            try FileManager.default.copyItem(
                atPath: "\(Places.fixtures)/account/\(folder)",
                toPath: place.scratch.file("account/\(folder)")
            )
        }
        for file in ["account.json", "calls.json"] {
            try FileManager.default.copyItem(
                atPath: "\(Places.fixtures)/account/\(file)",
                toPath: place.scratch.file("account/\(file)")
            )
        }
    }

    /// A platform without recordings that stores these files, and a configuration with one source for them.
    private func platform(_ files: String, keys: String = "") throws -> RunningPlatform {
        try place.scratch.write(files, to: "account/files.json")
        let platform = try RunningPlatform(account: place.scratch.file("account"))
        try place.scratch.write("correct horse\n", to: "password")
        chmod(place.scratch.file("password"), 0o600)
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            retention: { dialer_days: 36500, api_days: 36500 }
            api:
              base_url: \(platform.url)
              username: archive@example.com
              password_file: ./password
              tpslimit: 50
            dialer:
              \(keys)
              sources: [{ name: stored, kind: files, query: "dialer-{yyyy}-{MM}-{dd}" }]
            """,
            to: "dialvault.yaml"
        )
        return platform
    }

    private func stored() throws -> DaySummary.Source {
        try #require(try place.summary().sources.first { $0.name == "stored" })
    }

    private let whole = """
        {"id": "0a", "filename": "dialer-2018-04-05.tar", "content": "archives/export-2018-04-05.tar"}
        """

    @Test func `are found by name, and fetched through a redirect that gets no credentials`() throws {
        let platform = try platform("[\(whole)]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.summary().state == .complete)
        let source = try stored()
        #expect(source.kind == .files)
        #expect(source.published == 3)
        let sum = try Program("sha256sum", ["\(Places.fixtures)/account/archives/export-2018-04-05.tar"]).text
        #expect(source.archives.map(\.sha256.hex) == [String(sum.prefix(64))])
        let storage = try platform.log().filter { $0.listener == "storage" }
        #expect(storage.map(\.credentials) == ["none"])
        #expect(try platform.violations().isEmpty)

        // Nothing twice: the second run looks, and fetches nothing.
        let before = try place.inventory()
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.inventory() == before)
        #expect(try platform.log().count { $0.listener == "storage" } == 1)
    }

    @Test func `can be several, of any type, and two with one name stay two`() throws {
        let platform = try platform(
            """
            [{"id": "0b", "filename": "dialer-2018-04-05.zip", "content": "archives/power/20180405.zip",
              "type": "prompt", "dateCreated": "2018-04-06T02:00:00.000Z"},
             {"id": "0a", "filename": "dialer-2018-04-05.zip", "content": "archives/export-2018-04-05.tar",
              "dateCreated": "2018-04-06T03:00:00.000Z"},
             {"id": "0c", "filename": "dialer-2018-04-06.zip", "content": "archives/power/20180405.zip"}]
            """
        )
        // A platform that ignores the query is no reason to take another day's archives.
        try platform.setFaults(#"[{"kind": "ignore-filters", "endpoint": "files"}]"#)
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try stored().archives.map(\.name) == ["dialer-2018-04-05.zip", "dialer-2018-04-05.zip (0a)"])
    }

    @Test func `that are not there are not ready, or empty where that is normal`() throws {
        let waiting = try platform("[]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("dialer-2018-04-05"))
        #expect(try stored().state == .notReady)
        _ = waiting

        let normal = try platform("[]", keys: "on_missing: empty")
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.summary().state == .empty)
        _ = normal
    }

    @Test(arguments: [
        ("created", SourceState.notReady, Int32(75)), ("storing", .notReady, 75), ("deleted", .expired, 3),
        ("failed", .failed, 3), ("missing", .failed, 3),
    ])
    func `in another state than stored are not fetched`(state: String, expected: SourceState, code: Int32) throws {
        let file = whole.replacing("}", with: #", "state": "\#(state)"}"#)
        let platform = try platform("[\(file)]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == code, "\(run.errors)")
        #expect(run.errors.contains("dialer-2018-04-05.tar"))
        #expect(try stored().state == expected)
        #expect(try platform.log().allSatisfy { $0.endpoint != "file-download" })
    }

    @Test func `of which some are lost give what they can, and the day says what is missing`() throws {
        let lost =
            #"{"id": "0b", "filename": "dialer-2018-04-05-b.tar", "state": "deleted", "content": "archives/export-2018-04-05.tar"}"#
        let platform = try platform("[\(whole), \(lost)]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 3, "\(run.errors)")
        let source = try stored()
        #expect(source.state == .partial)
        #expect(source.detail?.contains("dialer-2018-04-05-b.tar") == true)
        #expect(source.published == 3)
        _ = platform
    }

    /// What each thing that goes wrong on the way must end with.
    struct Case: CustomTestStringConvertible, Sendable {
        let fault: String
        let code: Int32
        let state: SourceState

        init(_ fault: String, _ code: Int32, _ state: SourceState) {
            (self.fault, self.code, self.state) = (fault, code, state)
        }

        var testDescription: String { fault }
    }

    @Test(arguments: [
        Case(#""kind": "status", "status": 404, "endpoint": "file-download""#, 3, .expired),
        Case(#""kind": "status", "status": 410, "endpoint": "stored-file""#, 3, .expired),
        Case(#""kind": "status", "status": 403, "endpoint": "file-download""#, 77, .failed),
        Case(#""kind": "status", "status": 403, "endpoint": "stored-file""#, 75, .failed),
        Case(#""kind": "status", "status": 403, "endpoint": "files""#, 77, .failed),
        Case(#""kind": "status", "status": 500, "endpoint": "files""#, 75, .failed),
        Case(#""kind": "status", "status": 503, "endpoint": "stored-file""#, 75, .failed),
        Case(
            #""kind": "status", "status": 503, "retry_after": 0, "count": 1, "endpoint": "file-download""#,
            0,
            .complete
        ),
        Case(#""kind": "expired-token", "count": 1, "endpoint": "file-download""#, 0, .complete),
        Case(#""kind": "hang-up", "count": 1, "endpoint": "stored-file""#, 0, .complete),
        Case(#""kind": "cut-body", "after_bytes": 5000, "count": 1, "endpoint": "stored-file""#, 0, .complete),
        Case(#""kind": "cut-body", "after_bytes": 5000, "endpoint": "stored-file""#, 75, .failed),
        Case(#""kind": "wrong-length", "by": 7, "count": 1, "endpoint": "stored-file""#, 0, .complete),
        Case(#""kind": "wrong-length", "by": -7, "endpoint": "stored-file""#, 75, .notReady),
        Case(#""kind": "slow-first-byte", "ms": 50, "endpoint": "stored-file""#, 0, .complete),
        Case(#""kind": "slow-body", "chunk_bytes": 4096, "ms": 1, "endpoint": "stored-file""#, 0, .complete),
        Case(#""kind": "wrong-digest", "count": 1, "endpoint": "stored-file""#, 0, .complete),
        Case(#""kind": "wrong-digest", "endpoint": "stored-file""#, 1, .failed),
        Case(#""kind": "html", "endpoint": "stored-file""#, 75, .notReady),
        Case(#""kind": "redirect", "to": "mailto:nobody@example.com", "endpoint": "file-download""#, 75, .failed),
        Case(#""kind": "missing-pagination", "endpoint": "files""#, 0, .complete),
    ])
    func `come as what goes wrong lets them`(fault: Case) throws {
        let platform = try platform("[\(whole)]")
        try platform.setFaults("[{\(fault.fault)}]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == fault.code, "\(run.errors)")
        let source = try stored()
        #expect(source.state == fault.state, "\(source)")
        #expect(source.published == (fault.code == 0 ? 3 : 0))
        #expect(try platform.log().allSatisfy { $0.listener == "platform" || $0.credentials == "none" })

        try platform.setFaults("[]")
        let next = try place.dialvault("run", "2018-04-05")
        #expect(next.status == 0, "\(next.errors)")
        #expect(try place.summary().state == .complete)
        #expect(try stored().published == 3)
    }
}
