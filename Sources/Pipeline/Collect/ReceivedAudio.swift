import Recordings

/// What is known of an audio file that the platform delivered, in this run or an earlier one: a line of
/// `api.received.jsonl` in the work folder.
struct ReceivedAudio: Codable, Hashable, Sendable {
    var recordingID: RecordingID
    var sha256: Digest
    var sizeBytes: Int64
    var findings: AudioFindings
    /// The size that the platform declared then.
    var declaredSizeBytes: Int64?

    /// Whether it is still what the platform offers, as far as a size can tell.
    func isCurrent(declaredSizeBytes now: Int64?) -> Bool {
        guard let now else { return true }
        return now == sizeBytes || now == declaredSizeBytes
    }
}

extension ReceivedAudio {
    /// What a published row says of the audio, without what came from comparing it with a declaration.
    init(published recording: Recording) {
        let comparisons: Set<DefectCode> = [.sizeMismatch, .durationMismatch, .typeMismatch]
        self.init(
            recordingID: recording.recordingID,
            sha256: recording.sha256,
            sizeBytes: recording.sizeBytes,
            findings: AudioFindings(
                audio: recording.audio,
                defects: recording.defects.filter { !comparisons.contains($0.code) }
            ),
            declaredSizeBytes: recording.declared?.sizeBytes
        )
    }
}
