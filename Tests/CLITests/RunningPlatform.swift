import Foundation
import TestSupport

/// `platform-sim`, running as a process of its own while a test needs it.
final class RunningPlatform {
    let url: String
    private let process = Process()
    private let output = Pipe()

    /// - Parameter account: the account's folder.
    init(account: String = "\(Places.fixtures)/account") throws {
        process.executableURL = URL(fileURLWithPath: Places.product("platform-sim"))
        process.arguments = [account, "--port", "0"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { line += byte }
        url = String(decoding: line, as: UTF8.self)
        precondition(url.hasPrefix("http://127.0.0.1:"), "platform-sim did not start: \(url)")
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    /// The log of requests: method, path and status of each.
    func requests() throws -> [String] {
        try Program("curl", ["--silent", "--fail", "\(url)/_sim/requests"])
            .json(RequestLog.self).items.map { "\($0.method) \($0.path)" }
    }

    /// What no good client does: the kinds of it that happened.
    func violations() throws -> [String] {
        try Program("curl", ["--silent", "--fail", "\(url)/_sim/violations"]).json(Violations.self).items.map(\.kind)
    }

    /// The requests whole, as the simulator logs them.
    func log() throws -> [LoggedRequest] {
        try Program("curl", ["--silent", "--fail", "\(url)/_sim/requests"]).json(FullLog.self).items
    }

    struct LoggedRequest: Decodable {
        let listener: String
        let endpoint: String
        let path: String
        let range: String?
        let credentials: String
        let status: Int?
        let bytes: Int
    }

    private struct FullLog: Decodable {
        let items: [LoggedRequest]
    }

    private struct Violations: Decodable {
        let items: [Item]

        struct Item: Decodable {
            let kind: String
        }
    }

    /// - Parameter faults: as JSON, in the form that `platform-sim --help` describes.
    func setFaults(_ faults: String) throws {
        let answer = try Program(
            "curl",
            [
                "--silent", "--show-error", "--fail", "-X", "PUT", "-H", "Content-Type: application/json", "-d", faults,
                "\(url)/_sim/faults",
            ]
        )
        precondition(answer.status == 0, answer.errors)
    }

    /// Returns when a request waits at the gate.
    func gateReached(_ gate: String) throws {
        _ = try Program(
            "curl",
            ["--silent", "--fail", "--max-time", "60", "\(url)/_sim/gates/\(gate)/reached?times=1"]
        )
    }

    private struct RequestLog: Decodable {
        let items: [Request]

        struct Request: Decodable {
            let method: String
            let path: String
        }
    }
}

extension Program {
    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: output)
    }
}
