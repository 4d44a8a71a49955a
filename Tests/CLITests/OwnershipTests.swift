import Foundation
import Recordings
import TestSupport
import Testing

/// Who may read a vault and who may write to it. Two users that the system does not know stand for its owner and another; the
/// group is that of the one who runs the tests.
@Suite(.enabled(if: geteuid() == 0)) struct `A vault of one user` {
    private static let owner = "61001"
    private static let member = "61002"
    private static let sample = "0ed866c1f8b44727827daaaf7e7b098c"
    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace(platform)
        try Program("chmod", ["755", place.scratch.path])
    }

    private func run(as user: String, _ arguments: String...) throws -> Program {
        try Program(
            "setpriv",
            ["--reuid=\(user)", "--regid=0", "--clear-groups", Places.product("dialvault")] + arguments,
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        )
    }

    /// Every file of the vault with its owner, mode, size and time.
    private func inventory() throws -> String {
        try Program("sh", ["-c", "find . -printf '%p %U %m %s %T@\\n' | LC_ALL=C sort"], in: place.vault).text
    }

    @Test func `is read by a member of the group, who changes nothing`() throws {
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let before = try inventory()
        let shown = try run(as: Self.member, "show", Self.sample)
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.text == (try place.dialvault("show", Self.sample).text))
        let got = try run(as: Self.member, "get", Self.sample)
        #expect(got.status == 0, "\(got.errors)")
        #expect(got.text.hasPrefix(place.bag()))
        for query in ["status", "search", "export", "changes", "audit"] {
            let program = try run(as: Self.member, query)
            #expect(program.status == 0, "\(query): \(program.errors)")
            #expect(program.errors.isEmpty, "\(query): \(program.errors)")
            #expect(program.output == (try place.dialvault(query).output), "\(query)")
        }
        #expect(try run(as: Self.member, "show", "2018-04-05").status == 0)
        #expect(try inventory() == before)
    }

    @Test func `is refused to a run of anybody else with 12, before anything is written`() throws {
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        try Program("chown", ["-R", Self.owner, place.vault])
        let before = try inventory()
        let root = geteuid()
        for arguments in [
            ["run", "2018-04-06"], ["run"], ["fetch", "2018-04-05"], ["merge", "2018-04-05"], ["reindex"],
            ["get", "00000000000000000000000000000000"],
        ] {
            for user in ["\(root)", Self.member] {
                let program = try Program(
                    "setpriv",
                    ["--reuid=\(user)", "--regid=0", "--clear-groups", Places.product("dialvault")] + arguments,
                    in: place.scratch.path,
                    environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
                )
                #expect(program.status == 12, "\(arguments) as \(user): \(program.errors)")
                #expect(program.errors.contains("belongs to uid \(Self.owner)"), "\(program.errors)")
                #expect(try inventory() == before, "\(arguments) as \(user)")
            }
        }
        // Without its hidden folder, as it is restored from a backup of the bags, it is the same user's.
        try Program("rm", ["-r", "\(place.vault)/.dialvault"])
        #expect(try place.dialvault("run", "2018-04-05").status == 12)
        #expect(!FileManager.default.fileExists(atPath: "\(place.vault)/.dialvault"))
    }

    @Test func `is named by the doctor`() throws {
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let own = try place.dialvault("doctor")
        #expect(own.status == 0, "\(own.text)")
        #expect(own.text.contains("owned by root (uid 0)"), "\(own.text)")
        try Program("chown", ["-R", Self.owner, place.vault])
        let other = try place.dialvault("doctor")
        #expect(other.status == 12, "\(other.text)")
        #expect(other.text.contains("error    vault"), "\(other.text)")
        #expect(other.text.replacing(/\s+/, with: " ").contains("belongs to uid \(Self.owner)"), "\(other.text)")
    }
}
