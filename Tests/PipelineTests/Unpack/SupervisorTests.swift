import ArchiveReader
import Foundation
import Pipeline
import Recordings
import Synchronization
import TestSupport
import Testing

/// Workers are shell scripts here: what a worker can do wrong does not depend on what it is made of.
@Suite("Workers that unpack")
struct SupervisorTests {
    private let unpacking: Unpacking

    init() throws {
        unpacking = try Unpacking()
        try unpacking.make("echo one > a; tar czf out a; mkdir -p work/blobs")
    }

    /// - Parameter script: runs after the request was read into `$request`.
    private func supervisor(_ script: String, patience: Duration = .seconds(20)) -> UnpackSupervisor {
        UnpackSupervisor(
            .init(
                executable: "/bin/bash",
                arguments: ["-c", "request=$(cat); cd '\(unpacking.folder.path)'; \(script)"]
            ),
            patience: patience
        )
    }

    private static let row = """
        {"content":{"file":{"_0":{"defects":[]}}},"index":0,"name":"a","sizeBytes":4}
        """

    /// A worker that has written one row and half of the next.
    private static let begins = "printf '%s\\n%s' '\(row)' '{\"conte' > work/rows.jsonl"

    @Test(
        "A worker that is lost ends its archive; its rows stay, up to the one that was begun",
        arguments: [
            ("kill -SEGV $$", "crashed (signal 11)"), ("kill -KILL $$", "the memory it took"),
            ("kill -XCPU $$", "processor time"), ("exit 7", "ended with code 7"),
            ("echo nonsense", "ended with code 0"),
        ]
    )
    func lost(_ script: String, _ reason: String) async throws {
        let archive = try await supervisor("\(Self.begins); \(script)").unpack(unpacking.request("out"))
        #expect(archive.state == .partial)
        #expect(archive.detail?.contains(reason) == true, "\(archive.detail ?? "")")
        #expect(archive.rows == 1)
        #expect(archive.crcMismatch)
        #expect(archive.sha256.hex == (try unpacking.sha256(of: "out")))
        #expect(try unpacking.rows().map(\.name) == ["a"])
    }

    @Test("A worker that is lost before its first row leaves an unreadable archive")
    func lostAtOnce() async throws {
        let archive = try await supervisor("kill -ABRT $$").unpack(unpacking.request("out"))
        #expect(archive.state == .unreadable)
        #expect(archive.rows == 0)
    }

    @Test("A worker that gets nowhere is ended")
    func still() async throws {
        let same = #"{"progress":{"_0":{"readBytes":1,"unpackedBytes":0,"members":0,"activity":1}}}"#
        let script = "while :; do echo '\(same)'; sleep 0.05; done"
        let archive = try await supervisor(script, patience: .milliseconds(400)).unpack(unpacking.request("out"))
        #expect(archive.detail?.contains("got nowhere") == true)
    }

    @Test("What a worker reports is passed on")
    func progress() async throws {
        let line = #"{"progress":{"_0":{"readBytes":5,"unpackedBytes":6,"members":7,"activity":8}}}"#
        let seen = Mutex<[UnpackProgress]>([])
        _ = try await supervisor("echo '\(line)'").unpack(unpacking.request("out")) { update in
            seen.withLock { $0.append(update) }
        }
        #expect(seen.withLock { $0.map(\.members) } == [7])
    }

    @Test("A full disk in a worker is a failure of the run")
    func diskFull() async throws {
        let line = #"{"failed":{"code":"diskFull","message":"cannot write","advice":"free some"}}"#
        let failure = await #expect(throws: Failure.self) {
            try await supervisor("echo '\(line)'; exit 1").unpack(unpacking.request("out"))
        }
        #expect(failure?.code == .diskFull)
        #expect(failure?.advice == "free some")
    }

    @Test("Cancelling ends the worker at once")
    func cancelled() async throws {
        let supervisor = supervisor("echo $$ > pid; : > started; exec sleep 1000")
        let request = unpacking.request("out")
        let task = Task { try await supervisor.unpack(request) }
        let started = unpacking.folder.file("started")
        while !FileManager.default.fileExists(atPath: started) { await Task.yield() }
        task.cancel()
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.code == .interrupted)
        #expect(try Program("sh", ["-c", "kill -0 $(cat pid)"], in: unpacking.folder.path).status != 0)
    }

    @Test("A worker that does not read its request, or cannot be started, harms nobody")
    func deaf() async throws {
        let deaf = UnpackSupervisor(.init(executable: "/bin/true", arguments: []))
        var request = unpacking.request("out")
        request.passphrase = String(repeating: "x", count: 900_000)
        #expect(try await deaf.unpack(request).state == .unreadable)
        let missing = UnpackSupervisor(.init(executable: "/nonexistent/program", arguments: []))
        await #expect(throws: Failure.self) { try await missing.unpack(request) }
    }

    @Test("A passphrase reaches its worker by the input alone: neither its arguments nor its environment have it")
    func passphrase() async throws {
        var request = unpacking.request("out")
        request.passphrase = "hunter2"
        let script = "cat /proc/$$/cmdline /proc/$$/environ > seen; printf %s \"$request\" > given; kill -SEGV $$"
        let archive = try await supervisor(script).unpack(request)
        let given = try String(contentsOfFile: unpacking.folder.file("given"), encoding: .utf8)
        #expect(given.contains("hunter2"))
        let seen = try Data(contentsOf: URL(fileURLWithPath: unpacking.folder.file("seen")))
        #expect(!seen.isEmpty)
        #expect(seen.range(of: Data("hunter2".utf8)) == nil)
        #expect(archive.detail?.contains("hunter2") == false)
    }

    @Test("Several archives are unpacked, each by a worker, in the order that was asked for")
    func several() async throws {
        var requests = [unpacking.request("out"), unpacking.request("out"), unpacking.request("out")]
        for index in requests.indices {
            requests[index].archiveName = "\(index)"
            requests[index].rowsPath += "\(index)"
        }
        let archives = try await supervisor("kill -SEGV $$").unpack(requests, width: 2)
        #expect(try archives.map { try $0.get().archive } == ["0", "1", "2"])
    }
}
