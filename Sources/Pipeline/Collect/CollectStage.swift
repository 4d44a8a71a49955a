import AudioProbe
import Foundation
import Logging
import Platform
package import Recordings
import Vault

/// Collects the API's recordings of a day: the listing, then the audio that is not there yet, one file at a time.
package struct CollectStage: Sendable {
    package static let sourceName = "api"

    let client: PlatformClient
    let vault: Vault
    let timeZone: TimeZone
    let time: any PlatformTime
    let log: Logger

    /// Lists the day, fetches what is missing, and leaves the API's part in the work folder.
    ///
    /// - Throws: what makes going on pointless, such as a full disk, and cancellation. That the platform cannot be
    ///   reached or refuses is said in the part.
    package func run(_ day: Day, progress: StageProgress) async throws -> DayPart {
        let part: DayPart
        do {
            let listing = try await client.recordings(in: day.interval(in: timeZone))
            part = try await collect(day, listing, progress)
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

    private func collect(_ day: Day, _ listing: Listing, _ progress: StageProgress) async throws -> DayPart {
        var shelf = try AudioShelf(vault, day)
        var part = DayPart()
        var failure: Failure?
        for (index, item) in listing.items.enumerated() {
            progress.report(done: Int64(index), of: Int64(listing.items.count), .recordings)
            if failure == nil || item.availability != .stored || shelf.audio(for: item) != nil {
                do {
                    try await collect(item, of: day, &shelf, into: &part)
                    continue
                } catch let caught as Failure where caught.concernsSource {
                    failure = caught
                }
            }
            // Nothing more is asked of a platform that refuses or does not answer; what was not fetched is named.
            part.exceptions.append(
                exception(item, of: day, .unavailable, "not fetched: \(failure?.message ?? "the run ended")")
            )
        }
        part.exceptions += listing.malformed.map { exception($0, of: day) }
        part.sources = [source(day, listing, part, failure)]
        return part
    }

    private func source(_ day: Day, _ listing: Listing, _ part: DayPart, _ failure: Failure?) -> PartSource {
        var source = PartSource(name: Self.sourceName, kind: .api, state: .complete, failure: failure)
        source.members = part.recordings.count + part.exceptions.count
        source.detail = failure?.message ?? incompleteness(day, listing)
        if source.detail != nil { source.state = .partial }
        if listing.filtersIgnored {
            log.warning("the platform ignores the time filters: it listed \(listing.outside) recordings of other days")
        }
        return source
    }

    /// Why the listing cannot be the whole day; nil when it can.
    private func incompleteness(_ day: Day, _ listing: Listing) -> String? {
        if time.now() < day.interval(in: timeZone).upperBound { return "the day is not over" }
        if listing.isTruncated { return "the list has more pages than are read" }
        if !listing.isConsistent { return "the list changed during each of \(listing.readings) readings" }
        return nil
    }

    // MARK: One recording

    private func collect(
        _ item: ListedRecording,
        of day: Day,
        _ shelf: inout AudioShelf,
        into part: inout DayPart
    ) async throws {
        if case .stored = item.availability {
            let delivery: Delivery =
                if let known = shelf.audio(for: item) { .audio(known) } else { try await fetch(item, of: day, &shelf) }
            switch delivery {
            case .audio(let audio): part.add(item, audio, of: day, in: timeZone)
            case .nothing(let detail): part.exceptions.append(exception(item, of: day, .unavailable, detail))
            }
            return
        }
        // What is published stays, whatever the platform has done with it since.
        if let audio = shelf.publishedAudio(item.id) {
            part.add(item, audio, of: day, in: timeZone)
            return
        }
        let (reason, detail): (Exception.Reason, String) =
            switch item.availability {
            case .deleted: (.deletedUpstream, "the platform says: deleted")
            case .failed(let state): (.unavailable, "the platform says: \(state)")
            case .pending(let state): (.pending, "the platform says: \(state)")
            case .stored: (.unavailable, "not fetched")
            }
        part.exceptions.append(exception(item, of: day, reason, detail))
    }

    private enum Delivery {
        case audio(ReceivedAudio)
        case nothing(String)
    }

    /// Fetches the audio, and once more when it is not what was declared: then what came is what there is.
    private func fetch(_ item: ListedRecording, of day: Day, _ shelf: inout AudioShelf) async throws -> Delivery {
        for isLastTry in [false, true] {
            let incoming = try IncomingAudio(vault, day, item.id)
            let outcome = try await client.audio(of: item) { try incoming.take($0) }
            switch outcome {
            case .gone(let status):
                return .nothing("the platform lists it and answers \(status) for its audio")
            case .refused(let status):
                return .nothing("the platform lists it and refuses its audio with \(status)")
            case .unavailable(let detail):
                return .nothing(detail)
            case .received(let head, _):
                let received = try incoming.finish()
                let isDeclaredSize = item.file?.size.map { $0 == received.sizeBytes } ?? true
                let isPage = received.findings.audio == nil && head.claimsText
                if !isLastTry, isPage || !isDeclaredSize { continue }
                if isPage {
                    return .nothing(
                        "the platform sends \(received.findings.recognisedAs ?? "a text") in place of audio"
                    )
                }
                return .audio(try shelf.add(received, for: item))
            }
        }
        return .nothing("not fetched")
    }

    // MARK: Exceptions

    private func exception(
        _ item: ListedRecording,
        of day: Day,
        _ reason: Exception.Reason,
        _ detail: String
    ) -> Exception {
        var exception = Exception(day: day, source: Self.sourceName, reason: reason, detail: detail)
        exception.recordingID = item.id
        exception.sizeBytes = item.file?.size
        return exception
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

extension DayPart {
    /// Adds the recording that a listed item and its audio make, or the exception where the audio does not play.
    fileprivate mutating func add(_ item: ListedRecording, _ received: ReceivedAudio, of day: Day, in zone: TimeZone) {
        guard let audio = received.findings.audio else {
            var exception = Exception(
                day: day,
                source: CollectStage.sourceName,
                reason: .rejectedAudio,
                detail: "the audio does not play: it is \(received.findings.recognisedAs ?? "no known format")"
            )
            exception.recordingID = item.id
            exception.sha256 = received.sha256
            exception.sizeBytes = received.sizeBytes
            exceptions.append(exception)
            return
        }
        let declaration = Declaration(
            contentType: item.file?.contentType,
            duration: item.duration.map { Int64($0.rounded()) },
            sizeBytes: item.file?.size
        )
        let (declared, mismatches) = declaration.compared(with: received.findings, sizeBytes: received.sizeBytes)
        let defects = received.findings.defects + mismatches
        let channel = Channel(item.call)
        var recording = Recording(
            recordingID: item.id,
            startedAt: item.dateCreated,
            startedAtFrom: .api,
            day: day,
            channel: channel,
            path: Recording.path(
                channel: channel,
                startedAt: item.dateCreated,
                id: item.id,
                fileExtension: audio.fileExtension,
                in: zone
            ),
            sha256: received.sha256,
            sizeBytes: received.sizeBytes,
            audio: audio,
            verdict: defects.isEmpty ? .verified : .degraded,
            defects: defects,
            sources: [.api(recordingID: item.id)]
        )
        recording.declared = declared
        recording.call = item.call
        recording.agent = item.agent
        recording.tags = item.tags
        recordings.append(recording)
    }
}

extension Channel {
    /// What the recordings resource tells: calls into a queue are inbound, calls started one at a time are not.
    fileprivate init(_ call: Recording.Call?) {
        switch call?.direction {
        case .inbound: self = .queue
        case .outbound, nil: self = .clickToCall
        }
    }
}

extension Failure {
    /// Whether it is about the other side, so that the rest of the day can go on; otherwise it is about this machine.
    package var concernsSource: Bool {
        switch code {
        case .credentials, .unreachable, .notReady, .badAnswer, .notFound: true
        case .usage, .configuration, .locked, .interrupted, .diskFull, .fileSystem, .corrupt: false
        }
    }
}
