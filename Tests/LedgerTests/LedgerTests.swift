import Foundation
import Ledger
import Recordings
import TestSupport
import Testing

@Suite struct `The ledger` {
    private func summary(_ sequence: Int64, _ revision: Int = 1) -> DaySummary {
        let start = Samples.time("2018-04-04T22:00:00Z")
        return DaySummary(
            day: Samples.day,
            timezone: "UTC",
            interval: start..<start.advanced(byMilliseconds: 86_400_000),
            revision: revision,
            sequence: sequence,
            state: .complete,
            totals: .init(),
            sources: [],
            manifestSHA256: Samples.digest(1),
            previousManifestSHA256: nil,
            publishedAt: start,
            software: "test"
        )
    }

    @Test func `never gives a sequence number twice, not even one of a publication that never happened`() throws {
        let scratch = try ScratchFolder()
        let ledger = try Ledger(path: scratch.file("ledger.sqlite"), mode: 0o640)
        let first = try ledger.beginPublication(Samples.day, revision: 1, manifestSHA256: Samples.digest(1))
        try ledger.abandonPublication(first)
        let second = try ledger.beginPublication(Samples.day, revision: 1, manifestSHA256: Samples.digest(1))
        #expect(first == 1)
        #expect(second == 2)
        #expect(try ledger.unfinishedPublications().map(\.sequence) == [2])
    }

    @Test func `knows where a recording lies, after each publication the new place only`() throws {
        let scratch = try ScratchFolder()
        let ledger = try Ledger(path: scratch.file("ledger.sqlite"), mode: 0o640)
        try ledger.finishPublication(summary(1), recordings: [Samples.recording("a", Samples.digest(1))])
        #expect(try ledger.entries(Samples.id("a")).map(\.sha256) == [Samples.digest(1)])
        try ledger.finishPublication(summary(2, 2), recordings: [Samples.recording("b", Samples.digest(2))])
        #expect(try ledger.entries(Samples.id("a")).isEmpty)
        #expect(try ledger.entries(Samples.id("b")).map(\.day) == [Samples.day])
        #expect(try ledger.lastSequence() == 2)
    }

    @Test func `is open to its owner and group only`() throws {
        let scratch = try ScratchFolder()
        let path = scratch.file("ledger.sqlite")
        _ = try Ledger(path: path, mode: 0o640)
        #expect(try Program("stat", ["-c", "%a", path]).text == "640\n")
    }

    @Test func `that is damaged says how to get a new one`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write(String(repeating: "no database ", count: 1000), to: "ledger.sqlite")
        let failure = try #require(throws: Failure.self) { try Ledger(path: path, mode: 0o640) }
        #expect(failure.code == .corrupt)
        #expect(failure.advice?.contains("dialvault reindex") == true)
    }
}
