import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `Looking into a vault` {
    private let sample = "0ed866c1f8b44727827daaaf7e7b098c"

    @Test func `finds a recording by its id, however it is written`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let shown = try place.dialvault("show", "0ED866C1-F8B4-4727-827D-AAAF7E7B098C")
        #expect(shown.status == 0, "\(shown.errors)")
        let manifest = String(decoding: try place.bytes("\(place.bag())/manifest.jsonl"), as: UTF8.self)
        #expect(manifest.contains(shown.text))
    }

    @Test func `works with a ledger that was made anew from the bags`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let before = try place.dialvault("show", sample).text
        try Program("sh", ["-c", "rm '\(place.vault)/.dialvault/ledger.sqlite'*"])
        let reindex = try place.dialvault("reindex")
        #expect(reindex.text == "2 days, 25 recordings\n", "\(reindex.errors)")
        #expect(try place.dialvault("show", sample).text == before)
    }

    @Test func `gets its ledger back by itself with the next run, which counts on from the last publication`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        try Program("sh", ["-c", "rm '\(place.vault)/.dialvault/ledger.sqlite'*"])
        try place.dialvault("run", "2018-04-06")
        #expect(try place.dialvault("show", sample).status == 0)
        #expect(try place.summary("2018-04-05").sequence == 2)
        #expect(try place.summary("2018-04-06").sequence == 3)
    }

    @Test func `makes none, and says so`() throws {
        let place = try Workplace()
        try place.configure(url: "http://127.0.0.1:9")
        for arguments in [["status"], ["show", "2018-04-05"], ["reindex"], ["reindex", "-n"]] {
            let look = try Program(
                Places.product("dialvault"),
                arguments,
                in: place.scratch.path,
                environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
            )
            #expect(look.status == 1)
            #expect(look.errors.contains("There is no vault in"), "\(look.errors)")
        }
        let plan = try place.dialvault("run", "2018-04-05", "--dry-run")
        #expect(plan.status == 0, "\(plan.errors)")
        #expect(plan.text.contains("2018-04-05  outbound  not-attempted"))
        #expect(!FileManager.default.fileExists(atPath: place.vault))
    }

    @Test func `warns in time of what expires`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        let drop = place.scratch.file("drop")
        try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
        try place.configure(
            url: platform.url,
            sources: """
                    - name: outbound
                      kind: directory
                      path: \(drop)
                      pattern: "{yyyy}{MM}{dd}.tar"
                """,
            retention: "{}"
        )
        #expect(try place.dialvault("run", "yesterday").status == 75)
        // The dialer's archives are kept for 30 days.
        let soon = try place.dialvault("status", "--at-risk", "7d")
        #expect(soon.status == 0, "\(soon.errors)")
        #expect(soon.text.isEmpty)
        let later = try place.dialvault("status", "--at-risk", "31d")
        #expect(later.status == 5)
        #expect(later.text.contains("at-risk"))
        #expect(later.text.contains("outbound not-ready, until "))
        let all = try place.dialvault("status", "--json").text
        #expect(all.split(separator: "\n").count == 1)
    }

    @Test func `shows a day in 80 columns, with what is not published and why`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        for arguments in [["show", "2018-04-05"], ["status"], ["run", "2018-04-05"], ["--help"], ["run", "--help"]] {
            let text = try Program(
                Places.product("dialvault"),
                arguments,
                in: place.scratch.path,
                environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "COLUMNS": "80"]
            ).text
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
        }
        let day = try place.dialvault("show", "2018-04-05").text
        #expect(day.contains("outbound  not-audio  README.txt: it is plain text"))
    }

    @Test func `writes a configuration that can be read, and never over another one`() throws {
        let place = try Workplace()
        #expect(try place.dialvault("init", "mine.yaml").status == 0)
        #expect(try place.dialvault("run", "yesterday", "--dry-run", "--config", "mine.yaml").status == 0)
        let again = try place.dialvault("init", "mine.yaml")
        #expect(again.status == 64)
        #expect(again.errors.contains("was left alone"))
    }

    @Test func `probes any file, and exits 5 unless all are verified`() throws {
        let place = try Workplace()
        let audio = "\(Places.fixtures)/audio"
        #expect(try place.dialvault("probe", "\(audio)/greeting.mp3").status == 0)
        let cut = try place.dialvault("probe", "--json", "\(audio)/greeting-truncated.mp3")
        #expect(cut.status == 5)
        let code = try Program("jq", ["-r", ".verdict, .defects[].code"], input: cut.output).text
        #expect(code == "degraded\ntruncated\n")
        let declared = try place.dialvault("probe", "--declared-duration-ms", "9000", "\(audio)/greeting.mp3")
        #expect(declared.status == 5)
        #expect(declared.text.contains("duration-mismatch"))
    }
}
