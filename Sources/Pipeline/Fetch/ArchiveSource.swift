package import Recordings

/// A place from which a day's dialer archives come.
package protocol ArchiveSource: Sendable {
    /// The source's name by the configuration.
    var name: String { get }
    var kind: SourceKind { get }

    /// Gets the day's archives to where they can be read.
    ///
    /// "Not there yet", "there and empty", "gone" and "refused" are states of the answer. What is thrown is a failure of
    /// this machine, such as a full disk, that no other source would survive either.
    ///
    /// - Parameters:
    ///   - before: the source's answer of an earlier run.
    ///   - progress: bytes done of bytes in all.
    func fetch(_ day: Day, before: FetchedSource?, progress: StageProgress) async throws -> FetchedSource
}

extension ArchiveSource {
    func answer(_ archives: [FetchedArchive]) -> FetchedSource {
        FetchedSource(name: name, kind: kind, state: .complete, archives: archives)
    }

    func answer(_ state: SourceState, _ failure: Failure?) -> FetchedSource {
        FetchedSource(name: name, kind: kind, state: state, failure: failure)
    }
}
