import Logging
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// A source that answers with nothing, or throws.
private struct OddSource: ArchiveSource {
    let name: String
    let kind = SourceKind.directory
    var failure: Failure?

    func fetch(_ day: Day, before: FormerAnswer, progress: StageProgress) async throws -> FetchedSource {
        if let failure { throw failure }
        return FetchedSource(name: name, kind: kind, state: .empty)
    }
}

@Suite struct `The fetch stage` {
    private func fetch(_ failure: Failure) async throws -> FetchedDay {
        let bench = try Bench()
        let sources = [OddSource(name: "first"), OddSource(name: "odd", failure: failure), OddSource(name: "last")]
        let stage = FetchStage(
            sources: sources,
            vault: bench.vault,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await stage.run(Samples.day, progress: bench.silentProgress(.fetch))
    }

    @Test(arguments: [
        Failure.Code.configuration, .fileSystem, .locked, .corrupt, .credentials, .unreachable, .badAnswer, .notFound,
    ])
    func `asks all sources, whatever becomes of one of them`(code: Failure.Code) async throws {
        let failure = Failure(code, "it went wrong", advice: "Do something")
        let answers = try await fetch(failure).sources
        #expect(answers.map(\.name) == ["first", "odd", "last"])
        #expect(answers.map(\.state) == [.empty, .failed, .empty])
        #expect(answers[1].failure == failure)
    }

    @Test(arguments: [Failure.Code.diskFull, .interrupted])
    func `ends with what no source would survive`(code: Failure.Code) async throws {
        let failure = await #expect(throws: Failure.self) { try await fetch(Failure(code, "it is over")) }
        #expect(failure?.code == code)
    }
}
