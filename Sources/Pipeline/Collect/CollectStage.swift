import Foundation
import Ledger
import Logging
import Platform
package import Recordings
import Settings
import Vault

/// Collects the API's recordings of a day: the listing, what the call log says of them, then the audio that is not there
/// yet, one file or one batch at a time.
package struct CollectStage: Sendable {
    package static let sourceName = "api"

    let client: PlatformClient
    let vault: Vault
    let ledger: Ledger
    let timeZone: TimeZone
    let rule: SelectionRule
    /// Bytes of one file.
    let limit: Int64
    let clock: RetentionClock
    /// How many recordings one request fetches, and how; nil for one at a time.
    let bulk: Bulk?
    let time: any PlatformTime
    let log: Logger

    struct Bulk: Sendable {
        let size: Int
        let limits: Configuration.Limits
        let supervisor: UnpackSupervisor
    }

    /// Lists the day, fetches what is missing, and leaves the API's part in the work folder.
    ///
    /// - Parameters:
    ///   - isRefetching: whether what is there already is fetched all the same.
    ///   - only: the one recording that is fetched; the others that are missing are named, for a later run. Nil for all.
    /// - Throws: what makes going on pointless, such as a full disk, and cancellation. That the platform cannot be
    ///   reached or refuses is said in the part.
    package func run(
        _ day: Day,
        isRefetching: Bool = false,
        only: RecordingID? = nil,
        progress: StageProgress
    ) async throws -> DayPart {
        let part: DayPart
        do {
            let listing = try await client.recordings(in: day.interval(in: timeZone))
            let shelf = try AudioShelf(vault, ledger, day, listing, isRefetching: isRefetching)
            part = try await collect(day, listing, shelf, only, progress)
        } catch let failure as Failure where failure.concernsSource {
            part = DayPart(sources: [
                PartSource(
                    name: Self.sourceName,
                    kind: .api,
                    state: .failed,
                    detail: failure.message,
                    failure: failure
                )
            ])
        }
        try WorkFiles(vault, day).save(part, as: .api)
        return part
    }

    private func collect(
        _ day: Day,
        _ listing: Listing,
        _ shelf: AudioShelf,
        _ only: RecordingID?,
        _ progress: StageProgress
    ) async throws -> DayPart {
        let isNews = isNews(listing, shelf)
        async let reading = isNews ? calls(of: day) : CallKnowledge()
        // A selection is decided on what the call log says; without one, the audio does not wait for the log.
        let ahead = rule.selectsEverything ? CallKnowledge() : try await reading
        var collection = Collection(day: day, timeZone: timeZone, rule: rule, shelf: shelf)
        for item in listing.items { try collection.plan(item, ahead) }
        let total = Int64(listing.items.count)
        func report(_ collection: Collection) {
            progress.report(done: total - Int64(collection.open.count), of: total, .recordings)
        }
        report(collection)
        var failure: Failure?
        do {
            if only == nil { try await fetchBatches(day, &collection, ahead, report) }
            failure = try await fetchSingles(day, &collection, only, ahead, report)
            if let only { collection.giveUp("not fetched: only \(only) was asked for") }
        } catch let caught as Failure where caught.concernsSource {
            failure = caught
        }
        // Nothing more is asked of a platform that refuses or does not answer; what was not fetched is named.
        if let failure { collection.giveUp("not fetched: \(failure.message)") }
        let calls = try await reading
        failure = failure ?? calls.failure
        var part = collection.part(calls)
        part.exceptions += listing.malformed.map { exception($0, of: day) }
        part.exceptions += undelivered(listing, of: day)
        let silence = Silence(clock, day, listing, shelf, time.now())
        part.sources = [source(day, listing, part, failure, troubled: collection.troubled, silence)]
        return part
    }

    /// Fetches what is wanted one by one. Returns why the platform is given up, when it is.
    private func fetchSingles(
        _ day: Day,
        _ collection: inout Collection,
        _ only: RecordingID?,
        _ calls: CallKnowledge,
        _ report: (Collection) -> Void
    ) async throws -> Failure? {
        let download = SingleDownload(client: client, vault: vault, day: day, limit: limit)
        var last = LastInLine(WorkFiles(vault, day))
        var streak = TroubleStreak()
        for next in collection.queue(last) where collection.open.contains(next.id) && (only ?? next.id) == next.id {
            let delivery = try await download.fetch(next)
            try collection.take(next, delivery, calls)
            let isTroubled = if case .trouble = delivery { true } else { false }
            try last.note(next.id, isTroubled: isTroubled)
            report(collection)
            if let trouble = streak.take(delivery) {
                try await client.heed(trouble)
                return trouble.failure
            }
        }
        return streak.verdict?.failure
    }

    /// Fetches as much as bulk downloads bring; what they do not bring is still wanted afterwards.
    private func fetchBatches(
        _ day: Day,
        _ collection: inout Collection,
        _ calls: CallKnowledge,
        _ report: (Collection) -> Void
    ) async throws {
        guard let bulk else { return }
        let endpoint = BulkEndpoint(vault: vault, baseURL: client.baseURL.absoluteString)
        let download = BulkDownload(
            client: client,
            vault: vault,
            day: day,
            supervisor: bulk.supervisor,
            limits: .init(bulk.limits),
            endpoint: endpoint,
            log: log
        )
        let wanted = collection.wanted.filter { $0.file?.id != nil }
        for start in stride(from: 0, to: wanted.count, by: bulk.size) {
            let batch = Array(wanted[start..<min(start + bulk.size, wanted.count)])
            guard batch.count > 1, try endpoint.isWorthTrying() else { return }
            let brought = try await download.fetch(batch)
            for item in batch {
                if let received = brought[item.id] { try collection.take(item, .audio(received), calls) }
            }
            report(collection)
        }
    }

    // MARK: The call log

    /// A recording can start this long after its call was created, in milliseconds: the queue's waiting time.
    private static let callLead: Int64 = 2 * 3600 * 1000

    /// Whether there is something of which the call log could know more than is published.
    private func isNews(_ listing: Listing, _ shelf: AudioShelf) -> Bool {
        if !shelf.isSettled, !listing.items.isEmpty { return true }
        return listing.items.contains { $0.availability == .stored && shelf.publishedRecording($0.id) == nil }
    }

    private func calls(of day: Day) async throws -> CallKnowledge {
        let interval = day.interval(in: timeZone)
        let start = interval.lowerBound.advanced(byMilliseconds: -Self.callLead)
        do {
            switch try await client.callLog(in: start..<interval.upperBound) {
            case .readable(let list): return CallKnowledge(index: CallIndex(list.items), isWhole: list.isWhole)
            case .unreadable(let detail):
                guard rule.needsCallLog else {
                    log.info("the call log is not readable for this account: \(detail)")
                    return CallKnowledge()
                }
                return CallKnowledge(
                    failure: Failure(
                        .credentials,
                        "select.queues and select.campaigns need the call log, which is not readable: \(detail)",
                        advice: "Give the user the right to read the call reporting, or select by something else"
                    )
                )
            }
        } catch let failure as Failure where failure.concernsSource && failure.code != .credentials {
            // The audio is more urgent than what is known of it: the next run reads the log again.
            return CallKnowledge(failure: failure)
        }
    }

    // MARK: The source's account

    private func source(
        _ day: Day,
        _ listing: Listing,
        _ part: DayPart,
        _ failure: Failure?,
        troubled: Int,
        _ silence: Silence
    ) -> PartSource {
        var source = PartSource(name: Self.sourceName, kind: .api, state: .complete, failure: failure)
        source.members = part.recordings.count + part.exceptions.count { $0.reason.concernsMember }
        let trouble = troubled > 0 && failure == nil ? "\(troubled) of the recordings could not be fetched now" : nil
        let reasons = [failure?.message, trouble, incompleteness(day, listing)].compactMap(\.self)
        source.detail = reasons.isEmpty ? nil : reasons.joined(separator: "; ")
        if source.detail != nil { source.state = .partial }
        if source.detail == nil { silence.tell(&source) }
        if listing.filtersIgnored {
            log.warning("the platform ignores the time filters: it listed \(listing.outside) recordings of other days")
        }
        return source
    }

    /// Why the listing cannot be the whole day; nil when it can.
    private func incompleteness(_ day: Day, _ listing: Listing) -> String? {
        var reasons: [String] = []
        if time.now() < day.interval(in: timeZone).upperBound { reasons.append("the day is not over") }
        if listing.isTruncated { reasons.append("the list has more pages than are read") }
        if !listing.isConsistent { reasons.append("the list changed during each of \(listing.readings) readings") }
        reasons += listing.contradictions.map(\.description)
        return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    }

    /// One exception for all that the platform counts and does not list: nothing else is known of them.
    private func undelivered(_ listing: Listing, of day: Day) -> [Exception] {
        guard listing.undelivered > 0 else { return [] }
        let detail = "the platform's own total counts \(listing.undelivered) more than it lists"
        return [Exception(day: day, source: Self.sourceName, reason: .notDelivered, detail: detail)]
    }

    private func exception(_ item: MalformedItem, of day: Day) -> Exception {
        var exception = Exception(
            day: day,
            source: Self.sourceName,
            reason: .unavailable,
            detail: "the platform lists it in a form that cannot be read: \(item.detail)"
        )
        exception.recordingID = item.id
        return exception
    }
}

/// What could be learned from the call log.
struct CallKnowledge: Sendable {
    /// Nil when it was not read.
    var index: CallIndex?
    /// Whether a call that is not in it is known not to be in the platform's log.
    var isWhole = true
    /// Why it could not be read, though it is needed.
    var failure: Failure?
}

extension Failure {
    /// Whether it is about the other side, so that the rest of the day can go on; otherwise it is about this machine.
    package var concernsSource: Bool {
        switch code {
        case .credentials, .unreachable, .notReady, .badAnswer, .notFound: true
        case .usage, .configuration, .locked, .interrupted, .diskFull, .fileSystem, .corrupt, .damaged: false
        }
    }
}
