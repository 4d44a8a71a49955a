import Foundation
import Recordings
import TestSupport
import Testing

/// The installed rclone against remotes that the installed rclone serves, through the built programs.
@Suite struct `A source that rclone reaches` {
    @Test(arguments: RemoteKind.allCases)
    func `gives the same day, to the byte, as the same archives over https do`(kind: RemoteKind) throws {
        let platform = try RunningPlatform()
        let byHTTPS = try Workplace(platform)
        try byHTTPS.dialvault("run", "2018-04-05")

        let remote = try RunningRemote(kind, "\(Places.fixtures)/account/archives")
        let place = try Workplace()
        try place.scratch.write(try remote.section("drop"), to: "rclone.conf")
        place.environment["RCLONE_CONFIG"] = place.scratch.file("rclone.conf")
        try place.configure(
            url: platform.url,
            sources: """
                    - name: outbound
                      kind: rclone
                      remote: "drop:"
                      pattern: "outbound-{yyyy}-{MM}-{dd}*.tar.gz"
                    - { name: power, kind: rclone, remote: "drop:power", pattern: "{yyyy}{MM}{dd}.zip" }
                    - { name: partner, kind: rclone, remote: "drop:/", pattern: "export-{yyyy-MM-dd}.t[a-b]r" }
                """
        )
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.summary().state == .complete)
        #expect(try Set(place.summary().sources.map(\.kind)) == [.rclone, .api])
        #expect(try place.bytes("\(place.bag())/manifest.jsonl") == byHTTPS.bytes("\(byHTTPS.bag())/manifest.jsonl"))

        let before = try place.inventory()
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.inventory() == before)
    }

    @Test func `is looked into below a folder a day, and archives with the same name are two`() throws {
        let remote = try RemotePlace(.sftp, pattern: "{yyyy}{MM}{dd}/*/*.zip")
        let archives = "\(Places.fixtures)/account/archives"
        let zip = try remote.place.bytes("\(archives)/power/20180405.zip")
        try remote.place.scratch.write(zip, to: "remote/20180405/a/day.zip")
        try remote.place.scratch.write(
            try remote.place.bytes("\(archives)/export-2018-04-05.tar"),
            to: "remote/20180405/b/day.zip"
        )
        try remote.place.scratch.write(zip, to: "remote/20180406/a/day.zip")
        try remote.place.scratch.write(zip, to: "remote/20180405/day.zip")
        try remote.place.scratch.write(zip, to: "remote/20180405/a/deeper/day.zip")
        let run = try remote.place.dialvault("run", "2018-04-05")
        #expect(run.status == 0 || run.status == 3, "\(run.errors)")
        let source = try #require(try remote.place.summary().sources.first)
        #expect(source.archives.map(\.name) == ["20180405/a/day.zip", "20180405/b/day.zip"])
    }

    @Test(arguments: RemoteKind.allCases)
    func `goes on where a killed fetch stopped`(kind: RemoteKind) throws {
        let remote = try RemotePlace(kind)
        let total = 24_000_000
        let bytes = try remote.putNoise(total, at: "20180405/a.zip")
        let half = try remote.pipe("half")
        let never = try remote.pipe("never")
        try remote.replaceRclone(
            """
            if [ "$1" = cat ]; then
                $REAL "$@" | { head -c 12000000; echo >half; cat never >/dev/null; }
                exit
            fi
            """
        )
        let first = try remote.place.start("fetch", "2018-04-05")
        _ = try FileHandle(forReadingFrom: URL(fileURLWithPath: half)).readToEnd()
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        // What the script started waits there.
        try FileHandle(forWritingTo: URL(fileURLWithPath: never)).close()

        try remote.replaceRclone(#"if [ "$1" = cat ]; then $REAL "$@" | tee -a second; exit; fi"#)
        let second = try remote.place.dialvault("fetch", "2018-04-05")
        #expect(second.status == 0, "\(second.errors)")
        #expect(try remote.fetched() == bytes)
        // What had left rclone and had not reached the disk is lost: at most the pipe, and what was in hand.
        let transferred = try remote.place.bytes(remote.place.scratch.file("second")).count
        #expect(transferred >= total - 12_000_000)
        #expect(transferred <= total - 12_000_000 + 1_500_000)
        #expect(try remote.calls().contains { $0.hasPrefix("cat ") && $0.contains("--offset=\(total - transferred) ") })
    }

    @Test func `goes on within one run when the way is cut`() throws {
        let remote = try RemotePlace(.sftp)
        let bytes = try remote.putNoise(3_000_000, at: "20180405/a.zip")
        try remote.replaceRclone(
            #"if [ "$1" = cat ] && mkdir cut 2>/dev/null; then $REAL "$@" | head -c 2000000; exit 5; fi"#
        )
        let run = try remote.place.dialvault("fetch", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try remote.fetched() == bytes)
        #expect(
            try remote.calls().filter { $0.hasPrefix("cat ") }.map { $0.contains("--offset=2000000 ") } == [
                false, true,
            ]
        )
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
    func `is let go of within two seconds when the run is ended, and nothing keeps running`(signal: Int32) throws {
        let remote = try RemotePlace(.sftp)
        try remote.putNoise(1000, at: "20180405/a.zip")
        let alive = try remote.pipe("alive")
        _ = try remote.pipe("never")
        try remote.replaceRclone(#"if [ "$1" = cat ]; then exec 9>alive; echo >&9; exec cat never; fi"#)
        let run = try remote.place.start("fetch", "2018-04-05")
        let life = try FileHandle(forReadingFrom: URL(fileURLWithPath: alive))
        _ = try life.read(upToCount: 1)
        let start = ContinuousClock.now
        kill(run.processIdentifier, signal)
        run.waitUntilExit()
        // The pipe's other end is closed when the last process that holds it has ended.
        _ = try life.readToEnd()
        #expect(ContinuousClock.now - start < .seconds(2))
        if signal != SIGKILL { #expect(run.terminationStatus == 130) }
    }

    @Test func `gets none of our secrets, and the bandwidth limit`() throws {
        let remote = try RemotePlace(.sftp)
        try remote.putNoise(12_000_000, at: "20180405/a.zip")
        try remote.replaceRclone("env >>environment")
        remote.place.environment["DIALVAULT_API_USERNAME"] = "archive@example.com"
        remote.place.environment["DIALVAULT_API_PASSWORD"] = "s3cret-of-the-account"
        let start = ContinuousClock.now
        let run = try remote.place.dialvault("fetch", "2018-04-05", "--bwlimit", "4M")
        #expect(run.status == 0, "\(run.errors)")
        // rclone lets 4 MiB through at once; what is left takes its time.
        #expect(ContinuousClock.now - start > .seconds(1))
        let given = try String(contentsOfFile: remote.place.scratch.file("environment"), encoding: .utf8)
        #expect(given.contains("RCLONE_CONFIG="))
        #expect(!given.contains("DIALVAULT_"))
        #expect(!given.contains("s3cret-of-the-account"))
        #expect(try remote.calls().allSatisfy { $0.contains("--bwlimit=4M") && !$0.contains("s3cret") })
    }
}
