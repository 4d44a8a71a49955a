import Foundation
import Platform
import Recordings

/// A day's listing on its way to being rows: what is known already, what is to be fetched, what cannot be had.
struct Collection {
    let day: Day
    let timeZone: TimeZone
    let rule: SelectionRule
    private var shelf: AudioShelf
    /// What is to be fetched, in the order of the listing.
    private(set) var wanted: [CollectedRecording] = []
    /// What of it has not come yet.
    private(set) var open: Set<RecordingID> = []
    private(set) var part = DayPart()

    init(day: Day, timeZone: TimeZone, rule: SelectionRule, shelf: AudioShelf) {
        self.day = day
        self.timeZone = timeZone
        self.rule = rule
        self.shelf = shelf
    }

    // MARK: Before the audio

    /// Sorts one listed item: into a row, or to what is to be fetched.
    mutating func plan(_ item: ListedRecording, _ calls: CallKnowledge) throws {
        let published = shelf.publishedRecording(item.id)
        let known = calls.index?.details(of: item)
        let before = published.map { CallDetails(published: $0) }
        let recording = CollectedRecording(
            item: item,
            details: before.flatMap { known?.completed(by: $0) } ?? known ?? before
        )
        if let published {
            // What is published stays, whatever the platform or the selection says of it since.
            let isOffered = item.availability == .stored
            guard isOffered else { return add(recording, ReceivedAudio(published: published)) }
            if let audio = try shelf.audio(for: item) { return add(recording, audio) }
            return want(recording)
        }
        if rule.needsCallLog, let failure = calls.failure {
            return part.exceptions.append(recording.exception(.unavailable, "not fetched: \(failure.message)", of: day))
        }
        if case .leftOut(let detail) = rule.decide(recording.facts()), try shelf.audio(for: item) == nil {
            return part.exceptions.append(recording.exception(.notSelected, detail, of: day))
        }
        switch item.availability {
        case .stored:
            if let audio = try shelf.audio(for: item) { selectAndAdd(recording, audio) } else { want(recording) }
        case .deleted:
            part.exceptions.append(recording.exception(.deletedUpstream, "the platform says: deleted", of: day))
        case .failed(let state):
            part.exceptions.append(recording.exception(.unavailable, "the platform says: \(state)", of: day))
        case .pending(let state):
            part.exceptions.append(recording.exception(.pending, "the platform says: \(state)", of: day))
        }
    }

    private mutating func want(_ recording: CollectedRecording) {
        wanted.append(recording)
        open.insert(recording.id)
    }

    // MARK: With the audio

    /// Takes what came for a wanted recording.
    mutating func take(_ recording: CollectedRecording, _ delivery: SingleDownload.Delivery) throws {
        open.remove(recording.id)
        switch delivery {
        case .audio(let received):
            let audio = try shelf.add(received, for: recording.item)
            if shelf.publishedRecording(recording.id) == nil {
                selectAndAdd(recording, audio)
            } else {
                add(recording, audio)
            }
        case .nothing(let detail): part.exceptions.append(recording.exception(.unavailable, detail, of: day))
        }
    }

    /// Names everything that has not come.
    mutating func giveUp(_ detail: String) {
        for recording in wanted where open.remove(recording.id) != nil {
            part.exceptions.append(recording.exception(.unavailable, detail, of: day))
        }
    }

    private mutating func selectAndAdd(_ recording: CollectedRecording, _ received: ReceivedAudio) {
        // Audio of unknown length is not too short.
        let measured = received.findings.audio.flatMap { $0.durationMs ?? .max }
        if case .leftOut(let detail) = rule.decide(recording.facts(measured: measured)) {
            part.exceptions.append(recording.exception(.notSelected, detail, received, of: day))
        } else {
            add(recording, received)
        }
    }

    /// Adds the recording that a listed item and its audio make, or the exception where the audio does not play.
    private mutating func add(_ recording: CollectedRecording, _ received: ReceivedAudio) {
        guard let audio = received.findings.audio else {
            let kind = received.findings.recognisedAs ?? "no known format"
            let detail = "the audio does not play: it is \(kind)"
            return part.exceptions.append(recording.exception(.rejectedAudio, detail, received, of: day))
        }
        part.recordings.append(recording.recording(received, audio, of: day, in: timeZone))
    }
}
