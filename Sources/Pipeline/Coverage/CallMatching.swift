import Platform
import Recordings

/// Ties calls that name no recording to what is in the vault, each recording to one call at most. Values in, values out.
struct CallMatching {
    /// How far apart the call log's clock and the dialer's may be, in milliseconds.
    private static let clockSlack: Int64 = 60_000

    private var free: [RecordingID: Recording]
    private(set) var matches: [String: (evidence: CallCoverage.Evidence, recordings: [RecordingID])] = [:]

    /// - Parameters:
    ///   - calls: those without recordings of their own.
    ///   - recordings: those in the vault that no call names.
    init(_ calls: [CallLogEntry], _ recordings: [Recording]) {
        free = Dictionary(recordings.map { ($0.recordingID, $0) }) { first, _ in first }
        match(calls, .callID, call: \.id) { $0.call?.id }
        // A conversation has several calls, of which others can have the recording; a dialer's has one.
        match(calls.filter(\.isDialers), .conversationID, call: \.conversationID) { recording in
            recording.channel == .dialer && recording.call?.id == nil ? recording.call?.conversationID : nil
        }
        matchNumbers(calls.filter(\.isDialers))
    }

    private mutating func match(
        _ calls: [CallLogEntry],
        _ evidence: CallCoverage.Evidence,
        call callKey: (CallLogEntry) -> String?,
        recording recordingKey: (Recording) -> String?
    ) {
        var byKey: [String: [RecordingID]] = [:]
        for recording in free.values {
            if let key = recordingKey(recording) { byKey[key, default: []].append(recording.recordingID) }
        }
        guard !byKey.isEmpty else { return }
        for call in calls where matches[call.id] == nil {
            guard let key = callKey(call), let ids = byKey.removeValue(forKey: key) else { continue }
            matches[call.id] = (evidence, ids.sorted())
            for id in ids { free[id] = nil }
        }
    }

    private struct Pair {
        let call: String
        let recording: RecordingID
        let distance: Int64
    }

    /// A dialer's file says when it called which number. Where that fits several calls, the nearest in time is taken.
    private mutating func matchNumbers(_ calls: [CallLogEntry]) {
        var byNumber: [Substring: [(number: PhoneNumber, recording: Recording)]] = [:]
        for recording in free.values where recording.channel == .dialer && recording.startedAtFrom != .day {
            guard let number = Self.number(recording.call?.to ?? recording.call?.from) else { continue }
            byNumber[number.ending, default: []].append((number, recording))
        }
        guard !byNumber.isEmpty else { return }
        var pairs: [Pair] = []
        for call in calls where matches[call.id] == nil {
            for (isCallee, written) in [(true, call.to), (false, call.from)] {
                guard let number = Self.number(written) else { continue }
                for (other, recording) in byNumber[number.ending] ?? [] where other.isSame(as: number) {
                    // Without a callee in its name, the file is told by who called in.
                    guard isCallee == (recording.call?.to != nil), let distance = Self.distance(call, recording) else {
                        continue
                    }
                    pairs.append(Pair(call: call.id, recording: recording.recordingID, distance: distance))
                }
            }
        }
        pairs.sort { ($0.distance, $0.call, $0.recording) < ($1.distance, $1.call, $1.recording) }
        for pair in pairs where matches[pair.call] == nil && free[pair.recording] != nil {
            matches[pair.call] = (.numberAndTime, [pair.recording])
            free[pair.recording] = nil
        }
    }

    /// An extension is no proof: many calls of a day go to it.
    private static func number(_ written: String?) -> PhoneNumber? {
        written.flatMap(PhoneNumber.init).flatMap { $0.isWhole ? $0 : nil }
    }

    /// Milliseconds between the starts; nil when the recording does not lie in the call's time.
    private static func distance(_ call: CallLogEntry, _ recording: Recording) -> Int64? {
        let start = call.dateCreated.millisecondsSinceEpoch
        let end = max(start, (call.dateFinished ?? call.dateCreated).millisecondsSinceEpoch)
        let moment = recording.startedAt.millisecondsSinceEpoch
        guard moment >= start - clockSlack, moment <= end + clockSlack else { return nil }
        return abs(moment - start)
    }
}

extension CallLogEntry {
    var isDialers: Bool { source == "dialer" }
}
