import Foundation
import Recordings
import Settings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `A drop directory` {
    /// - Parameter now: a few days after the day, unless a test says otherwise.
    private func fetch(
        _ files: [String],
        onMissing: String = "not-ready",
        folder: String = "drop",
        now: String = "2018-04-10T12:00:00Z"
    ) async throws -> FetchedSource {
        let scratch = try ScratchFolder()
        for file in files { try scratch.write("bytes of \(file)", to: "drop/\(file)") }
        let bench = try Bench(
            """
            dialer:
              on_missing: \(onMissing)
              sources:
                - name: outbound
                  kind: directory
                  path: \(scratch.file(folder))
                  pattern: "outbound-{yyyy}-{MM}-{dd}*.tar.gz"
            """
        )
        guard case .directory(let directory) = bench.configuration.dialer.sources[0].access else {
            throw Failure(.configuration, "not a directory")
        }
        return try await DirectorySource(
            "outbound",
            directory,
            bench.configuration,
            time: VirtualTime(Samples.time(now))
        )
        .fetch(Samples.day, before: { nil }, progress: bench.silentProgress(.fetch))
    }

    @Test func `gives the archives of the day, in the order of their names, where they lie`() async throws {
        let source = try await fetch([
            "outbound-2018-04-05b.tar.gz", "outbound-2018-04-05.tar.gz", "outbound-2018-04-06.tar.gz", "other.zip",
        ])
        #expect(source.state == .complete)
        #expect(source.archives.map(\.name) == ["outbound-2018-04-05.tar.gz", "outbound-2018-04-05b.tar.gz"])
        #expect(source.archives[0].sizeBytes == 35)
        #expect(source.archives[0].path.hasSuffix("/drop/outbound-2018-04-05.tar.gz"))
    }

    @Test(arguments: [".part", ".partial", ".tmp", ".filepart"])
    func `is not ready while an archive of the day is being written`(ending: String) async throws {
        let source = try await fetch(["outbound-2018-04-05.tar.gz", "outbound-2018-04-05b.tar.gz\(ending)"])
        #expect(source.state == .notReady)
        #expect(source.failure?.code == .notReady)
        #expect(source.archives.isEmpty)
    }

    @Test func `without an archive of the day is not ready, or empty where that is normal`() async throws {
        let waiting = try await fetch(["outbound-2018-04-06.tar.gz"])
        #expect(waiting.state == .notReady)
        #expect(waiting.failure?.message.contains("outbound-2018-04-05*.tar.gz") == true)
        let empty = try await fetch(["outbound-2018-04-06.tar.gz"], onMissing: "empty")
        #expect(empty.state == .empty)
        #expect(empty.failure == nil)
    }

    /// The dialer's recordings are kept for 30 days: those of 2018-04-05 in Berlin until 2018-05-05 at 22:00 UTC.
    @Test(arguments: ["not-ready", "empty"])
    func `without an archive of the day has none any more once the platform has deleted it`(rule: String) async throws {
        let before = try await fetch(["other.zip"], onMissing: rule, now: "2018-05-05T21:59:59Z")
        #expect(before.state == (rule == "empty" ? .empty : .notReady))
        let after = try await fetch(["other.zip"], onMissing: rule, now: "2018-05-05T22:00:00Z")
        #expect(after.state == .expired)
        #expect(after.failure?.code == .notFound)
        #expect(after.failure?.message.contains("until 2018-05-05T22:00:00.000Z") == true)
        #expect(after.expiredAt == Samples.time("2018-05-05T22:00:00Z"))
        let late = try await fetch(["outbound-2018-04-05.tar.gz"], onMissing: rule, now: "2018-06-01T00:00:00Z")
        #expect(late.state == .complete, "who still has it is believed")
    }

    @Test func `that is not there is unreachable, never empty`() async throws {
        let source = try await fetch([], onMissing: "empty", folder: "not-mounted")
        #expect(source.state == .failed)
        #expect(source.failure?.code == .unreachable)
    }
}
