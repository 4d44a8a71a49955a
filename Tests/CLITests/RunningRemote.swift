import Foundation
import TestSupport

/// What rclone serves a folder with.
enum RemoteKind: String, CaseIterable {
    case sftp, webdav
}

/// A folder that `rclone serve` offers on loopback, while a test needs it.
final class RunningRemote {
    static let username = "dialer"
    static let password = "letmein-remote"

    let kind: RemoteKind
    private let port: String
    private let process = Process()
    private let log = Pipe()

    init(_ kind: RemoteKind, _ folder: String) throws {
        self.kind = kind
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Nothing is remembered, so that what a test does to the folder shows at once.
        process.arguments = [
            "rclone", "serve", kind.rawValue, folder, "--addr", "127.0.0.1:0", "--user", Self.username, "--pass",
            Self.password, "--dir-cache-time", "0s", "--config", "/dev/null",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = log
        try process.run()
        var text = ""
        var address: Substring?
        while address == nil, let bytes = try log.fileHandleForReading.read(upToCount: 1) {
            text += String(decoding: bytes, as: UTF8.self)
            address = text.hasSuffix("\n") || text.hasSuffix("/\n") ? text.firstMatch(of: /127\.0\.0\.1:(\d+)/)?.1 : nil
        }
        guard let address else { preconditionFailure("rclone serve did not start: \(text)") }
        port = String(address)
    }

    deinit {
        stop()
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// A section of rclone's configuration that leads here.
    func section(_ name: String, password: String = RunningRemote.password) throws -> String {
        let obscured = try Program("rclone", ["obscure", password]).text.trimmingCharacters(in: .newlines)
        let place =
            kind == .sftp ? "host = 127.0.0.1\nport = \(port)" : "url = http://127.0.0.1:\(port)\nvendor = other"
        return "[\(name)]\ntype = \(kind.rawValue)\n\(place)\nuser = \(Self.username)\npass = \(obscured)\n"
    }
}

/// A remote, and a place that archives from it: its rclone is a script that can be told to go wrong.
final class RemotePlace {
    let place: Workplace
    /// What the remote serves.
    let folder: String
    let remote: RunningRemote

    /// - Parameters:
    ///   - pattern: of the one source, `partner`.
    ///   - keys: more of the configuration.
    init(
        _ kind: RemoteKind,
        pattern: String = "{yyyy}{MM}{dd}/*.zip",
        password: String = RunningRemote.password,
        keys: String = ""
    ) throws {
        place = try Workplace()
        folder = place.scratch.file("remote")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        remote = try RunningRemote(kind, folder)
        try place.scratch.write(try remote.section("drop", password: password), to: "rclone.conf")
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            retention: { dialer_days: 36500 }
            api: { enabled: false }
            dialer:
              \(keys)
              sources:
                - { name: partner, kind: rclone, remote: "drop:", pattern: "\(pattern)" }
            """,
            to: "dialvault.yaml"
        )
        place.environment["RCLONE_CONFIG"] = place.scratch.file("rclone.conf")
    }

    /// Puts a script in rclone's place, in which `$REAL` is the true one; its first argument is the command.
    func replaceRclone(_ script: String) throws {
        let real = try Program("sh", ["-c", "command -v rclone"]).text.trimmingCharacters(in: .newlines)
        let path = try place.scratch.write(
            "#!/bin/sh\nREAL=\(real)\ncd '\(place.scratch.path)'\necho \"$@\" >>calls\n\(script)\nexec $REAL \"$@\"\n",
            to: "bin/rclone"
        )
        chmod(path, 0o755)
        place.environment["PATH"] =
            "\(place.scratch.file("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    }

    /// The calls that the script saw, a line each.
    func calls() throws -> [String] {
        try String(contentsOfFile: place.scratch.file("calls"), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// Bytes that do not repeat, in a file of the remote.
    @discardableResult
    func putNoise(_ count: Int, at name: String) throws -> Data {
        var state: UInt64 = 88_172_645_463_325_252
        var bytes = Data(capacity: count)
        while bytes.count < count {
            // xorshift64 (G. Marsaglia, "Xorshift RNGs", 2003).
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
        }
        bytes = bytes.prefix(count)
        try place.scratch.write(bytes, to: "remote/\(name)")
        return bytes
    }

    /// The one archive that lies in the work folder, whole.
    func fetched(_ day: String = "2018-04-05") throws -> Data {
        let state = try JSONDecoder().decode(
            FetchedDay.self,
            from: place.bytes("\(place.vault)/.dialvault/work/\(day)/fetch.json")
        )
        return try place.bytes(state.sources.first?.archives.first?.path ?? "")
    }

    private struct FetchedDay: Decodable {
        let sources: [Source]

        struct Source: Decodable {
            let archives: [Archive]
        }

        struct Archive: Decodable {
            let path: String
        }
    }

    func pipe(_ name: String) throws -> String {
        let path = place.scratch.file(name)
        precondition(mkfifo(path, 0o600) == 0)
        return path
    }
}
