import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `A sealed day` {
    /// Two days with an archive each, without the API. `outbound-2018-04-05` has a recording of the second day.
    private func dropPlace() throws -> Workplace {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        try place.configure(
            url: "http://127.0.0.1:9",
            sources: """
                    - name: outbound
                      kind: directory
                      path: \(place.scratch.file("drop"))
                      pattern: "outbound-{yyyy}-{MM}-{dd}.tar*"
                """
        )
        let configuration = try String(contentsOfFile: place.scratch.file("dialvault.yaml"), encoding: .utf8)
        try place.scratch.write(
            configuration.replacing("api:\n", with: "api:\n  enabled: false\n"),
            to: "dialvault.yaml"
        )
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/audio/greeting.mp3",
            toPath: place.scratch.file("20180406-100000_999189807150-all.mp3")
        )
        let tar = try Program(
            "tar",
            ["--create", "--file", "drop/outbound-2018-04-06.tar", "20180406-100000_999189807150-all.mp3"],
            in: place.scratch.path
        )
        try #require(tar.status == 0, "\(tar.errors)")
        return place
    }

    private func bringTheDayBefore(_ place: Workplace) throws {
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/archives/outbound-2018-04-05.tar.gz",
            toPath: place.scratch.file("drop/outbound-2018-04-05.tar.gz")
        )
    }

    @Test func `is left alone: nothing is asked for, nothing changes, and the run ends with 0`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        try place.dialvault("run", "2018-04-05")
        let before = try place.inventory()
        let sealing = try place.dialvault("run", "--seal", "2018-04-05")
        #expect(sealing.status == 0, "\(sealing.errors)")
        #expect(sealing.text.contains("sealed at "), "\(sealing.text)")
        #expect(try place.inventory() == before)

        let requests = try platform.requests().count
        for command in ["run", "fetch", "unpack", "verify", "collect", "merge"] {
            let again = try place.dialvault(command, "2018-04-05")
            #expect(again.status == 0, "\(command): \(again.errors)")
            #expect(again.text.contains("left alone until --reopen"), "\(command): \(again.text)")
        }
        #expect(try platform.requests().count == requests)
        #expect(try place.inventory() == before)
        #expect(try place.dialvault("run", "-n", "2018-04-05").text == "2018-04-05  sealed: left alone\n")
        #expect(try place.dialvault("show", "2018-04-05").text.contains("sealed at "))
        let marks = try Program("jq", ["-r", ".mark"], input: try place.dialvault("status", "--json").output).text
        #expect(marks.hasPrefix("sealed\n"))

        // The seal is no part of the ledger.
        try Program("sh", ["-c", "rm '\(place.vault)/.dialvault/ledger.sqlite'*"])
        #expect(try place.dialvault("reindex").status == 0)
        #expect(try place.dialvault("run", "2018-04-05").text.contains("left alone until --reopen"))

        #expect(try place.dialvault("run", "--reopen", "2018-04-05").status == 0)
        #expect(try platform.requests().count > requests)
        #expect(!(try place.dialvault("run", "2018-04-05").text.contains("sealed")))
    }

    @Test func `has to be complete, or accepted by name`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let refused = try place.dialvault("run", "--seal", "2018-04-06")
        #expect(refused.status == 75)
        #expect(refused.errors.contains("2018-04-06 is not sealed: it is incomplete"), "\(refused.errors)")
        #expect(try place.dialvault("run", "2018-04-06").status == 75)
        let accepted = try place.dialvault("run", "--seal", "--accept-incomplete", "2018-04-06")
        #expect(accepted.status == 0, "\(accepted.errors)")
        #expect(try place.dialvault("run", "2018-04-06").status == 0)
        #expect(try place.summary("2018-04-06").state == .incomplete)
        #expect(try place.dialvault("run", "--seal").status == 64)
        #expect(try place.dialvault("run", "--reopen").status == 64)
        let range = ["--from", "2018-04-05", "--to", "2018-04-06"]
        #expect(
            try place.dialvault("run", "--seal", "--accept-incomplete", range[0], range[1], range[2], range[3]).status
                == 64
        )
    }

    @Test func `is not sealed while a source cannot be reached, whatever is accepted`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        try place.dialvault("run", "2018-04-05")
        try platform.setFaults(#"[{"kind":"status","status":503,"endpoint":"recordings"}]"#)
        let run = try place.dialvault("run", "--seal", "--accept-incomplete", "--retries", "0", "2018-04-05")
        #expect(run.status == 75)
        #expect(run.errors.contains("2018-04-05 is not sealed"), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(place.vault)/.dialvault/seals/2018-04-05.json"))
    }

    @Test func `takes nothing in from a neighbour's archive, and nothing of it is lost`() throws {
        let place = try dropPlace()
        let sealing = try place.dialvault("run", "--seal", "2018-04-06")
        #expect(sealing.status == 0, "\(sealing.errors)")
        let before = try place.inventory("2018-04-06")

        try bringTheDayBefore(place)
        for _ in 1...2 {
            let run = try place.dialvault("run", "2018-04-05")
            #expect(run.status == 3, "\(run.errors)")
            #expect(try place.inventory("2018-04-06") == before)
            let source = try #require(try place.summary().sources.first)
            #expect(source.state == .partial)
            // Five on the day, README.txt, and the one of the next day.
            #expect((source.members, source.published) == (7, 5))
            #expect((source.moved, source.exceptions) == (0, 2))
            let late = try #require(try place.exceptions().first { $0.reason == .sealedDay })
            #expect(late.member == "MP3/20180406-000210_999189807063-all.mp3")
            #expect(late.detail.contains("dialvault run --reopen 2018-04-06 2018-04-05"))
            let kept = try #require(late.quarantinePath)
            let sum = try Program("sha256sum", ["\(place.vault)/\(kept)"]).text
            #expect(sum.prefix(64) == late.sha256?.hex ?? "")
        }

        let reopened = try place.dialvault("run", "--reopen", "2018-04-06", "2018-04-05")
        #expect(reopened.status == 0, "\(reopened.errors)")
        #expect(
            try place.manifest("2018-04-06").map(\.startedAt.description) == [
                "2018-04-05T22:02:10.000Z", "2018-04-06T08:00:00.000Z",
            ]
        )
        #expect(try place.summary().state == .complete)
        #expect(try place.exceptions().map(\.reason) == [.notAudio])
        #expect(try place.dialvault("audit").status == 0)
    }

    @Test func `that has a neighbour's recording already is no loss to that neighbour`() throws {
        let place = try dropPlace()
        try bringTheDayBefore(place)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.dialvault("run", "--seal", "2018-04-06").status == 0)
        let before = try place.inventory("2018-04-06")
        let day = try place.inventory()
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.inventory("2018-04-06") == before)
        #expect(try place.inventory() == day)
    }
}
