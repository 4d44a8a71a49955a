import Foundation
import Recordings
import TestSupport
import Testing

/// Calls that mean something else than their words: each is refused, or does what it says.
@Suite struct `A call that leads astray` {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        try place.scratch.write(Data(), to: "drop/none")
        try configure("Europe/Berlin")
    }

    /// An account without the API, whose archives come in a folder and go after 30 days.
    private func configure(_ zone: String?) throws {
        try place.scratch.write(
            """
            vault: \(place.vault)
            \(zone.map { "timezone: \($0)" } ?? "")
            api: { enabled: false }
            dialer:
              sources:
                - { name: outbound, kind: directory, path: ./drop, pattern: "export-{yyyy}-{MM}-{dd}*" }
            """,
            to: "dialvault.yaml"
        )
    }

    private func run(_ arguments: [String]) throws -> Program {
        try Program(
            Places.product("dialvault"),
            arguments,
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        )
    }

    private func archive() throws {
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/archives/export-2018-04-05.tar",
            toPath: place.scratch.file("drop/export-2018-04-05.tar")
        )
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
    }

    @Test(arguments: [
        ["run", "1018-04-05"], ["run", "2009-12-31"], ["run", "--from", "0001-01-01", "--to", "2018-04-05"],
        ["run", "2999-01-01"], ["run", "--since", "2999-01-01"], ["run", "--since", "1970-01-01"],
        ["fetch", "1818-04-05"], ["show", "1018-04-05"], ["search", "2999-01-01"],
        ["export", "--from", "2018-04-05", "--to", "2999-01-01"],
    ])
    func `for a day that there can be nothing of ends with 64 and says the bounds`(arguments: [String]) throws {
        try archive()
        let program = try run(arguments)
        #expect(program.status == 64, "\(program.errors)")
        #expect(program.errors.contains("Days are from 2010-01-01 to "), "\(program.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.vault).sorted() == [".dialvault", "2018"])
    }

    @Test func `for a day that Samoa's calendar left out ends with 64, and a range goes over it`() throws {
        try configure("Pacific/Apia")
        let program = try place.dialvault("run", "2011-12-30")
        #expect(program.status == 64)
        #expect(program.errors.contains("2011-12-30 does not exist in Pacific/Apia"), "\(program.errors)")
        let plan = try place.dialvault("run", "--dry-run", "--json", "--from", "2011-12-29", "--to", "2011-12-31")
        let days = try Program("jq", ["-r", ".days[].day"], input: plan.output)
        #expect(days.text == "2011-12-29\n2011-12-31\n", "\(plan.errors)")
    }

    @Test func `without a time zone ends with 78 and names the key`() throws {
        try configure(nil)
        for command in [["run", "2018-04-05"], ["status"], ["doctor"]] {
            let program = try run(command)
            #expect(program.status == 78)
            let said = program.text + program.errors
            #expect(said.contains("`timezone` is missing"), "\(said)")
        }
        #expect(!FileManager.default.fileExists(atPath: place.vault))
    }

    @Test(arguments: ["14", "0", "0d", "1e3", "two weeks", "-3d"])
    func `of a risk without a unit ends with 64`(risk: String) throws {
        try archive()
        let program = try place.dialvault("status", "--at-risk=\(risk)")
        #expect(program.status == 64, "\(program.text)")
        #expect(program.errors.contains("with its unit, such as 14d"), "\(program.errors)")
    }

    @Test(arguments: [["--lock-wait", "1e300"], ["--max-wait", "nan"], ["--lock-wait", "99999999999h"]])
    func `of a wait that no clock can measure ends with 64`(wait: [String]) throws {
        #expect(try run(["run", "2018-04-05", "--dry-run"] + wait).status == 64)
    }

    @Test(arguments: [
        (["forget", "--help"], "forget"), (["help", "stauts"], "dialvault status"),
        (["--help", "reindx"], "dialvault reindex"),
        (["serch"], "dialvault search"), (["qqqqqqqqqqqq", "-h"], "dialvault --help"),
    ])
    func `of a command that there is not ends with 64, help or not, and names the nearest`(
        arguments: [String],
        hint: String
    ) throws {
        let program = try run(arguments)
        #expect(program.status == 64)
        #expect(program.text.isEmpty)
        #expect(program.errors.contains("There is no command"), "\(program.errors)")
        #expect(program.errors.contains(hint), "\(program.errors)")
    }

    @Test func `of reindex with --dry-run leaves the ledger as it is`() throws {
        try archive()
        let ledger = "\(place.vault)/.dialvault/ledger.sqlite"
        let before = try place.bytes(ledger)
        let plan = try place.dialvault("reindex", "-n")
        #expect(plan.status == 0)
        #expect(plan.text == "the ledger would be made anew from 1 bag\n")
        #expect(try place.bytes(ledger) == before)
        try FileManager.default.removeItem(atPath: ledger)
        #expect(try place.dialvault("reindex", "--dry-run").status == 0)
        #expect(!FileManager.default.fileExists(atPath: ledger))
    }

    @Test(arguments: ["rm -f", "truncate -s 10", "ln -sf /etc/passwd"])
    func `of a file that is not the published one gets no path, ends with 5 and says what to do`(damage: String) throws
    {
        try archive()
        let recording = try #require(try place.manifest().first)
        try Program("sh", ["-c", "chmod u+w '\(place.bag())/data' -R; \(damage) '\(place.bag())/\(recording.path)'"])
        let got = try place.dialvault("get", recording.recordingID.text)
        #expect(got.status == 5)
        #expect(got.text.isEmpty)
        #expect(got.errors.contains("dialvault repair 2018-04-05"), "\(got.errors)")
        let paths = try place.dialvault("search", "--paths")
        #expect(paths.status == 5)
        #expect(paths.text.split(separator: "\n").count == (try place.manifest().count) - 1)
        #expect(!paths.text.contains(recording.path))
        #expect(try place.dialvault("show", recording.recordingID.text).status == 5)
    }
}
