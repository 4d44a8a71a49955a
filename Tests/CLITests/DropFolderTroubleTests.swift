import Foundation
import Recordings
import TestSupport
import Testing

/// What can be wrong with a drop folder and with what lies in it: it is that source's state, and nobody else's.
@Suite struct `A drop folder with trouble in it` {
    private let place: Workplace
    private let drop: String

    init() throws {
        place = try Workplace()
        drop = place.scratch.file("drop")
        try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
        // A second source, of which nothing is wrong, and a platform that gives the API's recordings.
        let platform = try RunningPlatform()
        self.platform = platform
        try place.configure(
            url: platform.url,
            sources: """
                    - { name: outbound, kind: directory, path: "\(drop)", pattern: "calls-{yyyy-MM-dd}*" }
                    - name: partner
                      kind: directory
                      path: \(Places.fixtures)/account/archives
                      pattern: "export-{yyyy}-{MM}-{dd}.tar"
                  on_missing: empty
                """
        )
    }

    private let platform: RunningPlatform

    /// Runs the day as a user whom permissions stop, which root's own rights would not.
    private func run(_ day: String...) throws -> Program {
        try Program(
            "setpriv",
            ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
                + [Places.product("dialvault"), "run"] + day + ["--tpslimit", "500"],
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        )
    }

    private func shell(_ script: String) throws {
        let result = try Program("bash", ["-c", script], in: drop)
        #expect(result.status == 0, "\(result.errors)")
    }

    private func outbound() throws -> DaySummary.Source {
        try #require(try place.summary().sources.first { $0.name == "outbound" })
    }

    private static let archive = "\(Places.fixtures)/account/archives/power/20180405.zip"

    struct Case: CustomTestStringConvertible, Sendable {
        /// What makes the trouble, in the folder.
        let script: String
        let words: String
        /// What ends it.
        var mend = "chmod 700 . ; rm -rf ./calls*"

        var testDescription: String { script }
    }

    @Test(arguments: [
        Case(script: "cp ARCHIVE calls-2018-04-05.zip; chmod 000 calls-2018-04-05.zip", words: "calls-2018-04-05.zip"),
        Case(script: "mkdir calls-2018-04-05.zip", words: "is a folder"),
        Case(script: "mkfifo calls-2018-04-05.zip", words: "named pipe"),
        Case(script: "ln -s /nowhere/calls.zip calls-2018-04-05.zip", words: "symbolic link to nothing"),
        Case(script: "ln -s calls-2018-04-05.zip calls-2018-04-05.zip", words: "calls-2018-04-05.zip"),
        Case(script: "ln -s /dev/null calls-2018-04-05.zip", words: "a device"),
        Case(script: "cp ARCHIVE calls-2018-04-05.zip; chmod 400 .", words: "calls-2018-04-05.zip"),
        Case(script: "cp ARCHIVE calls-2018-04-05.zip; chmod 300 .", words: "cannot be listed"),
        Case(script: "rmdir ../drop", words: "there is no folder", mend: "true"),
        Case(script: "rmdir ../drop; touch ../drop", words: "is not a folder", mend: "true"),
        Case(
            script: "cp ARCHIVE \"calls-2018-04-05-M$(printf '\\374')ller.zip\"",
            words: #"calls-2018-04-05-M\xfcller.zip"#
        ),
    ])
    func `has failed, and everything else is archived`(item: Case) throws {
        try shell(item.script.replacing("ARCHIVE", with: Self.archive))
        let run = try run("2018-04-05", "2018-04-06")
        if item.mend != "true" { try shell(item.mend) }
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains(item.words), "\(run.errors)")
        #expect(!run.errors.contains("owns the vault"))
        #expect(try outbound().state == .failed)
        #expect(try outbound().detail?.contains(item.words) == true)
        let partner = try place.summary().sources.first { $0.name == "partner" }
        #expect(partner?.state == .complete)
        #expect(try place.manifest().count == 15, "three of the other source, and the platform's twelve")
        #expect(FileManager.default.fileExists(atPath: "\(place.bag("2018-04-06"))/day.json"))
    }

    @Test func `gives what of it can be read, and says what cannot`() throws {
        try shell("cp \(Self.archive) calls-2018-04-05-a.zip; ln -s /nowhere calls-2018-04-05-b.zip")
        let run = try run("2018-04-05")
        #expect(run.status == 75, "\(run.errors)")
        let source = try outbound()
        #expect(source.state == .partial)
        #expect(source.detail?.contains("calls-2018-04-05-b.zip is a symbolic link to nothing") == true)
        #expect(source.published > 0)

        try shell("rm calls-2018-04-05-b.zip")
        let next = try self.run("2018-04-05")
        #expect(next.status == 0, "\(next.errors)")
        #expect(try outbound().state == .complete)
    }

    /// The last one is a file of the system's that is listed and whose every reading fails, where there is one.
    private static let replacements =
        ["rm X", "rm X; mkdir X", "rm X; mkfifo X", "rm X; ln -s X X"]
        + ["/sys/class/net/lo/speed"].filter { FileManager.default.fileExists(atPath: $0) }.map { "ln -sf \($0) X" }

    @Test(arguments: replacements)
    func `whose archive cannot be read when its turn comes has failed`(replacement: String) throws {
        try shell("cp \(Self.archive) calls-2018-04-05.zip")
        #expect(try place.dialvault("fetch", "2018-04-05").status == 0)
        try shell(replacement.replacing("X", with: "calls-2018-04-05.zip"))
        let unpack = try place.dialvault("unpack", "2018-04-05")
        #expect(unpack.status == 75, "\(unpack.errors)")
        #expect(unpack.errors.contains("calls-2018-04-05.zip"))
        for stage in ["verify", "collect", "merge"] { _ = try place.dialvault(stage, "2018-04-05") }
        #expect(try outbound().state == .failed)
        #expect(try outbound().detail?.contains("calls-2018-04-05.zip") == true)
        #expect(try place.summary().sources.first { $0.name == "partner" }?.state == .complete)
        #expect(try place.manifest().count == 15)

        try shell("rm -rf calls*; cp \(Self.archive) calls-2018-04-05.zip")
        let next = try place.dialvault("run", "2018-04-05")
        #expect(next.status == 0, "\(next.errors)")
    }
}
