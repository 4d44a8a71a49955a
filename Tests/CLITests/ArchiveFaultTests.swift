import Foundation
import Recordings
import TestSupport
import Testing

/// Every way in which the server of an archive can misbehave: what comes out of the day, its exit code, and that the next
/// run makes it good.
@Suite struct `An archive server that misbehaves` {
    private static let archive = "/archives/power/20180405.zip"

    /// A place with the fixtures' power archive as its only source.
    private func workplace(_ url: String, keys: String = "", api: String = "enabled: false") throws -> Workplace {
        let place = try Workplace()
        try place.scratch.write("correct horse\n", to: "password")
        chmod(place.scratch.file("password"), 0o600)
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            retention: { dialer_days: 36500 }
            api: { \(api) }
            dialer:
              sources: [{ name: power, kind: https, url: "\(url)/archives/power/{yyyy}{MM}{dd}.zip" \(keys) }]
            """,
            to: "dialvault.yaml"
        )
        return place
    }

    private func power(_ place: Workplace) throws -> DaySummary.Source? {
        guard FileManager.default.fileExists(atPath: "\(place.bag())/day.json") else { return nil }
        return try place.summary().sources.first { $0.name == "power" }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let fault: String
        let code: Int32
        /// Of the published source; nil when nothing is published because no source answered.
        let state: SourceState?
        let word: String

        init(_ fault: String, _ code: Int32, _ state: SourceState?, _ word: String = "") {
            (self.fault, self.code, self.state, self.word) = (fault, code, state, word)
        }

        var testDescription: String { fault }
    }

    @Test(arguments: [
        Case(#""kind": "status", "status": 404"#, 75, nil, "there is no archive of 2018-04-05"),
        Case(#""kind": "status", "status": 410"#, 3, .expired, "is gone"),
        Case(#""kind": "status", "status": 401"#, 77, nil, "refuses with status 401"),
        Case(#""kind": "status", "status": 403"#, 77, nil, "refuses with status 403"),
        Case(#""kind": "status", "status": 400"#, 75, nil, "status 400"),
        Case(#""kind": "status", "status": 500"#, 75, nil, "status 500"),
        Case(#""kind": "status", "status": 503"#, 75, nil, "status 503"),
        Case(#""kind": "status", "status": 502, "count": 1"#, 0, .complete),
        Case(#""kind": "status", "status": 429, "retry_after": 0, "count": 2"#, 0, .complete),
        Case(
            #""kind": "status", "status": 503, "retry_after": 1, "retry_after_form": "date", "count": 1"#,
            0,
            .complete
        ),
        Case(#""kind": "status", "status": 503, "retry_after": 3600"#, 75, nil, "asks to wait 3600 seconds"),
        Case(#""kind": "hang-up", "count": 1"#, 0, .complete),
        Case(#""kind": "hang-up""#, 75, nil, "cannot be reached"),
        Case(#""kind": "slow-first-byte", "ms": 50"#, 0, .complete),
        Case(#""kind": "slow-body", "chunk_bytes": 4096, "ms": 1"#, 0, .complete),
        Case(#""kind": "cut-body", "after_bytes": 20000, "count": 2"#, 0, .complete),
        Case(#""kind": "cut-body", "after_bytes": 20000"#, 75, nil, "goes on where it stopped"),
        Case(#""kind": "wrong-length", "by": 9, "count": 1"#, 0, .complete),
        Case(#""kind": "wrong-digest", "count": 1"#, 0, .complete),
        Case(#""kind": "wrong-digest""#, 1, nil, "Repr-Digest"),
        Case(#""kind": "html""#, 3, .partial),
        Case(#""kind": "redirect", "to": "ftp://127.0.0.1/x.zip""#, 75, nil, "redirects to nowhere"),
    ])
    func `ends the day as the contract says, and the next run completes it`(fault: Case) throws {
        let platform = try RunningPlatform()
        let place = try workplace(platform.url)
        try platform.setFaults("[{\(fault.fault), \"endpoint\": \"archive\"}]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == fault.code, "\(run.errors)")
        #expect(fault.word.isEmpty || run.errors.contains(fault.word), "\(run.errors)")
        #expect(try power(place)?.state == fault.state)
        if fault.state == .partial {
            #expect(try place.exceptions().map(\.reason) == [.unreadableArchive])
        }
        try platform.setFaults("[]")
        let next = try place.dialvault("run", "2018-04-05")
        if fault.state == .partial {
            // The page that came once is an exception for good; the archive's recordings are there.
            #expect([0, 3].contains(next.status), "\(next.errors)")
        } else {
            #expect(next.status == 0, "\(next.errors)")
            #expect(try place.summary().state == .complete)
        }
        let sum = try Program("sha256sum", ["\(Places.fixtures)/account\(Self.archive)"]).text
        #expect(try power(place)?.archives.map(\.sha256.hex).contains(String(sum.prefix(64))) == true)
    }

    @Test func `in every length it announces gives the archive whole, or nothing`() throws {
        let platform = try RunningPlatform()
        let place = try workplace(platform.url)
        try platform.setFaults(#"[{"kind": "wrong-length", "by": 9, "endpoint": "archive"}]"#)
        let run = try place.dialvault("run", "2018-04-05")
        // Asked for what is missing, the server says that there is no more; when that answer breaks off too, it is 75.
        #expect(run.status == 0 || run.status == 75, "\(run.errors)")
        #expect(try power(place)?.state == (run.status == 0 ? .complete : nil))
        try platform.setFaults("[]")
        let next = try place.dialvault("run", "2018-04-05")
        #expect(next.status == 0, "\(next.errors)")
    }

    @Test func `in the checksum it promises: twice wrong is a failure, not there is not ready`() throws {
        let platform = try RunningPlatform()
        let place = try workplace(platform.url, keys: #", checksum_url: "{url}.sha256""#)
        try platform.setFaults(#"[{"kind": "wrong-digest", "endpoint": "archive", "match": ".sha256"}]"#)
        let wrong = try place.dialvault("run", "2018-04-05")
        #expect(wrong.status == 1, "\(wrong.errors)")
        #expect(wrong.errors.contains("checksum file"))
        try platform.setFaults(#"[{"kind": "status", "status": 404, "endpoint": "archive", "match": ".sha256"}]"#)
        let absent = try place.dialvault("run", "2018-04-05")
        #expect(absent.status == 75, "\(absent.errors)")
        #expect(absent.errors.contains("its checksum file is not"))
        try platform.setFaults("[]")
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
    }

    @Test(arguments: [
        ("sha1sum", "20180405.zip"), ("md5sum", "20180405.zip"), ("sha256sum", "--tag 20180405.zip"),
        ("md5sum", "--tag 20180405.zip"), ("sha1sum", "--binary 20180405.zip"),
    ])
    func `is caught by a checksum file as coreutils writes it`(tool: String, arguments: String) throws {
        let source = try ScratchFolder()
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/account.json",
            toPath: source.file("account.json")
        )
        let zip = try Data(contentsOf: URL(fileURLWithPath: "\(Places.fixtures)/account\(Self.archive)"))
        try source.write(zip, to: "archives/power/20180405.zip")
        let sums = try Program("sh", ["-c", "\(tool) \(arguments)"], in: source.file("archives/power"))
        try source.write(sums.output, to: "archives/power/20180405.zip.sum")
        let platform = try RunningPlatform(account: source.path)
        let place = try workplace(platform.url, keys: #", checksum_url: "{url}.sum""#)
        // A bit flips on the way, in the archive and not in its checksum, which is asked for first.
        try platform.setFaults(
            #"[{"kind": "corrupt-body", "at": 999, "endpoint": "archive", "match": "0405.zip", "skip": 1, "count": 1}]"#
        )
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.summary().state == .complete)
        #expect(try platform.log().count { $0.path.hasSuffix(".zip") } == 2)
    }

    @Test func `with a token that is over is given a new one where the account's credentials are used`() throws {
        let platform = try RunningPlatform()
        let place = try workplace(
            platform.url,
            keys: ", platform_auth: true",
            api: "base_url: '\(platform.url)', username: archive@example.com, password_file: ./password, tpslimit: 50"
        )
        try Program(
            "curl",
            [
                "--silent", "--fail", "-X", "PATCH", "-d", #"{"archives": {"platform_auth": true}}"#,
                "\(platform.url)/_sim/account",
            ]
        )
        try platform.setFaults(#"[{"kind": "expired-token", "endpoint": "archive", "count": 1}]"#)
        let run = try place.dialvault("fetch", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try platform.log().filter { $0.endpoint == "archive" }.map(\.status) == [401, 200])
        #expect(try platform.log().count { $0.endpoint == "token" } == 2)
    }

    @Test func `and sends us to another host gets its archive fetched there, without credentials`() throws {
        let platform = try RunningPlatform()
        let other = try RunningPlatform()
        let place = try workplace(platform.url, keys: ", username: drop, password_file: ./password")
        let elsewhere = other.url.replacing("127.0.0.1", with: "localhost")
        try platform.setFaults(
            #"[{"kind": "redirect", "endpoint": "archive", "to": "\#(elsewhere)\#(Self.archive)"}]"#
        )
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try platform.log().map(\.credentials) == ["basic"])
        #expect(try other.log().map(\.credentials) == ["none"])
        #expect(try other.violations().isEmpty)
    }

    @Test func `goes on with a half that a killed run left, by range`() throws {
        let platform = try RunningPlatform()
        let place = try workplace(platform.url)
        try platform.setFaults(
            #"[{"kind": "slow-body", "chunk_bytes": 30000, "gate": "held", "endpoint": "archive", "count": 1}]"#
        )
        let first = try place.start("run", "2018-04-05")
        try platform.gateReached("held")
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        try platform.setFaults("[]")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.summary().state == .complete)
    }
}
