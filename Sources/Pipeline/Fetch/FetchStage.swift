import Logging
package import Recordings
import Vault

/// Gets the day's archives of every dialer source to where they can be read.
package struct FetchStage: Sendable {
    let sources: [any ArchiveSource]
    let vault: Vault
    let log: Logger

    /// Asks every source, and leaves their answers in the work folder.
    ///
    /// - Throws: what makes going on pointless, such as a full disk, and cancellation.
    package func run(_ day: Day, progress: StageProgress) async throws -> FetchedDay {
        let work = WorkFiles(vault, day)
        let before = try work.fetched()
        let published = try vault.knownDay(day)
        let locations = AudioLocations(vault, day, published: published?.recordings ?? [])
        var fetched = FetchedDay(day: day, sources: [])
        for source in sources {
            let former = before?.sources.first { $0.name == source.name }
            var answer = try await source.fetch(
                day,
                before: { try former?.unpacked(in: work, locations) },
                progress: progress
            )
            if answer.state == .expired,
                let known = published?.summary.sources.first(where: { $0.name == source.name }),
                known.state.isSettled || known.state == .expired
            {
                // What is archived needs it no more, and what is lost was said before.
                answer.failure = nil
            }
            if let failure = answer.failure { log.warning("\(failure)") }
            fetched.sources.append(answer)
        }
        try work.save(fetched)
        return fetched
    }
}

extension FetchedSource {
    /// The part of a former answer that was unpacked to its end: only that needs not be fetched again.
    fileprivate func unpacked(in work: WorkFiles, _ locations: AudioLocations) throws -> FetchedSource {
        var source = self
        try source.archives.removeAll { try !work.isUnpacked($0, of: name, locations) }
        return source
    }
}
