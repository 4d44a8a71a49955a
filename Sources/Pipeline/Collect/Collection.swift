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
    private(set) var wanted: [ListedRecording] = []
    /// What of it has not come yet.
    private(set) var open: Set<RecordingID> = []
    /// How many could not be fetched, though the platform has them: the next run may.
    private(set) var troubled = 0
    private var outcomes: [Outcome] = []

    /// What became of a listed item.
    private struct Outcome {
        let item: ListedRecording
        var exception: (reason: Exception.Reason, detail: String)?
        var audio: ReceivedAudio?
    }

    init(day: Day, timeZone: TimeZone, rule: SelectionRule, shelf: AudioShelf) {
        self.day = day
        self.timeZone = timeZone
        self.rule = rule
        self.shelf = shelf
    }

    // MARK: Before the audio

    /// Sorts one listed item: into an outcome, or to what is to be fetched.
    ///
    /// - Parameter calls: what the selection is decided on, where there is one.
    mutating func plan(_ item: ListedRecording, _ calls: CallKnowledge) throws {
        if let published = shelf.publishedRecording(item.id) {
            // What is published stays, whatever the platform or the selection says of it since.
            guard item.availability == .stored else { return end(item, with: ReceivedAudio(published: published)) }
            if let audio = try shelf.audio(for: item) { return end(item, with: audio) }
            return want(item)
        }
        if rule.needsCallLog, let failure = calls.failure {
            return end(item, .unavailable, "not fetched: \(failure.message)")
        }
        if rule.needsCallLog, !calls.isWhole, calls.index?.details(of: item) == nil {
            return end(item, .unavailable, "not fetched: the call log is not listed whole, and does not have its call")
        }
        let known = item.availability == .stored ? try shelf.audio(for: item) : nil
        if known == nil, case .leftOut(let detail) = rule.decide(described(item, calls).facts()) {
            return end(item, .notSelected, detail)
        }
        switch item.availability {
        case .stored: if let known { select(item, with: known, calls) } else { want(item) }
        case .deleted: end(item, .deletedUpstream, "the platform says: deleted")
        case .failed(let state): end(item, .unavailable, "the platform says: \(state)")
        case .pending(let state): end(item, .pending, "the platform says: \(state)")
        }
    }

    private mutating func want(_ item: ListedRecording) {
        wanted.append(item)
        open.insert(item.id)
    }

    // MARK: With the audio

    /// Takes what came for a wanted recording.
    mutating func take(_ item: ListedRecording, _ delivery: SingleDownload.Delivery, _ calls: CallKnowledge) throws {
        open.remove(item.id)
        switch delivery {
        case .audio(let received):
            let audio = try shelf.add(received, for: item)
            if shelf.publishedRecording(item.id) == nil {
                select(item, with: audio, calls)
            } else {
                end(item, with: audio)
            }
        case .nothing(let detail): end(item, .unavailable, detail)
        case .trouble(let trouble):
            troubled += 1
            end(item, .unavailable, trouble.failure.message)
        }
    }

    /// What is to be fetched, in the order in which that is asked for: the oldest expire first.
    func queue(_ last: LastInLine) -> [ListedRecording] { last.sorted(wanted, by: \.id) }

    /// Names everything that has not come.
    mutating func giveUp(_ detail: String) {
        for item in wanted where open.remove(item.id) != nil { end(item, .unavailable, detail) }
    }

    private mutating func select(_ item: ListedRecording, with received: ReceivedAudio, _ calls: CallKnowledge) {
        // Audio of unknown length is not too short.
        let measured = received.findings.audio.flatMap { $0.durationMs ?? .max }
        if case .leftOut(let detail) = rule.decide(described(item, calls).facts(measured: measured)) {
            outcomes.append(Outcome(item: item, exception: (.notSelected, detail), audio: received))
        } else {
            end(item, with: received)
        }
    }

    private mutating func end(_ item: ListedRecording, with received: ReceivedAudio) {
        guard received.findings.audio == nil else {
            return outcomes.append(Outcome(item: item, audio: received))
        }
        let detail = "the audio does not play: it is \(received.findings.recognisedAs ?? "no known format")"
        outcomes.append(Outcome(item: item, exception: (.rejectedAudio, detail), audio: received))
    }

    private mutating func end(_ item: ListedRecording, _ reason: Exception.Reason, _ detail: String) {
        outcomes.append(Outcome(item: item, exception: (reason, detail)))
    }

    // MARK: Rows

    /// The rows that the outcomes make.
    func part(_ calls: CallKnowledge) -> DayPart {
        var part = DayPart()
        for outcome in outcomes {
            let recording = described(outcome.item, calls)
            if let (reason, detail) = outcome.exception {
                part.exceptions.append(recording.exception(reason, detail, outcome.audio, of: day))
            } else if let received = outcome.audio, let audio = received.findings.audio {
                part.recordings.append(recording.recording(received, audio, of: day, in: timeZone))
            }
        }
        return part
    }

    /// An item together with what the call log says of it, or said when it was published.
    private func described(_ item: ListedRecording, _ calls: CallKnowledge) -> CollectedRecording {
        let before = shelf.publishedRecording(item.id).map { CallDetails(published: $0) }
        guard let known = calls.index?.details(of: item) else { return CollectedRecording(item: item, details: before) }
        return CollectedRecording(item: item, details: before.map { known.completed(by: $0) } ?? known)
    }
}
