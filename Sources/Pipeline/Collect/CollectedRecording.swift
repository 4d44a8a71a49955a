import AudioProbe
import Foundation
import Platform
import Recordings

/// A listed recording together with what the call log says of it: everything that is known before its audio.
struct CollectedRecording: Sendable {
    let item: ListedRecording
    let details: CallDetails?

    var id: RecordingID { item.id }

    /// Calls into a queue are inbound, calls started one at a time are not: that is all the list itself tells.
    private var channel: Channel {
        if let channel = details?.channel { return channel }
        return switch call?.direction {
        case .inbound: .queue
        case .outbound, nil: .clickToCall
        }
    }

    private var call: Recording.Call? {
        var call = item.call ?? Recording.Call()
        call.direction = call.direction ?? details?.direction
        call.from = call.from ?? details?.from
        call.to = call.to ?? details?.to
        return call == Recording.Call() ? nil : call
    }

    private var agent: Recording.Agent? { item.agent ?? details?.agent }

    /// What a selection is decided on.
    ///
    /// - Parameter measured: the audio's own length in milliseconds, once it is known.
    func facts(measured: Int64? = nil) -> CallFacts {
        var facts = CallFacts()
        facts.direction = call?.direction
        facts.agent = agent
        facts.queue = details?.queue
        facts.campaign = details?.campaign
        facts.tags = item.tags
        facts.from = call?.from
        facts.to = call?.to
        facts.durationMs = measured.map { $0...$0 } ?? declaredDurationMs
        return facts
    }

    /// The declared duration is in milliseconds or in seconds: the sources disagree. With the size, the bit rate tells which:
    /// no audio has less than 1 or more than 1,600 kbit/s in both units.
    private var declaredDurationMs: ClosedRange<Int64>? {
        guard let declared = item.duration, declared < 1e12 else { return nil }
        let units = [declared, declared * 1000]
        if let size = item.file?.size, size > 0, declared > 0 {
            let possible = units.filter { (1000...1_600_000).contains(Double(size) * 8000 / $0) }
            if possible.count == 1 { return Int64(possible[0])...Int64(possible[0]) }
        }
        return Int64(units[0])...Int64(units[1])
    }

    // MARK: Rows

    /// The manifest's row.
    func recording(_ received: ReceivedAudio, _ audio: AudioFacts, of day: Day, in zone: TimeZone) -> Recording {
        let declaration = Declaration(
            contentType: item.file?.contentType,
            // A number that no clock could count is no declaration.
            duration: item.duration.flatMap { Int64(exactly: $0.rounded()) },
            sizeBytes: item.file?.size
        )
        let (declared, mismatches) = declaration.compared(with: received.findings, sizeBytes: received.sizeBytes)
        let defects = received.findings.defects + mismatches
        var recording = Recording(
            recordingID: id,
            startedAt: item.dateCreated,
            startedAtFrom: .api,
            day: day,
            channel: channel,
            path: Recording.path(
                channel: channel,
                startedAt: item.dateCreated,
                id: id,
                fileExtension: audio.fileExtension,
                in: zone
            ),
            sha256: received.sha256,
            sizeBytes: received.sizeBytes,
            audio: audio,
            verdict: defects.isEmpty ? .verified : .degraded,
            defects: defects,
            sources: [.api(recordingID: id)]
        )
        recording.declared = declared
        recording.call = call
        recording.agent = agent
        recording.queue = details?.queue
        recording.campaign = details?.campaign
        recording.tags = item.tags
        return recording
    }

    /// The row of `exceptions.jsonl`.
    ///
    /// - Parameter received: the bytes that came; nil when none did.
    func exception(
        _ reason: Exception.Reason,
        _ detail: String,
        _ received: ReceivedAudio?,
        of day: Day
    ) -> Exception {
        var exception = Exception(day: day, source: CollectStage.sourceName, reason: reason, detail: detail)
        exception.recordingID = id
        exception.sha256 = received?.sha256
        exception.sizeBytes = received?.sizeBytes ?? item.file?.size
        return exception
    }
}
