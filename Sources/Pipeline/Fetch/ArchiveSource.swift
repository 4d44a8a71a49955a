package import Recordings

/// Finds a source's answer of an earlier run; nil when there is none.
package typealias FormerAnswer = () throws -> FetchedSource?

/// A place from which a day's dialer archives come.
package protocol ArchiveSource: Sendable {
    /// The source's name by the configuration.
    var name: String { get }
    var kind: SourceKind { get }

    /// Gets the day's archives to where they can be read.
    ///
    /// "Not there yet", "there and empty", "gone" and "refused" are states of the answer. What is thrown is a failure of
    /// the configuration or of this machine; whether the other sources can go on is the fetch stage's to decide.
    ///
    /// - Parameters:
    ///   - before: finds the source's answer of an earlier run, as far as it has been unpacked. That takes a look at every
    ///     member, so it is for sources that would otherwise fetch.
    ///   - progress: bytes done of bytes in all.
    func fetch(_ day: Day, before: FormerAnswer, progress: StageProgress) async throws -> FetchedSource
}

extension ArchiveSource {
    func answer(_ archives: [FetchedArchive]) -> FetchedSource {
        FetchedSource(name: name, kind: kind, state: .complete, archives: archives)
    }

    func answer(_ state: SourceState, _ failure: Failure?) -> FetchedSource {
        FetchedSource(name: name, kind: kind, state: state, failure: failure)
    }

    /// - Parameter why: what about the archive shows it, as the end of a message.
    func notReady(_ why: String) -> FetchedSource {
        answer(.notReady, Failure(.notReady, "source \(name): \(why)", advice: "The next run takes it"))
    }

    /// The answer when nothing of the day is there. What an earlier run read of it stays what the source has given.
    ///
    /// - Parameter what: what was looked for and is not there, as the end of a message.
    func missing(_ day: Day, _ rule: MissingArchive, before: FetchedSource?, _ what: String) -> FetchedSource {
        if let before, !before.archives.isEmpty { return answer(before.archives) }
        if let end = rule.expiry(of: day, kind) {
            // That none is normal proves nothing of a day that nobody could have asked for any more.
            var expired = answer(.expired, rule.expired("source \(name): \(what)", end))
            expired.expiredAt = end
            return expired
        }
        let (state, failure) = rule.state(of: day, "source \(name): \(what)")
        return answer(state, failure)
    }

    /// The answer when some of the day's archives are there and others cannot be read, or fetched, now: what there is
    /// counts.
    func answer(_ archives: [FetchedArchive], failure: Failure?) -> FetchedSource {
        guard let failure else { return answer(archives) }
        return FetchedSource(
            name: name,
            kind: kind,
            state: archives.isEmpty ? .failed : .partial,
            failure: failure,
            archives: archives
        )
    }

    /// The answer when some of the day's archives are there and others will not come any more.
    ///
    /// - Parameter lost: what became of the others, a text each.
    func answer(_ archives: [FetchedArchive], lost: [String], _ state: SourceState = .expired) -> FetchedSource {
        guard !lost.isEmpty else { return answer(archives) }
        let failure = Failure(.notFound, "source \(name): \(lost.joined(separator: "; "))")
        return FetchedSource(
            name: name,
            kind: kind,
            state: archives.isEmpty ? state : .partial,
            failure: failure,
            archives: archives
        )
    }
}
