import Foundation
import Recordings
import Settings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `What is asked of rclone` {
    @Test func `starts at the folders that are named outright, and goes as deep as the pattern`() throws {
        let place = try #require(RclonePlace("out/20180405/*/call?.zip"))
        #expect(place.folder == "out/20180405")
        #expect(place.flags.contains("--max-depth=2"))
        #expect(place.flags.contains("--include=/*/call?.zip*"))
        #expect(place.matches("a/call1.zip"))
        #expect(!place.matches("call1.zip"))
        #expect(!place.matches("a/b/call1.zip"))
        #expect(!place.matches("a/.call.zip"))
    }

    /// rclone's documentation, "Filtering", "Pattern syntax": these are the characters that mean something there.
    @Test func `escapes what means something to rclone alone, and leaves sets to us`() throws {
        let place = try #require(RclonePlace(#"a{1}\b[!]x]c.zip"#))
        #expect(place.flags.contains(#"--include=/a\{1\}\\b?c.zip*"#))
        #expect(place.matches(#"a{1}\byc.zip"#))
        #expect(!place.matches(#"a{1}\bxc.zip"#))
    }

    @Test(arguments: [("r:", "a", "r:a"), ("r:out", "a/b", "r:out/a/b"), ("/srv/", "a", "/srv/a"), ("r:", "", "r:")])
    func `joins remote and path as rclone does`(remote: String, path: String, address: String) {
        #expect(RclonePlace.address(remote, path) == address)
    }

    @Test func `is read with and without times, sizes and hashes`() throws {
        let text = #"""
            [{"Path":"a.zip","Name":"a.zip","Size":5,"ModTime":"2018-04-05T10:00:00Z","IsDir":false,"Hashes":{"md5":"00"}},
             {"Path":"b","Name":"b","Size":-1,"ModTime":"","IsDir":true,"IsBucket":true}]
            """#
        let items = try JSONDecoder().decode([RcloneItem].self, from: Data(text.utf8))
        #expect(items.map(\.size) == [5, -1])
        #expect(items[0].hashes == ["md5": "00"])
        #expect(items[0].fingerprint != items[1].fingerprint)
    }
}

/// The texts are what rclone 1.60 writes; those of S3 and FTP are from its issues.
@Suite struct `What rclone's errors mean` {
    private func trouble(_ code: Int32, _ errors: String) -> RcloneTrouble? {
        RcloneTrouble(TiedProcess.Ending(code: code, errors: errors))
    }

    @Test(arguments: [
        (
            "2026/11/22 19:24:31 Failed to create file system for \"s:x\": NewFs: couldn't connect SSH: ssh: handshake "
                + "failed: ssh: unable to authenticate, attempted methods [none password], no supported methods remain",
            RcloneTrouble.Kind.refused
        ),
        ("Failed to create file system for \"w:x\": read metadata failed: Unauthorized: 401 Unauthorized", .refused),
        ("Failed to lsjson: AccessDenied: Access Denied\n\tstatus code: 403, request id: 1, host id: 2", .refused),
        (
            "Failed to create file system for \"f:\": NewFs: failed to make FTP connection: 530 Login incorrect.",
            .refused
        ),
        (
            "Failed to create file system for \"s:x\": NewFs: couldn't connect SSH: dial tcp 127.0.0.1:2297: connect: "
                + "connection refused", .passing
        ),
        ("Failed to create file system for \"s:x\": dial tcp 10.4.0.1:4030: i/o timeout", .passing),
        ("Failed to create file system for \"w:x\": Propfind \"http://10.1.1.1:401/x\": EOF", .passing),
        ("Failed to create file system for \"nope:x\": didn't find section in config file", .configuration),
        ("Failed to load config file \"/c\": could not parse line: garbage[[[", .configuration),
        ("Failed to create file system for \"s:\": didn't find backend called \"nope\"", .configuration),
        ("", .passing),
    ])
    func `is told by its words where the exit code says nothing`(text: String, kind: RcloneTrouble.Kind) {
        #expect(trouble(1, text)?.kind == kind)
    }

    /// rclone's documentation, "Exit code".
    @Test(arguments: [
        (Int32(3), RcloneTrouble.Kind.notFound), (4, .notFound), (5, .passing), (6, .final), (7, .final),
        (137, .passing),
    ])
    func `is the exit code's where it has a meaning`(code: Int32, kind: RcloneTrouble.Kind) {
        #expect(trouble(code, "401")?.kind == kind)
        #expect(trouble(0, "warning") == nil)
    }

    @Test func `is shown without the time, and without what a URL may carry`() throws {
        let said = try #require(
            trouble(
                1,
                "2026/11/22 19:24:31 ERROR : x\n2026/11/22 19:24:31 Failed to cat with 2 errors: last error was: "
                    + "Get \"https://me:pw@s3.example.com/a?X-Amz-Signature=abc&b=c\": EOF\n"
            )
        )
        #expect(said.said == "Get \"https://…@s3.example.com/a?…\": EOF")
    }
}

@Suite struct `A day without an archive` {
    private func rule(_ yaml: String, now: String) throws -> MissingArchive {
        let bench = try Bench(
            "api: { enabled: false }\ndialer:\n  sources: [{ name: a, kind: directory, path: /x, pattern: '{dd}' }]\n\(yaml)"
        )
        return MissingArchive(bench.configuration, time: VirtualTime(Samples.time(now)))
    }

    /// 06:00 in Berlin on 2018-04-06 is 04:00 UTC: summer time.
    @Test func `is late from ready_by on, by the account's clock`() throws {
        #expect(try !rule("", now: "2018-04-06T03:59:59Z").isLate(Samples.day))
        #expect(try rule("", now: "2018-04-06T04:00:00Z").isLate(Samples.day))
        #expect(try !rule("  ready_by: '23:30'", now: "2018-04-06T21:29:00Z").isLate(Samples.day))
        #expect(try rule("  ready_by: '23:30'", now: "2018-04-06T21:30:00Z").isLate(Samples.day))
        #expect(try rule("  ready_by: '23:30'", now: "2018-04-07T00:00:00Z").isLate(Samples.day))
    }

    @Test func `says so, and is empty only where that is normal`() throws {
        let early = try rule("", now: "2018-04-06T03:00:00Z").state(of: Samples.day, "nothing")
        #expect(early.state == .notReady)
        #expect(early.failure?.message == "nothing")
        let late = try rule("", now: "2018-04-06T05:00:00Z").state(of: Samples.day, "nothing")
        #expect(late.failure?.message == "nothing, and it is late: dialer.ready_by is 06:00 on 2018-04-06")
        let normal = try rule("  on_missing: empty", now: "2018-04-06T05:00:00Z").state(of: Samples.day, "nothing")
        #expect(normal.state == .empty)
        #expect(normal.failure == nil)
    }
}
