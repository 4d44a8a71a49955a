import Foundation
import Recordings
import TestSupport
import Testing

private let isWholeSweep = ProcessInfo.processInfo.environment["SWEEP"] == "all"

/// The system refuses one call: the run ends with 1 and a sentence, nothing is published by halves, nothing is lost, and the
/// next run completes.
@Suite struct `A system call that fails` {
    @Test(arguments: [
        ("mkdir", "EACCES"), ("open", "EMFILE"), ("write", "ENOSPC"), ("write", "EIO"), ("fsync", "EIO"),
        ("close", "EDQUOT"), ("rename", "EIO"), ("link", "ENOSPC"), ("exchange", "EIO"), ("syncfs", "EIO"),
        ("unlink", "EIO"), ("rmdir", "EIO"), ("opendir", "EACCES"), ("blob: open", "EROFS"),
        ("blob: write", "ENOSPC"), ("blob: close", "EIO"), ("blob: rename", "EIO"), ("download: write", "ENOSPC"),
        ("download: fsync", "EIO"), ("download: rename", "EIO"), ("ledger", "ENOSPC"), ("ledger", "EIO"),
    ])
    func `ends the run with 1, publishes nothing by halves, and the next run completes`(
        call: String,
        code: String
    ) throws {
        let scene = try FaultScene()
        let count = try #require(try scene.trace()[call])
        // Unpacking goes on in several processes, of which each counts for itself.
        let last = call.hasPrefix("blob: ") ? 1 : count
        let few: Set = isSanitized ? [1] : [1, last / 2, last]
        let chosen = isWholeSweep ? Array(1...last) : few.filter { $0 > 0 }.sorted()
        for number in chosen {
            let what = "\(call)@\(number)=\(code)"
            try scene.reset()
            try scene.whileWatching(what) {
                let run = try scene.run(failpoints: what)
                expectContract(run, what, isReached: number == 1)
                try scene.expectValidBags(what)
                try scene.expectCompletion(what)
            }
        }
    }

    private func expectContract(_ run: Program, _ what: String, isReached: Bool) {
        // A later call can be one that no single process comes to, or one that is made again.
        if run.status == 0, !isReached { return }
        #expect(run.status == 1, "\(what): \(run.errors)")
        let said = run.errors.split(separator: "\n").last { $0.hasPrefix("dialvault: ") }
        #expect(said != nil, "\(what): \(run.errors)")
        if what.hasSuffix("ENOSPC") {
            #expect(said?.contains("Free some space") == true, "\(what): \(run.errors)")
        }
    }

    @Test(arguments: ["link=EXDEV", "link@5=EMLINK", "link=EIO", "link=ENOSYS", "link@2=EINVAL", "exchange=EOPNOTSUPP"])
    func `for want of the ability is done in another way`(what: String) throws {
        let scene = try FaultScene()
        try scene.reset()
        let run = try scene.run(failpoints: what)
        #expect(run.status == 0, "\(what): \(run.errors)")
        try scene.expectCompletion(what)
    }
}
