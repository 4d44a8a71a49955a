import Platform
import Recordings

/// What the call log knows of a recording, and the list of recordings does not.
struct CallDetails: Hashable, Sendable {
    var channel: Channel?
    var queue: String?
    var campaign: String?
    var direction: Recording.Direction?
    var from: String?
    var to: String?
    var agent: Recording.Agent?
}

extension CallDetails {
    /// What an earlier run found out: the published row keeps it.
    init(published recording: Recording) {
        self.init(
            channel: recording.channel,
            queue: recording.queue,
            campaign: recording.campaign,
            direction: recording.call?.direction,
            from: recording.call?.from,
            to: recording.call?.to,
            agent: recording.agent
        )
    }

    init(_ entry: CallLogEntry) {
        self.init(
            channel: Channel(callSource: entry.source),
            queue: entry.queueName ?? entry.queueID,
            campaign: entry.campaign,
            direction: entry.direction,
            from: entry.from,
            to: entry.to,
            agent: entry.agent
        )
    }

    /// What is unknown here, as another leg of the call has it. The agent is the leg's own.
    func completed(by parent: CallDetails) -> CallDetails {
        var details = self
        details.channel = channel ?? parent.channel
        details.queue = queue ?? parent.queue
        details.campaign = campaign ?? parent.campaign
        details.direction = direction ?? parent.direction
        return details
    }
}

extension Channel {
    /// By the call log's `source` (OpenAPI file); nil for those that say nothing of how the call came about, such as
    /// `transfer`.
    fileprivate init?(callSource source: String?) {
        switch source {
        case "queue": self = .queue
        case "dialer": self = .dialer
        case "webrtc", "api", "dial": self = .clickToCall
        default: return nil
        }
    }
}

/// A day's call log, to look up what belongs to a recording.
struct CallIndex: Sendable {
    private let byRecording: [RecordingID: CallLogEntry]
    private let byID: [String: CallLogEntry]

    init(_ entries: [CallLogEntry]) {
        byRecording = Dictionary(entries.flatMap { entry in entry.recordings.map { ($0, entry) } }) { first, _ in first
        }
        byID = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
    }

    /// What is known of the call that a recording is of: by the recording's own id, else by its call's.
    func details(of recording: ListedRecording) -> CallDetails? {
        guard let entry = byRecording[recording.id] ?? recording.call?.id.flatMap({ byID[$0] }) else { return nil }
        let details = CallDetails(entry)
        guard let parent = entry.parentID.flatMap({ byID[$0] }) else { return details }
        return details.completed(by: CallDetails(parent))
    }
}
