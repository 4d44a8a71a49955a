import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `A run that is stopped` {
    /// Starts a run that hangs in the middle of collecting: the platform holds the third audio file back.
    private func hangingRun(_ place: Workplace, _ platform: RunningPlatform) throws -> Process {
        try platform.setFaults(
            #"[{"kind": "slow-first-byte", "endpoint": "audio", "skip": 2, "count": 1, "gate": "held"}]"#
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Places.product("dialvault"))
        process.arguments = ["run", "2018-04-05"]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try platform.gateReached("held")
        return process
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `by a signal ends with 130, and the next run ends as if nothing had happened`(signal: Int32) throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        let process = try hangingRun(place, platform)
        let start = ContinuousClock.now
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(!FileManager.default.fileExists(atPath: place.bag()))
        try expectUndisturbed(place, platform)
    }

    @Test func `by SIGKILL leaves nothing behind that hinders the next`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        let process = try hangingRun(place, platform)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(!FileManager.default.fileExists(atPath: place.bag()))
        try expectUndisturbed(place, platform)
    }

    @Test func `by another run that holds the day ends with 11 and says who`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        let process = try hangingRun(place, platform)
        let second = try place.dialvault("run", "2018-04-05")
        #expect(second.status == 11)
        #expect(
            second.errors.contains("process \(process.processIdentifier), dialvault run 2018-04-05"),
            "\(second.errors)"
        )
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func expectUndisturbed(_ place: Workplace, _ platform: RunningPlatform) throws {
        try platform.setFaults("[]")
        let audioBefore = try platform.requests().count { $0.contains("/stream.") }
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        let audio = try platform.requests().count { $0.contains("/stream.") } - audioBefore
        #expect(audio == 10, "two of twelve files were there already")
        let undisturbed = try Workplace(try RunningPlatform())
        try undisturbed.dialvault("run", "2018-04-05")
        #expect(
            try place.bytes("\(place.bag())/manifest.jsonl")
                == undisturbed.bytes("\(undisturbed.bag())/manifest.jsonl")
        )
    }
}
