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
            var answer = try await ask(source, day, before: { try former?.unpacked(in: work, locations) }, progress)
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

extension FetchStage {
    /// A source's answer. Whatever its failure, it is the source's own: it keeps no other from being asked.
    ///
    /// - Throws: `Failure` with code `diskFull` or `interrupted`, and cancellation: no other source would survive that.
    private func ask(
        _ source: any ArchiveSource,
        _ day: Day,
        before: FormerAnswer,
        _ progress: StageProgress
    ) async throws -> FetchedSource {
        do {
            return try await source.fetch(day, before: before, progress: progress)
        } catch let failure as Failure where !failure.endsDay {
            return source.answer(.failed, failure)
        }
    }
}

extension Failure {
    /// Whether nothing else of the day could go better, so that there is no point in going on.
    var endsDay: Bool { code == .diskFull || code == .interrupted }
}

extension FetchedSource {
    /// The part of a former answer that was unpacked to its end: only that needs not be fetched again.
    fileprivate func unpacked(in work: WorkFiles, _ locations: AudioLocations) throws -> FetchedSource {
        var source = self
        try source.archives.removeAll { try !work.isUnpacked($0, of: name, locations) }
        return source
    }
}
