import Recordings

/// Recordings as several deliveries describe them, on their way to being one row each.
struct RecordingSet {
    private let candidates: [Recording]
    /// Earlier states of the candidates, with other bytes: they win only over what is worse.
    private let superseded: [Recording]

    init(_ candidates: [Recording], superseded: [Recording] = []) {
        self.candidates = candidates
        self.superseded = superseded
    }

    /// One row for each recording.
    struct Resolution {
        var recordings: [Recording]
        /// Rows that lost to another with the same id and other bytes.
        var losers: [Recording]
    }

    func resolved() -> Resolution {
        if isPlain { return Resolution(recordings: Recording.inManifestOrder(candidates), losers: []) }
        var recordings: [Recording] = []
        var losers: [Recording] = []
        let before = Dictionary(grouping: superseded, by: \.recordingID)
        for (id, group) in Dictionary(grouping: candidates, by: \.recordingID) {
            if group.count == 1, before[id] == nil {
                recordings += group
                continue
            }
            var contenders = Dictionary(grouping: group, by: \.sha256).values.map(Self.combined)
            contenders.sort(by: Self.precedes)
            let earlier = (before[id] ?? []).sorted(by: Self.precedes)
            let better = earlier.filter { $0.rank < contenders[0].rank }
            contenders = better + contenders + earlier.filter { $0.rank >= contenders[0].rank }
            recordings.append(contenders[0])
            losers += contenders.dropFirst()
        }
        return Resolution(
            recordings: Recording.inManifestOrder(Self.joined(recordings)),
            losers: losers.sorted(by: Self.precedes)
        )
    }

    /// Whether each candidate is alone with its id and its bytes, so that nothing is to be settled: most days are like that.
    private var isPlain: Bool {
        superseded.isEmpty && Set(candidates.lazy.map(\.recordingID)).count == candidates.count
            && Set(candidates.lazy.map(\.sha256)).count == candidates.count
    }

    /// One row out of several with the same id and the same bytes: the most trusted one's words, all deliveries.
    private static func combined(_ same: [Recording]) -> Recording {
        let ordered = same.sorted(by: precedes)
        var recording = ordered[0]
        recording.sources = Set(ordered.flatMap(\.sources)).sorted()
        return recording
    }

    /// Whether `left` is to be believed before `right`: the API before archives, whole audio before damaged, then the
    /// order of deliveries, so that the outcome never depends on which arrived first.
    private static func precedes(_ left: Recording, _ right: Recording) -> Bool {
        let ranks = (left.rank, right.rank)
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        return left.sources.lexicographicallyPrecedes(right.sources)
    }

    // MARK: Dialer files that are API recordings

    /// How far apart the starts of a dialer file and an API recording with equal bytes may lie, in milliseconds.
    private static let joinTolerance: Int64 = 5 * 60 * 1000

    /// Joins a dialer file to the API recording that has its bytes, where each is the other's only match.
    private static func joined(_ recordings: [Recording]) -> [Recording] {
        var kept: [Recording] = []
        for group in Dictionary(grouping: recordings, by: \.sha256).values {
            if group.count == 1 {
                kept += group
                continue
            }
            let api = group.filter(\.isFromAPI)
            let dialer = group.filter { !$0.isFromAPI }
            kept += api.isEmpty || dialer.isEmpty ? group : joined(dialer, to: api)
        }
        return kept
    }

    private static func joined(_ dialer: [Recording], to api: [Recording]) -> [Recording] {
        let matches = dialer.map { file in api.indices.filter { isOneCall(file, api[$0]) } }
        var suitors: [Int: Int] = [:]
        for index in matches.joined() { suitors[index, default: 0] += 1 }
        var result = api
        for (file, matching) in zip(dialer, matches) {
            if let index = matching.first, matching.count == 1, suitors[index] == 1 {
                result[index].sources = Set(result[index].sources + file.sources).sorted()
            } else {
                result.append(file)
            }
        }
        return result
    }

    private static func isOneCall(_ file: Recording, _ recording: Recording) -> Bool {
        if file.startedAtFrom == .day { return true }
        let distance = file.startedAt.millisecondsSinceEpoch - recording.startedAt.millisecondsSinceEpoch
        return abs(distance) <= joinTolerance
    }
}

extension Recording {
    fileprivate var rank: Int {
        (isFromAPI ? 0 : 2) + (verdict == .verified ? 0 : 1)
    }
}

extension RecordingSet.Resolution {
    /// An exception for every delivery that lost.
    func conflicts(on day: Day) -> [Exception] {
        guard !losers.isEmpty else { return [] }
        let winners = Dictionary(recordings.map { ($0.recordingID, $0) }) { first, _ in first }
        return losers.flatMap { loser in
            let winner = winners[loser.recordingID]?.sha256.hex ?? "another"
            let detail = "recording \(loser.recordingID) is published with the bytes \(winner)"
            return loser.sources.map { loser.exception(.conflict, detail, $0, on: day) }
        }
    }
}
