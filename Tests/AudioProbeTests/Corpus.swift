import Foundation
import Testing

/// Small intact files from every encoder at hand, made once a test run by `make-corpus.sh`.
struct Corpus: Sendable {
    struct File: Sendable, CustomTestStringConvertible {
        let name: String
        let url: URL
        var testDescription: String { name }

        func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }
    }

    let files: [File]

    static let shared = Result { try Corpus() }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("dialvault-probe-corpus-\(ProcessInfo.processInfo.processIdentifier)")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "make-corpus.sh"
        )
        _ = try Tool.run("bash", [script.path, folder.path])
        files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { File(name: $0.lastPathComponent, url: $0) }
            .sorted { $0.name < $1.name }
        CorpusFolder.removeAtExit(folder)
    }

    func file(_ name: String) throws -> File {
        try #require(files.first { $0.name == name }, "no file \(name) in the corpus")
    }
}

/// Removes the corpus when the test process ends.
private enum CorpusFolder {
    static func removeAtExit(_ folder: URL) {
        // The handler takes no context, so the path is handed over in the environment.
        setenv("DIALVAULT_PROBE_CORPUS", folder.path, 1)
        atexit {
            guard let path = getenv("DIALVAULT_PROBE_CORPUS") else { return }
            try? FileManager.default.removeItem(atPath: String(cString: path))
        }
    }
}

/// Runs a program that makes or decodes test audio.
enum Tool {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Returns what the program writes to its standard output.
    static func run(_ name: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(
                description: "\(name) \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)"
            )
        }
        return data
    }

    /// Samples a channel that FFmpeg decodes from a file, at the file's own rate.
    static func decodedSamples(_ file: URL) throws -> Int64 {
        let pcm = try run(
            "ffmpeg",
            ["-v", "error", "-nostdin", "-i", file.path, "-map", "0:a", "-ac", "1", "-f", "s16le", "-"]
        )
        return Int64(pcm.count / 2)
    }
}
