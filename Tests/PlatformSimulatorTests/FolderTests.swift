import Foundation
import PlatformSimulator
import Recordings
import Testing

@Suite("The account's folder, and the program")
struct FolderTests {
    private static let settings = """
        {"users": [{"username": "u", "password": "p"}], "access": [{"id": "archive", "token": "tin opener"}],
         "rate_limit": {"per_second": 50}, "page": {"order": "asc"}}
        """
    private static let recordings = """
        [{"id": "r01", "dateCreated": "2018-04-05T00:00:00.000Z", "audio": "one.wav", "omit": ["tags"]},
         {"id": "r02", "dateCreated": "2018-04-05T00:01:00.000Z", "state": "recording", "agent": null}]
        """

    private func write(_ files: [String: String], to folder: URL) throws {
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
    }

    @Test("A folder becomes an account that is served")
    func folder() async throws {
        try await withTemporaryFolder { folder async throws in
            try write(
                [
                    "account.json": Self.settings, "recordings.json": Self.recordings, "audio/one.wav": "RIFF",
                    "archives/d/a.zip": "PK",
                    "faults.json": #"[{"kind":"status","status":500,"endpoint":"calls"}]"#,
                ],
                to: folder
            )
            let simulator = try await PlatformSimulator.start(folder: folder)
            #expect(simulator.account.rateLimit?.perSecond == 50)
            let items = try await Client.send(simulator.recordingsURL).items()
            #expect(items.first?["file"]?["name"] == "r01.wav")
            #expect(items.first?["file"]?["size"] == 4)
            #expect(items.first?["file"]?["contentType"] == "audio/wav")
            #expect(items.first?["tags"] == nil)
            #expect(items.last?["file"] == nil)
            #expect(items.last?["agent"] == .null)
            #expect(try await Client.send(simulator.audioURL("r01")).text == "RIFF")
            #expect(try await Client.send(simulator.baseURL + "/archives/d/a.zip", headers: [:]).text == "PK")
            #expect(try await Client.send(simulator.baseURL + "/api/v2/calls/reporting").status == 500)

            try write(["recordings.json": "[]"], to: folder)
            try simulator.reload()
            #expect(try await Client.send(simulator.recordingsURL).items().isEmpty)
            await simulator.shutdown()
        }
    }

    @Test(
        "A folder that is wrong is refused with a sentence that names what",
        arguments: [
            (["recordings.json": "[]"], "account.json"),
            (["account.json": "{"], "account.json"),
            (["account.json": #"{"user": []}"#], "user"),
            (["account.json": #"{"users": [{"username": "u"}]}"#], "password"),
            (["account.json": "{}", "recordings.json": #"[{"id": "r", "audio": "gone.mp3"}]"#], "gone.mp3"),
            (["account.json": "{}", "faults.json": #"[{"kind": "status"}]"#], "status"),
        ] as [([String: String], String)]
    )
    func wrong(files: [String: String], expected: String) async throws {
        try await withTemporaryFolder { folder async throws in
            try write(files, to: folder)
            let failure = #expect(throws: Failure.self) { try Account(folder: folder) }
            #expect(failure?.message.contains(expected) == true)
        }
    }

    @Test("The program prints its base URL on one line, serves, and ends well on SIGTERM")
    func program() async throws {
        try await withTemporaryFolder { folder async throws in
            try write(["account.json": Self.settings, "recordings.json": "[]"], to: folder)
            let process = Process()
            process.executableURL = try Self.programURL
            process.arguments = [folder.path, "--log", folder.appendingPathComponent("log.jsonl").path]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            let ended = AsyncStream<Int32>.makeStream()
            process.terminationHandler = { ended.continuation.yield($0.terminationStatus) }
            try process.run()

            let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            #expect(line.hasSuffix("\n"))
            let base = line.trimmingCharacters(in: .newlines)
            #expect(base.hasPrefix("http://127.0.0.1:"))
            #expect(try await Client.send(base + "/api/v2/recordings").status == 200)
            process.terminate()
            var statuses = ended.stream.makeAsyncIterator()
            #expect(await statuses.next() == 0)
            #expect(try output.fileHandleForReading.readToEnd()?.isEmpty ?? true)
            let log = try String(contentsOf: folder.appendingPathComponent("log.jsonl"), encoding: .utf8)
            #expect(log.split(separator: "\n").count == 1)
        }
    }

    /// The program lies beside the test bundle.
    private static var programURL: URL {
        get throws {
            let bundle = try #require(ProcessInfo.processInfo.arguments.first)
            return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("platform-sim")
        }
    }
}
