import Foundation
import Recordings
import TestSupport
import Testing

/// Everything that a remote can answer with instead of the day's archive: each its own state, sentence and exit code.
@Suite struct `A remote that gives no archive` {
    private func partner(_ remote: RemotePlace) throws -> DaySummary.Source {
        try #require(try remote.place.summary().sources.first { $0.name == "partner" })
    }

    @Test(arguments: RemoteKind.allCases)
    func `because the password is wrong is refused: 77`(kind: RemoteKind) throws {
        let remote = try RemotePlace(kind, password: "wrong-and-s3cret")
        try remote.putNoise(10, at: "20180405/a.zip")
        let run = try remote.place.dialvault("run", "2018-04-05", "--log-level", "trace")
        #expect(run.status == 77, "\(run.errors)")
        #expect(run.errors.contains("rclone lsd drop:"))
        #expect(!run.errors.contains("wrong-and-s3cret"))
        #expect(!FileManager.default.fileExists(atPath: remote.place.bag()))
    }

    @Test(arguments: RemoteKind.allCases)
    func `because nobody answers is unreachable: 75`(kind: RemoteKind) throws {
        let remote = try RemotePlace(kind)
        remote.remote.stop()
        let run = try remote.place.dialvault("run", "2018-04-05", "--retries", "0")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("connection refused"), "\(run.errors)")
    }

    @Test(arguments: RemoteKind.allCases)
    func `because it is not there yet is not ready, or empty where that is normal`(kind: RemoteKind) throws {
        let waiting = try RemotePlace(kind)
        let run = try waiting.place.dialvault("run", "2018-04-05")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("drop:20180405/*.zip"))
        #expect(run.errors.contains("late"))

        let empty = try RemotePlace(kind, keys: "on_missing: empty")
        let second = try empty.place.dialvault("run", "2018-04-05")
        #expect(second.status == 0, "\(second.errors)")
        #expect(try empty.place.summary().state == .empty)
    }

    @Test func `because the day's folder is there and has nothing in it is an empty day`() throws {
        let remote = try RemotePlace(.sftp)
        try FileManager.default.createDirectory(atPath: "\(remote.folder)/20180405", withIntermediateDirectories: true)
        let run = try remote.place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try remote.place.summary().state == .empty)
        #expect(try partner(remote).state == .empty)
    }

    @Test func `because the remote's own folder is not there is never an empty day`() throws {
        let remote = try RemotePlace(.sftp, keys: "on_missing: empty")
        try remote.place.scratch.write(
            try String(contentsOfFile: remote.place.scratch.file("dialvault.yaml"), encoding: .utf8)
                .replacing("\"drop:\"", with: "\"drop:not/mounted\""),
            to: "dialvault.yaml"
        )
        let run = try remote.place.dialvault("run", "2018-04-05", "--retries", "0")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("there is no such folder"))
    }

    @Test func `because it went away before it came whole is gone: 3, and the day says so`() throws {
        let remote = try RemotePlace(.sftp)
        try remote.putNoise(3_000_000, at: "20180405/a.zip")
        try remote.putNoise(10, at: "20180405/readme.txt")
        try remote.replaceRclone(#"if [ "$1" = cat ]; then $REAL "$@" | head -c 1000000; exit 5; fi"#)
        #expect(try remote.place.dialvault("run", "2018-04-05", "--retries", "0").status == 75)
        try FileManager.default.removeItem(atPath: "\(remote.folder)/20180405/a.zip")
        let run = try remote.place.dialvault("run", "2018-04-05")
        #expect(run.errors.contains("is gone"), "\(run.errors)")
        #expect(run.status == 3, "\(run.errors)")
    }

    @Test func `because it is being written is not ready: it grows while it is fetched`() throws {
        let remote = try RemotePlace(.sftp)
        try remote.putNoise(100_000, at: "20180405/a.zip")
        try remote.replaceRclone(#"if [ "$1" = cat ]; then $REAL "$@"; echo more >>remote/20180405/a.zip; exit; fi"#)
        let run = try remote.place.dialvault("run", "2018-04-05")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("20180405/a.zip is still being written"))
        // Once its writer is done it is taken.
        try remote.replaceRclone("")
        let second = try remote.place.dialvault("fetch", "2018-04-05")
        #expect(second.status == 0, "\(second.errors)")
        #expect(try remote.fetched() == remote.place.bytes("\(remote.folder)/20180405/a.zip"))
    }

    @Test(arguments: [".part", ".tmp", ".partial", ".filepart"])
    func `because another file of the day is being written is not ready`(ending: String) throws {
        let remote = try RemotePlace(.sftp)
        try remote.putNoise(100, at: "20180405/a.zip")
        try remote.putNoise(100, at: "20180405/b.zip\(ending)")
        let run = try remote.place.dialvault("run", "2018-04-05")
        #expect(run.status == 75, "\(run.errors)")
        #expect(run.errors.contains("20180405/b.zip\(ending) is still being written"))
    }

    @Test func `as its hash says it is fetched once more, and twice wrong is a failure: 1`() throws {
        let once = try RemotePlace(.sftp)
        let bytes = try once.putNoise(100_000, at: "20180405/a.zip")
        try once.replaceRclone(#"if [ "$1" = cat ] && mkdir bent 2>/dev/null; then $REAL "$@" | tr a b; exit; fi"#)
        let first = try once.place.dialvault("fetch", "2018-04-05")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try once.fetched() == bytes)

        let always = try RemotePlace(.sftp)
        try always.putNoise(100_000, at: "20180405/a.zip")
        try always.replaceRclone(#"if [ "$1" = cat ]; then $REAL "$@" | tr a b; exit; fi"#)
        let second = try always.place.dialvault("run", "2018-04-05")
        #expect(second.status == 1, "\(second.errors)")
        #expect(second.errors.contains("hash"))
    }

    @Test func `because rclone is not installed, or knows no such remote, is a wrong set-up: 78`() throws {
        let remote = try RemotePlace(.sftp)
        remote.place.environment["PATH"] = remote.place.scratch.file("nothing")
        let missing = try remote.place.dialvault("run", "2018-04-05")
        #expect(missing.status == 78, "\(missing.errors)")
        #expect(missing.errors.contains("apt-get install rclone"))

        remote.place.environment["PATH"] = nil
        remote.place.environment["RCLONE_CONFIG"] = remote.place.scratch.file("other.conf")
        let unknown = try remote.place.dialvault("run", "2018-04-05")
        #expect(unknown.status == 78, "\(unknown.errors)")
        #expect(unknown.errors.contains("drop:"))
    }
}
