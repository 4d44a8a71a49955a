import Failpoints
import Foundation
import Ledger
import Logging
import Platform
package import Recordings
import Vault

/// Merges both sides of a day and publishes what came out, when it is anything new.
package struct MergeStage: Sendable {
    let vault: Vault
    let ledger: Ledger
    let sources: [ConfiguredSource]
    let timeZone: TimeZone
    /// The zone as the configuration names it.
    let timeZoneName: String
    let clock: RetentionClock
    let software: String
    let locks: LockQueue
    let time: any PlatformTime
    let log: Logger

    /// Publishes the day from what the stages before left in its work folder.
    ///
    /// Recordings of the day's archives that started on a neighbouring day are published there first.
    package func run(_ day: Day) async throws -> DayOutcome {
        let work = WorkFiles(vault, day)
        let delivered = [try work.part(.dialer), try work.part(.api)].compactMap(\.self)
        let lock = try await locks.publication(waiting: time)
        defer { _ = lock }
        let before = try vault.publishedDay(day)
        let parts = try withholding(delivered, of: day) { neighbour, recordings in
            let before = try vault.publishedDay(neighbour)
            return try dayMerge(neighbour, before, parts: [], movedIn: recordings).merged().recordings
        }
        let merge = try dayMerge(day, before, parts: parts, movedIn: [])
        var result = try merge.merged()
        result.sources = SourceExpiry(day: day, clock: clock, now: time.now()).applied(to: result.sources, after: parts)
        for (neighbour, recordings) in Dictionary(grouping: result.movedOut, by: \.day).sorted(by: { $0.key < $1.key })
        where try vault.seal(of: neighbour) == nil {
            let before = try vault.publishedDay(neighbour)
            let change = try dayMerge(neighbour, before, parts: [], movedIn: recordings)
            if let summary = try publish(neighbour, before, try change.merged()) {
                log.info(
                    "\(neighbour): \(recordings.count) recordings of \(day)'s archives, revision \(summary.revision)"
                )
            }
        }
        let answered = parts.flatMap(\.sources).contains { $0.hasAnswered || $0.state == .expired }
        let published = answered ? try publish(day, before, result) : nil
        let summary = try vault.publishedSummary(day)
        if let summary { try clear(work, after: summary, result) }
        return DayOutcome(
            day: day,
            summary: summary,
            isNewRevision: published != nil,
            failures: parts.flatMap(\.sources).compactMap(\.failure)
        )
    }

    /// Brings together what is published and what is new. Sources of which nobody speaks are `not-attempted`.
    private func dayMerge(
        _ day: Day,
        _ published: PublishedDay?,
        parts: [DayPart],
        movedIn: [Recording]
    ) throws -> DayMerge {
        let known = Set(parts.flatMap(\.sources).map(\.name) + (published?.summary.sources.map(\.name) ?? []))
        let missing = sources.filter { !known.contains($0.name) }
            .map { PartSource(name: $0.name, kind: $0.kind, state: .notAttempted) }
        var merge = DayMerge(
            day: day,
            published: published.map {
                DayMerge.PublishedPart(
                    sources: $0.summary.sources,
                    recordings: $0.recordings,
                    exceptions: $0.exceptions
                )
            },
            parts: parts + [DayPart(sources: missing)]
        )
        merge.movedIn = movedIn
        merge.carriedMoves = try carriedMoves(day, parts: parts, published: published)
        return merge
    }

    /// Counts, for archives that are known from the bag alone, their recordings on the neighbouring days.
    private func carriedMoves(_ day: Day, parts: [DayPart], published: PublishedDay?) throws -> [String: Int] {
        var moves: [String: Int] = [:]
        for part in parts.flatMap(\.sources) where part.hasAnswered {
            guard let before = published?.summary.sources.first(where: { $0.name == part.name }), before.moved > 0
            else { continue }
            let read = Set(part.archives.map(\.sha256))
            let carried = Set(before.archives.map(\.sha256)).subtracting(read)
            guard !carried.isEmpty else { continue }
            for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] {
                let recordings = try vault.publishedDay(neighbour)?.recordings ?? []
                moves[part.name, default: 0] += recordings.flatMap(\.sources).count { delivery in
                    delivery.sourceName == part.name && delivery.isArchive(in: carried)
                }
            }
        }
        return moves
    }

    // MARK: Publishing

    /// Publishes a day when it differs from what is published.
    ///
    /// - Returns: the new summary; nil when there was nothing new.
    private func publish(
        _ day: Day,
        _ published: PublishedDay?,
        _ result: DayMerge.Result
    ) throws -> DaySummary? {
        let locations = AudioLocations(vault, day, published: published?.recordings ?? [])
        let exceptions = try result.exceptions.map { try withBytesKept($0, of: day, locations) }
        let rows = try DayRows(recordings: result.recordings, exceptions: exceptions)
        var summary = summary(of: day, rows, result.sources, after: published?.summary)
        if let published, summary.hasSameContent(as: published.summary), Set(exceptions) == Set(published.exceptions) {
            return nil
        }
        summary.sequence = try ledger.beginPublication(
            day,
            revision: summary.revision,
            manifestSHA256: rows.manifestSHA256
        )
        Failpoint.reach("merge: publication announced")
        try vault.publish(summary, rows: rows) { locations.path(of: $0) }
        Failpoint.reach("merge: day published")
        try ledger.finishPublication(summary, recordings: rows.recordings)
        Failpoint.reach("merge: publication finished")
        return summary
    }

    /// Bytes that were received and are not published go to quarantine, and the exception says where they are.
    private func withBytesKept(
        _ exception: Exception,
        of day: Day,
        _ locations: AudioLocations
    ) throws -> Exception {
        guard let digest = exception.sha256, exception.reason != .erased, let bytes = locations.path(of: digest) else {
            return exception
        }
        var kept = exception
        kept.quarantinePath = try vault.quarantine(bytes, as: digest, of: day)
        return kept
    }

    private func summary(
        of day: Day,
        _ rows: DayRows,
        _ sources: [DaySummary.Source],
        after previous: DaySummary?
    ) -> DaySummary {
        var totals = DaySummary.Totals(rows)
        let native = Set(sources.flatMap(\.archives).map(\.sha256))
        totals.movedIn = rows.recordings.count { recording in
            !recording.sources.contains { $0.isDelivered(in: native) }
        }
        return DaySummary(
            day: day,
            timezone: timeZoneName,
            interval: day.interval(in: timeZone),
            revision: (previous?.revision ?? 0) + 1,
            sequence: 0,
            state: .init(sources: sources, rows: rows),
            totals: totals,
            sources: sources,
            manifestSHA256: rows.manifestSHA256,
            previousManifestSHA256: previous?.manifestSHA256,
            publishedAt: time.now(),
            software: software
        )
    }

    /// Removes from the work folder what is published or in quarantine now, and the downloads of settled sources.
    private func clear(_ work: WorkFiles, after summary: DaySummary, _ result: DayMerge.Result) throws {
        let kept = Set(
            result.recordings.map(\.sha256) + result.movedOut.map(\.sha256) + result.exceptions.compactMap(\.sha256)
        )
        let blobs = vault.blobs(summary.day)
        try FileSystem.onAllCores(try FileSystem.list(blobs)) { name throws(Failure) in
            guard let digest = Digest(hex: name), kept.contains(digest) else { return }
            try FileSystem.removeTree("\(blobs)/\(name)")
            Failpoint.reach("merge: blob removed")
        }
        for source in summary.sources where source.state.isSettled {
            try FileSystem.removeTree(work.path(WorkFiles.downloads(of: source.name)))
            if source.kind == .api { try FileSystem.removeTree(work.path(WorkFiles.incomingAudio)) }
        }
    }
}

extension WorkFiles {
    /// The folder of a source's downloaded archives. A source's name is a file name by the configuration's rules.
    package static func downloads(of source: String) -> String { "archives/\(source)" }

    /// The folder of the API's audio until it is whole.
    static let incomingAudio = "incoming"
}

extension Provenance {
    fileprivate func isArchive(in digests: Set<Digest>) -> Bool {
        if case .archive(_, _, let sha256, _) = self { digests.contains(sha256) } else { false }
    }
}
