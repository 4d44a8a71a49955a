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
    /// Recordings of the day's archives that started on a neighbouring day are published there first. Nothing is built on a
    /// published state that is damaged: that is said in the outcome, and what the stages left stays for later.
    ///
    /// - Parameter acceptsLoss: whether a day is published without what is missing of it and cannot be restored.
    package func run(_ day: Day, acceptsLoss: Bool = false) async throws -> DayOutcome {
        let work = WorkFiles(vault, day)
        let delivered = [try work.part(.dialer), try work.part(.api)].compactMap(\.self)
        let lock = try await locks.publication(waiting: time)
        defer { _ = lock }
        do {
            return try merge(day, work, delivered, acceptsLoss: acceptsLoss)
        } catch let failure as Failure where failure.code == .damaged {
            return DayOutcome(
                day: day,
                summary: nil,
                isNewRevision: false,
                failures: delivered.flatMap(\.sources).compactMap(\.failure),
                damage: failure
            )
        }
    }

    private func merge(
        _ day: Day,
        _ work: WorkFiles,
        _ delivered: [DayPart],
        acceptsLoss: Bool
    ) throws -> DayOutcome {
        for failure in try vault.recover().values { log.error("\(failure)") }
        let before = try vault.publishedDay(day)
        try vault.completeHistory(of: day)
        let parts = try withholding(delivered, of: day) { neighbour, recordings in
            let before = try vault.knownDay(neighbour)
            return try dayMerge(neighbour, before, parts: [], movedIn: recordings).merged().recordings
        }
        let mending = try Mending(vault, day, before, log: log)
        var merge = try dayMerge(day, before, parts: parts, movedIn: [])
        var result = merge.merged()
        let expiry = SourceExpiry(day: day, clock: clock, now: time.now())
        result.sources = expiry.applied(to: result.sources, after: parts)
        let answered = parts.flatMap(\.sources).contains { $0.hasAnswered || $0.state == .expired }
        var published: DaySummary?
        var damage: Failure?
        if mending.gone.isEmpty {
            try publishMoved(result, partlyRead: parts.partlyRead)
            if answered || before?.isBagMissing ?? false || !merge.drops.isEmpty {
                published = try publish(day, before, result)
            }
        } else if try acceptsLoss
            || !(before?.isBagMissing ?? false) && answered && !mending.canReturn(by: parts)
                && isNews(day, before, result)
        {
            // What else arrived is published, and the loss named.
            merge.gone = mending.gone
            result = merge.merged()
            result.sources = expiry.applied(to: result.sources, after: parts)
            try publishMoved(result, partlyRead: parts.partlyRead)
            published = try publish(day, before, result)
        } else {
            damage = mending.failure
        }
        try retractMoved(day, parts)
        let summary = before?.isBagMissing ?? false && published == nil ? nil : try vault.publishedSummary(day)
        if let summary, damage == nil { try clear(work, after: summary, result) }
        return DayOutcome(
            day: day,
            summary: summary,
            isNewRevision: published != nil,
            failures: parts.flatMap(\.sources).compactMap(\.failure),
            damage: damage
        )
    }

    // MARK: Neighbouring days

    /// Publishes recordings of the day's archives that started on a neighbouring day there, unless it takes nothing in.
    private func publishMoved(_ result: DayMerge.Result, partlyRead: Set<Digest>) throws {
        for (neighbour, recordings) in Dictionary(grouping: result.movedOut, by: \.day).sorted(by: { $0.key < $1.key })
        where try isOpen(neighbour) {
            let before = try vault.publishedDay(neighbour)
            var change = try dayMerge(neighbour, before, parts: [], movedIn: recordings)
            change.partlyReadNeighbours = partlyRead
            if let summary = try publish(neighbour, before, change.merged()) {
                log.info(
                    "\(neighbour): \(recordings.count) recordings from archives of another day, revision \(summary.revision)"
                )
            }
        }
    }

    /// Takes from the neighbouring days what is published there and belongs, by what is known of its start now, to another
    /// day, which has it by now.
    private func retractMoved(_ day: Day, _ parts: [DayPart]) throws {
        let partlyRead = parts.partlyRead
        let fresh = parts.flatMap(\.recordings).filter { recording in
            !recording.sources.contains { $0.archiveSHA256.map { partlyRead.contains($0) } ?? true }
        }
        guard !fresh.isEmpty else { return }
        for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] {
            guard try hasMovedIn(neighbour), try isOpen(neighbour), let before = try vault.publishedDay(neighbour)
            else { continue }
            let redeliveries = Redeliveries(of: before.recordings, in: fresh)
            var moving: [Day: [(Provenance, Recording)]] = [:]
            for recording in before.recordings {
                for delivery in recording.sources {
                    guard let home = redeliveries.day(of: delivery), home != neighbour else { continue }
                    moving[home, default: []].append((delivery, recording))
                }
            }
            var movedAway: [Provenance: Day] = [:]
            for (home, deliveries) in moving {
                let present = Dictionary(grouping: try vault.publishedDay(home)?.recordings ?? [], by: \.sha256)
                for (delivery, recording) in deliveries
                where present[recording.sha256]?.contains(where: { $0.isSameFile(as: recording) }) == true {
                    movedAway[delivery] = home
                }
            }
            guard !movedAway.isEmpty else { continue }
            var change = try dayMerge(neighbour, before, parts: [], movedIn: [])
            change.movedAway = movedAway
            _ = try publish(neighbour, before, change.merged())
        }
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
        merge.drops = try vault.drops(of: day)
        merge.carriedMoves = try carriedMoves(day, parts: parts, published: published)
        return merge
    }

    /// Counts, for archives of this day, their recordings on the neighbouring days of which this run has no word.
    private func carriedMoves(_ day: Day, parts: [DayPart], published: PublishedDay?) throws -> [String: Int] {
        var moves: [String: Int] = [:]
        for part in parts.flatMap(\.sources) where part.hasAnswered {
            guard let before = published?.summary.sources.first(where: { $0.name == part.name }), before.moved > 0
            else { continue }
            let archives = Set(before.archives.map(\.sha256))
            let fresh = parts.flatMap(\.recordings)
            for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] {
                let recordings = try vault.knownDay(neighbour)?.recordings ?? []
                let redeliveries = Redeliveries(of: recordings, in: fresh)
                moves[part.name, default: 0] += recordings.flatMap(\.sources).count { delivery in
                    delivery.sourceName == part.name && !redeliveries.includes(delivery)
                        && delivery.archiveSHA256.map { archives.contains($0) } ?? false
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
        let exceptions = try withBytesKept(result.exceptions, of: day, published, locations)
        let rows = try DayRows(recordings: result.recordings, exceptions: exceptions)
        var summary = summary(
            of: day,
            rows,
            result.sources,
            after: published?.summary,
            revision: try vault.nextRevision(of: day)
        )
        if let published, !published.isBagMissing, summary.hasSameContent(as: published.summary),
            Set(exceptions) == Set(published.exceptions)
        {
            return nil
        }
        summary.sequence = try ledger.beginPublication(
            day,
            revision: summary.revision,
            manifestSHA256: rows.manifestSHA256,
            after: try vault.highestSequence()
        )
        try vault.remember(sequence: summary.sequence)
        Failpoint.reach("merge: publication announced")
        try vault.publish(summary, rows: rows, removals: result.removals) { digest throws(Failure) in
            try locations.path(of: digest)
        }
        Failpoint.reach("merge: day published")
        try ledger.finishPublication(summary, recordings: rows.recordings)
        Failpoint.reach("merge: publication finished")
        return summary
    }

    /// Whether a result differs from what is published.
    private func isNews(_ day: Day, _ published: PublishedDay?, _ result: DayMerge.Result) throws -> Bool {
        let locations = AudioLocations(vault, day, published: published?.recordings ?? [])
        let exceptions = try withBytesKept(result.exceptions, of: day, published, locations)
        let rows = try DayRows(recordings: result.recordings, exceptions: exceptions)
        let summary = summary(
            of: day,
            rows,
            result.sources,
            after: published?.summary,
            revision: try vault.nextRevision(of: day)
        )
        guard let published else { return true }
        return !summary.hasSameContent(as: published.summary) || Set(exceptions) != Set(published.exceptions)
    }

    /// Bytes that were received and are not published go to quarantine, and the exception says where they are.
    private func withBytesKept(
        _ exceptions: [Exception],
        of day: Day,
        _ published: PublishedDay?,
        _ locations: AudioLocations
    ) throws -> [Exception] {
        let before = Dictionary(
            (published?.exceptions ?? []).compactMap { row in row.sha256.map { ($0, row.quarantinePath) } }
        ) { first, _ in first }
        return try exceptions.map { exception in
            guard let digest = exception.sha256, exception.reason != .erased else { return exception }
            var kept = exception
            // What was put there before is read only where something is made of it.
            if let path = before[digest] ?? nil, FileSystem.attributes("\(vault.root)/\(path)") != nil {
                kept.quarantinePath = path
            } else if let bytes = try locations.path(of: digest) {
                kept.quarantinePath = try vault.quarantine(bytes, as: digest, of: day)
            }
            return kept
        }
    }

    private func summary(
        of day: Day,
        _ rows: DayRows,
        _ sources: [DaySummary.Source],
        after previous: DaySummary?,
        revision: Int
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
            revision: revision,
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
        let kept = KeptAudio(vault, summary.day, result)
        let blobs = vault.blobs(summary.day)
        try FileSystem.onAllCores(try FileSystem.list(blobs)) { name throws(Failure) in
            let blob = "\(blobs)/\(name)"
            guard let digest = Digest(hex: name) else { return }
            if try !kept.includes(digest, like: blob) {
                // What is published has other bytes, as a disk can leave them: the right ones take their place.
                guard let row = kept.row(of: digest) else { return }
                let repair = try vault.restoreAudio(of: [row], on: row.day, readsAll: true) { _ in blob }
                guard repair.missing.isEmpty else { return }
                log.warning("\(row.day): \(row.path) was damaged, and is restored from what was received now")
            }
            try FileSystem.removeTree(blob)
            Failpoint.reach("merge: blob removed")
        }
        for source in summary.sources where source.state.isSettled {
            try FileSystem.removeTree(work.path(WorkFiles.downloads(of: source.name)))
            if source.kind == .api { try FileSystem.removeTree(work.path(WorkFiles.incomingAudio)) }
        }
    }
}

extension [DayPart] {
    /// Archives of which something was not reached.
    fileprivate var partlyRead: Set<Digest> { Set(flatMap(\.sources).flatMap { $0.partlyRead ?? [] }) }
}

extension MergeStage {
    /// Whether something may be published on a neighbouring day: it is neither sealed nor damaged, and nothing of it is gone.
    func isOpen(_ day: Day) throws -> Bool {
        guard try vault.seal(of: day) == nil else { return false }
        do {
            guard let published = try vault.publishedDay(day) else { return true }
            return try !published.isBagMissing && Mending(vault, day, published, log: log).rows.isEmpty
        } catch let failure as Failure where failure.code == .damaged {
            return false
        }
    }

    /// Whether the archives of other days brought something that is published on a day.
    private func hasMovedIn(_ day: Day) throws -> Bool {
        do { return (try vault.publishedSummary(day)?.totals.movedIn ?? 0) > 0 } catch {
            guard error.code == .damaged else { throw error }
            return false
        }
    }
}

extension WorkFiles {
    /// The folder of a source's downloaded archives. A source's name is a file name by the configuration's rules.
    package static func downloads(of source: String) -> String { "archives/\(source)" }

    /// The folder of the API's audio until it is whole.
    static let incomingAudio = "incoming"
}
