package import Recordings

/// What a file's name, or a row of a sidecar, tells of a call. Absent values are unknown: nothing in it is a guess.
package struct CallMetadata: Codable, Hashable, Sendable {
    package var startedAt: CallStart?
    /// Starts that are given and could not be read; one of them may have been better than `startedAt`.
    package var unreadStarts: [UnreadStart] = []
    /// An identity that holds beyond the archive it stands in: a UUID or 32 hexadecimal digits, or another text of 16
    /// characters or more that a source calls the recording's id. Running numbers are none.
    package var recordingID: RecordingID?
    package var callID: String?
    package var conversationID: String?
    package var direction: Recording.Direction?
    package var from: String?
    package var to: String?
    /// The customer's number, where nothing says who called whom.
    package var phone: String?
    package var agentID: String?
    package var agentName: String?
    package var agentNumber: String?
    package var campaign: String?
    /// The queue, or the dialer's in-group.
    package var queue: String?
    package var leadID: String?
    package var duration: WrittenDuration?
    package var sizeBytes: Int64?
    package var contentType: String?

    package init() {}

    package var isEmpty: Bool { self == CallMetadata() }

    /// This, and where it knows nothing, what `other` knows: a sidecar's row completed by the file's name.
    ///
    /// The starts are one field among the others here; ``StartResolution`` weighs both.
    package func completed(by other: CallMetadata) -> CallMetadata {
        var result = self
        result.startedAt = startedAt ?? other.startedAt
        result.unreadStarts += other.unreadStarts.filter { !unreadStarts.contains($0) }
        result.recordingID = recordingID ?? other.recordingID
        result.callID = callID ?? other.callID
        result.conversationID = conversationID ?? other.conversationID
        result.direction = direction ?? other.direction
        if from == nil, to == nil {
            // Numbers are taken together: one source's caller beside the other's customer would be a third call.
            result.from = other.from
            result.to = other.to
            result.phone = phone ?? other.phone
        }
        if agentID == nil, agentName == nil, agentNumber == nil {
            result.agentID = other.agentID
            result.agentName = other.agentName
            result.agentNumber = other.agentNumber
        }
        result.campaign = campaign ?? other.campaign
        result.queue = queue ?? other.queue
        result.leadID = leadID ?? other.leadID
        result.duration = duration ?? other.duration
        result.sizeBytes = sizeBytes ?? other.sizeBytes
        result.contentType = contentType ?? other.contentType
        return result
    }
}

extension CallMetadata {
    /// The manifest's `call`; nil when nothing of it is known.
    ///
    /// A dialer calls out: a customer's number is the one that was called, unless the call is said to be inbound.
    package var call: Recording.Call? {
        var call = Recording.Call(
            id: callID,
            conversationID: conversationID,
            direction: direction,
            from: from,
            to: to
        )
        if let phone {
            if direction == .inbound { call.from = from ?? phone } else { call.to = to ?? phone }
        }
        return call == Recording.Call() ? nil : call
    }

    /// The manifest's `agent`; nil when nothing of it is known.
    package var agent: Recording.Agent? {
        let agent = Recording.Agent(id: agentID, name: agentName, number: agentNumber)
        return agent == Recording.Agent() ? nil : agent
    }

    /// The manifest's `declared`; nil when the source declared nothing.
    ///
    /// - Parameter audioMs: the audio's own length, which decides the unit of a duration that names none.
    package func declared(audioMs: Int64?) -> Recording.Declared? {
        let length = duration?.resolved(audioMs: audioMs)
        let declared = Recording.Declared(
            contentType: contentType,
            durationMs: length?.durationMs,
            durationUnit: length?.unit,
            sizeBytes: sizeBytes
        )
        return declared == Recording.Declared() ? nil : declared
    }

    /// Where the declared duration and the audio disagree, in the source's own number and unit; nil where they do not, or
    /// nothing can be compared.
    ///
    /// - Parameter audioMs: the audio's own length.
    package func durationMismatch(audioMs: Int64?) -> Defect? {
        guard let audioMs, let duration, let resolved = duration.resolved(audioMs: audioMs), resolved.agrees == false
        else { return nil }
        let unit = duration.unit.map { " \($0.rawValue)" } ?? ""
        return Defect(.durationMismatch, "declared \(duration)\(unit), the audio plays \(audioMs) ms")
    }

    /// Writes everything but identity and start into a recording.
    package func describe(_ recording: inout Recording) {
        recording.call = call
        recording.agent = agent
        recording.queue = queue
        recording.campaign = campaign
        recording.leadID = leadID
        recording.declared = declared(audioMs: recording.audio.durationMs)
    }
}
