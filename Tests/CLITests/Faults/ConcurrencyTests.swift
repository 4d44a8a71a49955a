import Foundation
import Recordings
import TestSupport
import Testing

/// Two programs at once on one vault: the result is that of one after the other.
@Suite struct `Two runs at once` {
    /// All rounds are done when `scripts/sweep` asks for them.
    private static let rounds = ProcessInfo.processInfo.environment["SWEEP"] == "all" ? 50 : isSanitized ? 1 : 4
    private static let days = ["2018-04-05", "2018-04-06"]
    private static let options = ["--lock-wait", "60s", "--tpslimit", "1000", "--no-progress"]

    /// The fixtures' two days. Their archives lie in folders: one that is not there is none, for this account.
    private func place(_ platform: RunningPlatform) throws -> Workplace {
        let place = try Workplace(platform)
        let configuration = try String(contentsOfFile: place.scratch.file("dialvault.yaml"), encoding: .utf8)
        try place.scratch.write(
            configuration.replacing("dialer:\n", with: "dialer:\n  on_missing: empty\n"),
            to: "dialvault.yaml"
        )
        return place
    }

    private func start(_ day: String, _ place: Workplace) throws -> (Process, errors: String) {
        let errors = try place.scratch.write("", to: "errors-\(UUID().uuidString)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Places.product("dialvault"))
        process.arguments = ["run", day] + Self.options
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        ) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        return (process, errors)
    }

    /// Starts both, and returns their exit codes when both have ended.
    private func together(_ days: [String], _ place: Workplace) throws -> [Int32] {
        try days.map { try start($0, place) }.map { process, errors in
            process.waitUntilExit()
            #expect(process.terminationReason == .exit)
            let said = try String(contentsOfFile: errors, encoding: .utf8)
            // Other tests' variables can make it warn; neither run has an error to tell.
            #expect(!said.contains("dialvault: "), "\(said)")
            return process.terminationStatus
        }
    }

    private func oneAfterTheOther(_ days: [String], _ place: Workplace) throws -> [Int32] {
        try days.map { day in
            let (process, _) = try start(day, place)
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    /// Every file of both bags that does not say when and as which publication it was published, and of `day.json` what
    /// does not either.
    private func content(_ place: Workplace) throws -> [String: Data] {
        var content: [String: Data] = [:]
        for day in Self.days {
            let paths = try Program("find", [".", "-type", "f"], in: place.bag(day)).text.split(separator: "\n")
            for path in paths where !["bag-info.txt", "tagmanifest-sha256.txt"].contains(path.dropFirst(2)) {
                content["\(day)/\(path)"] = try place.bytes("\(place.bag(day))/\(path)")
            }
            let told = "del(.published_at, .sequence, .revision, .previous_manifest_sha256)"
            content["\(day)/./day.json"] = try Program("jq", ["-S", told, "\(place.bag(day))/day.json"]).output
        }
        return content
    }

    private func expectSame(_ days: [String], codes: [Int32]) throws {
        let platform = try RunningPlatform()
        let place = try place(platform)
        #expect(try oneAfterTheOther(days, place) == codes)
        let expected = try content(place)
        #expect(expected.count > 30)
        for round in 1...Self.rounds {
            try Program("rm", ["-rf", place.vault])
            #expect(try together(days, place) == codes, "round \(round)")
            let found = try content(place)
            let different =
                expected.keys.filter { found[$0] != expected[$0] } + found.keys.filter { expected[$0] == nil }
            #expect(different == [], "round \(round)")
            let audit = try place.dialvault("audit")
            #expect(audit.status == 0, "round \(round): \(audit.text)")
            // Every publication has a number of its own, and the feed is whole.
            let numbers = try Self.days.map { try place.summary($0).sequence }
            #expect(Set(numbers).count == Self.days.count, "round \(round): \(numbers)")
            let feed = try place.dialvault("changes", "--json")
            #expect(feed.text.hasSuffix("\"sequence\":\(numbers.max() ?? 0)}\n"), "round \(round): \(feed.errors)")
        }
        #expect(try platform.violations() == [])
    }

    @Test func `of the same day do what one after the other does`() throws {
        try expectSame(["2018-04-05", "2018-04-05"], codes: [0, 0])
    }

    @Test func `of two days that share an archive do what one after the other does`() throws {
        // One of the second day's recordings is still pending.
        try expectSame(["2018-04-05", "2018-04-06"], codes: [0, 3])
    }
}
