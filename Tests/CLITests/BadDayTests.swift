import Foundation
import Recordings
import TestSupport
import Testing

/// What can go wrong on a day: each ends with the contract's exit code and one sentence, publishes nothing by halves, and
/// leaves a next run that goes on.
@Suite struct `A day that goes wrong` {
    /// One sentence for each thing that went wrong, and no more: no stack, no type names.
    private func expectSentence(_ program: Program, _ words: String..., place: SourceLocation = #_sourceLocation) {
        let said = program.errors.range(of: "dialvault: ").map { program.errors[$0.lowerBound...] } ?? ""
        #expect(!said.isEmpty, "\(program.errors)", sourceLocation: place)
        for word in words {
            #expect(said.contains(word), "\(word) in: \(program.errors)", sourceLocation: place)
        }
        #expect(!program.errors.contains("Failure("), sourceLocation: place)
    }

    @Test func `by a configuration with an unknown key ends with 78 and names key, line and the nearest key`() throws {
        let place = try Workplace()
        try place.scratch.write("vault: \(place.vault)\ntimezome: Europe/Berlin\n", to: "dialvault.yaml")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 78)
        expectSentence(run, "timezome", "line 2")
        #expect(run.errors.contains("timezone"))
    }

    @Test func `without any configuration ends with 78 and says how to get one`() throws {
        let place = try Workplace()
        let run = try Program(
            Places.product("dialvault"),
            ["run", "2018-04-05"],
            in: place.scratch.path,
            environment: ["HOME": place.scratch.path, "XDG_CONFIG_HOME": place.scratch.path]
        )
        #expect(run.status == 78)
        expectSentence(run, "dialvault init")
    }

    @Test(arguments: [
        ["run", "2018-13-05"], ["run", "--from", "2018-04-05"], ["run", "9999-01-01"], ["fetch"], ["fly"],
    ])
    func `by a wrong call ends with 64`(arguments: [String]) throws {
        let place = try Workplace()
        try place.configure(url: "http://127.0.0.1:9")
        let run = try Program(
            Places.product("dialvault"),
            arguments,
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
        )
        #expect(run.status == 64, "\(run.errors)")
    }

    @Test func `by a host that nobody answers ends with 75, publishes what other sources gave, and goes on later`()
        throws
    {
        let place = try Workplace()
        let sources = """
                - name: partner
                  kind: directory
                  path: \(Places.fixtures)/account/archives
                  pattern: "export-{yyyy}-{MM}-{dd}.tar"
            """
        // Port 9 (discard) is one that nothing listens on here.
        try place.configure(url: "http://127.0.0.1:9", sources: sources)
        let run = try place.dialvault("run", "2018-04-05", "--retries", "0")
        #expect(run.status == 75, "\(run.errors)")
        expectSentence(run, "dialvault: http://127.0.0.1:9")
        #expect(try place.summary().state == .incomplete)
        #expect(try place.summary().totals.recordings == 3)

        let platform = try RunningPlatform()
        defer { _ = platform }
        try place.configure(url: platform.url, sources: sources)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.summary().state == .complete)
        #expect(try place.summary().revision == 2)
    }

    @Test func `by refused credentials ends with 77 and names nothing secret`() throws {
        let place = try Workplace(try RunningPlatform(), password: "s3cret-and-wrong")
        let run = try place.dialvault("collect", "2018-04-05", "--log-level", "trace")
        #expect(run.status == 77, "\(run.errors)")
        expectSentence(run)
        #expect(!run.errors.contains("s3cret-and-wrong"))
        let found = try Program("grep", ["-r", "-l", "s3cret-and-wrong", place.vault])
        #expect(found.status == 1, "\(found.text)")
    }

    @Test func `by a missing archive ends with 75 and publishes the rest as incomplete`() throws {
        let place = try Workplace(try RunningPlatform())
        let run = try place.dialvault("run", "2018-04-04")
        #expect(run.status == 75, "\(run.errors)")
        expectSentence(run, "outbound-2018-04-04.tar.gz")
        let summary = try place.summary("2018-04-04")
        #expect(summary.state == .incomplete)
        #expect(Set(summary.sources.filter { $0.kind != .api }.map(\.state)) == [.notReady])
    }

    @Test func `by a web page in place of an archive ends with 3, names it and keeps it`() throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(
            atPath: place.scratch.file("account/archives"),
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/account.json",
            toPath: place.scratch.file("account/account.json")
        )
        let page = "<!DOCTYPE html><html><body>Please sign in</body></html>"
        try place.scratch.write(page, to: "account/archives/2018-04-05.zip")
        let platform = try RunningPlatform(account: place.scratch.file("account"))
        defer { _ = platform }
        try place.configure(
            url: platform.url,
            sources: """
                    - name: web
                      kind: https
                      url: "\(platform.url)/archives/{yyyy-MM-dd}.zip"
                """
        )
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 3, "\(run.errors)")
        let exception = try #require(try place.exceptions().first)
        #expect(exception.reason == .unreadableArchive)
        #expect(exception.detail.contains("HTML"))
        let kept = try #require(exception.quarantinePath)
        #expect(try place.bytes("\(place.vault)/\(kept)") == Data(page.utf8))
    }

    @Test func `by an archive that comes back whole is completed by the next run`() throws {
        let place = try Workplace()
        let drop = place.scratch.file("drop")
        let archive = "\(Places.fixtures)/account/archives/export-2018-04-05.tar"
        let whole = try place.bytes(archive)
        try place.scratch.write(whole.prefix(whole.count / 2), to: "drop/export-2018-04-05.tar")
        let platform = try RunningPlatform()
        defer { _ = platform }
        try place.configure(
            url: platform.url,
            sources: """
                    - name: partner
                      kind: directory
                      path: \(drop)
                      pattern: "export-{yyyy}-{MM}-{dd}.tar"
                """
        )
        #expect(try place.dialvault("run", "2018-04-05").status == 3)
        #expect(try place.exceptions().contains { $0.reason == .unreadableArchive })
        #expect(try place.summary().sources.first?.state == .partial)
        try place.scratch.write(whole, to: "drop/export-2018-04-05.tar")
        let second = try place.dialvault("run", "2018-04-05")
        // The half's recordings are the whole's, and nothing is published twice.
        #expect(try Set(place.manifest().map(\.recordingID)).count == place.manifest().count)
        #expect(try place.manifest().count { $0.channel == .dialer } == 3, "\(second.errors)")
    }
}
