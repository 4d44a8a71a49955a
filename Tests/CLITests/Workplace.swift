import Foundation
import Recordings
import TestSupport

/// A folder with a configuration and a vault, and `dialvault` to run in it.
final class Workplace {
    let scratch: ScratchFolder
    /// Kept running as long as the workplace is there.
    private var platform: RunningPlatform?

    /// What `dialvault` finds in its environment besides the test's own.
    var environment: [String: String] = [:]

    var vault: String { scratch.file("vault") }

    init() throws {
        scratch = try ScratchFolder()
    }

    /// Configures the simulated account and the day's three sources.
    convenience init(_ platform: RunningPlatform, password: String = "correct horse") throws {
        try self.init()
        self.platform = platform
        try configure(url: platform.url, password: password)
    }

    /// - Parameters:
    ///   - sources: the `sources:` of the configuration; nil for those of the fixtures.
    ///   - retention: how long the platform keeps things. The fixtures' day lies years back, and is there.
    func configure(
        url: String,
        password: String = "correct horse",
        sources: String? = nil,
        retention: String = "{ dialer_days: 36500 }"
    ) throws {
        try scratch.write(password + "\n", to: "password")
        chmod(scratch.file("password"), 0o600)
        let fixtureSources = """
                - name: outbound
                  kind: https
                  url: "\(url)/archives/outbound-{yyyy}-{MM}-{dd}.tar.gz"
                - name: power
                  kind: https
                  url: "\(url)/archives/power/{yyyy}{MM}{dd}.zip"
                  checksum_url: "{url}.sha256"
                - name: partner
                  kind: directory
                  path: \(Places.fixtures)/account/archives
                  pattern: "export-{yyyy}-{MM}-{dd}.tar"
            """
        try scratch.write(
            """
            vault: \(vault)
            timezone: Europe/Berlin
            retention: \(retention)
            api:
              base_url: \(url)
              username: archive@example.com
              password_file: \(scratch.file("password"))
              tpslimit: 50
            dialer:
              sources:
            \(sources ?? fixtureSources)
            """,
            to: "dialvault.yaml"
        )
    }

    @discardableResult
    func dialvault(_ arguments: String...) throws -> Program {
        try Program(Places.product("dialvault"), arguments, in: scratch.path, environment: surroundings)
    }

    /// Starts `dialvault` and leaves it to the caller to wait for it.
    func start(_ arguments: String...) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Places.product("dialvault"))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.environment = ProcessInfo.processInfo.environment.merging(surroundings) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private var surroundings: [String: String] {
        ["DIALVAULT_CONFIG": scratch.file("dialvault.yaml"), "HOME": scratch.path].merging(environment) { $1 }
    }

    func bag(_ day: String = "2018-04-05") -> String {
        "\(vault)/\(day.replacing("-", with: "/"))"
    }

    func summary(_ day: String = "2018-04-05") throws -> DaySummary {
        try JSONDecoder().decode(DaySummary.self, from: bytes("\(bag(day))/day.json"))
    }

    func manifest(_ day: String = "2018-04-05") throws -> [Recording] {
        try JSONLines.decode(Recording.self, from: bytes("\(bag(day))/manifest.jsonl"), origin: "manifest")
    }

    func exceptions(_ day: String = "2018-04-05") throws -> [Exception] {
        try JSONLines.decode(Exception.self, from: bytes("\(bag(day))/exceptions.jsonl"), origin: "exceptions")
    }

    func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// Every file of the bag with inode, size and time: what must not change when nothing is new.
    func inventory(_ day: String = "2018-04-05") throws -> String {
        try Program("sh", ["-c", "find . -printf '%p %i %s %m %T@\\n' | LC_ALL=C sort"], in: bag(day)).text
    }
}
