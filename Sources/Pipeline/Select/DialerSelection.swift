import Recordings

/// Leaves out what the configuration does not select of an archive's recordings. Values in, values out.
struct DialerSelection {
    let rule: SelectionRule
    /// The day of the archives, whose exceptions they are.
    let archiveDay: Day
    /// What is published stays, however narrow the selection becomes.
    let published: Set<RecordingID>

    func applied(to recordings: [Recording]) -> (recordings: [Recording], leftOut: [Exception]) {
        var selected: [Recording] = []
        var leftOut: [Exception] = []
        for recording in recordings {
            if !published.contains(recording.recordingID), case .leftOut(let detail) = rule.decide(CallFacts(recording))
            {
                leftOut += recording.sources.map { exception($0, recording, detail) }
            } else {
                selected.append(recording)
            }
        }
        return (selected, leftOut)
    }

    private func exception(_ delivery: Provenance, _ recording: Recording, _ detail: String) -> Exception {
        var exception = Exception(day: archiveDay, source: delivery.sourceName, reason: .notSelected, detail: detail)
        if case .archive(_, let archive, let sha256, let member) = delivery {
            exception.archive = archive
            exception.archiveSHA256 = sha256
            exception.member = member
        }
        exception.recordingID = recording.recordingID
        exception.sha256 = recording.sha256
        exception.sizeBytes = recording.sizeBytes
        return exception
    }
}

extension CallFacts {
    /// What is known of an archived file. A dialer calls out, unless the call is said to be inbound.
    init(_ recording: Recording) {
        self.init()
        direction = recording.call?.direction ?? (recording.channel == .dialer ? .outbound : nil)
        agent = recording.agent
        queue = recording.queue
        campaign = recording.campaign
        tags = recording.tags
        from = recording.call?.from
        to = recording.call?.to
        // Audio of unknown length is not too short.
        durationMs = recording.audio.durationMs.map { $0...$0 } ?? .max ... .max
    }
}
