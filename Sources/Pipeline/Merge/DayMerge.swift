import Recordings

/// Makes one set of recordings out of everything that is known of a day. Values in, values out.
///
/// The result does not depend on the order in which the parts arrived: what a part says anew replaces what the
/// published day had from it, and only what no part speaks of is carried over.
struct DayMerge {
    let day: Day
    /// The day as it is published now.
    var published: PublishedPart?
    /// The dialer's part and the API's, as far as there are any.
    var parts: [DayPart]
    /// Recordings of a neighbouring day's archives that started on this day.
    var movedIn: [Recording] = []
    /// By source: recordings of this day's carried archives that are published on neighbouring days.
    var carriedMoves: [String: Int] = [:]

    /// What the published day brings into the merge.
    struct PublishedPart {
        var sources: [DaySummary.Source]
        var recordings: [Recording]
        var exceptions: [Exception]
    }

    /// The day's new content.
    struct Result {
        var recordings: [Recording]
        var exceptions: [Exception]
        var sources: [DaySummary.Source]
        /// Recordings of this day's archives that belong to neighbouring days.
        var movedOut: [Recording]
    }

    func merged() throws(Failure) -> Result {
        let fresh = parts.flatMap(\.recordings)
        let current = fresh.filter { $0.day == day } + movedIn
        let kept = carriedRecordings
        let joined = RecordingSet(current + kept, superseded: superseded(by: current, kept)).resolved()
        let movedOut = fresh.filter { $0.day != day }
        let conflicts = joined.conflicts(on: day)
        let conflicting = Set(conflicts.map { [$0.recordingID?.text, $0.sha256?.hex] })
        let carried = carriedExceptions(published: joined.recordings).filter {
            !conflicting.contains([$0.recordingID?.text, $0.sha256?.hex])
        }
        let exceptions = freshExceptions + carried + conflicts
        let accounts = SourceAccounts(
            recordings: joined.recordings,
            exceptions: exceptions,
            movedOut: movedOut,
            nativeArchives: nativeArchives
        )
        let sources = try mergedSources(accounts)
        return Result(
            recordings: joined.recordings,
            exceptions: exceptions,
            sources: sources,
            movedOut: movedOut
        )
    }

    // MARK: What is carried over

    private var freshSources: [PartSource] { parts.flatMap(\.sources).filter(\.hasAnswered) }

    private var freshExceptions: [Exception] { parts.flatMap(\.exceptions) }

    /// Every delivery that this merge was told of: the published rows need not speak of them again.
    private var freshProvenances: Set<Provenance> {
        Set(parts.flatMap(\.recordings).flatMap(\.sources) + movedIn.flatMap(\.sources))
    }

    /// The published recordings of which some delivery is known from the bag alone.
    private var carriedRecordings: [Recording] {
        guard let published else { return [] }
        let fresh = freshProvenances
        let readArchives = Set(freshSources.flatMap { source in source.archives.map { $0.sha256 } })
        return published.recordings.compactMap { recording in
            var carried = recording
            carried.sources.removeAll { delivery in
                if fresh.contains(delivery) { return true }
                // An archive that was read again and no longer has the member cannot be: its digest is its content.
                // What it says of the member now stands among the fresh exceptions.
                if case .archive(_, _, let sha256, _) = delivery { return readArchives.contains(sha256) }
                return false
            }
            return carried.sources.isEmpty ? nil : carried
        }
    }

    /// Published rows in whose place a source now gives other bytes under the same id: both are kept, one of them in
    /// quarantine.
    private func superseded(by current: [Recording], _ kept: [Recording]) -> [Recording] {
        guard let published else { return [] }
        let bytes = Dictionary(grouping: current, by: \.recordingID).mapValues { Set($0.map(\.sha256)) }
        let carried = Set(kept.map(\.recordingID))
        return published.recordings.filter { recording in
            guard let now = bytes[recording.recordingID], !carried.contains(recording.recordingID) else { return false }
            return !now.contains(recording.sha256)
        }
    }

    /// Exceptions of the published day on which no fresh part has a word.
    private func carriedExceptions(published recordings: [Recording]) -> [Exception] {
        guard let published else { return [] }
        let answered = Dictionary(freshSources.map { ($0.name, $0) }) { first, _ in first }
        let expired = Set(parts.flatMap(\.sources).filter { $0.kind == .api && $0.state == .expired }.map(\.name))
        let winners = Dictionary(recordings.map { ($0.recordingID, $0.sha256) }) { first, _ in first }
        let known = Set(winners.keys).union(freshExceptions.compactMap(\.recordingID))
        return published.exceptions.compactMap { exception in
            guard let source = answered[exception.source] else {
                return expired.contains(exception.source) ? exception.afterDisappearing : exception
            }
            // The bytes that lost stay in quarantine, and in the account, as long as others are published.
            if exception.reason == .conflict, source.kind == .api, let id = exception.recordingID {
                return winners[id].map { $0 != exception.sha256 } ?? false ? exception : nil
            }
            if source.kind != .api {
                guard let archive = exception.archiveSHA256 else { return nil }
                if source.archives.contains(where: { $0.sha256 == archive }) { return nil }
                return exception.isMended(by: source) ? nil : exception
            }
            guard let id = exception.recordingID, !known.contains(id) else { return nil }
            return exception.afterDisappearing
        }
    }

    // MARK: The sources' accounts

    /// The archives that this day's sources delivered, now or earlier; all others are a neighbouring day's.
    private var nativeArchives: Set<Digest> {
        let fresh = parts.flatMap(\.sources).flatMap(\.archives)
        let before = (published?.sources ?? []).flatMap(\.archives)
        return Set((fresh + before).map(\.sha256))
    }

    private func mergedSources(_ accounts: SourceAccounts) throws(Failure) -> [DaySummary.Source] {
        var sources: [DaySummary.Source] = []
        let fresh = parts.flatMap(\.sources)
        for part in fresh {
            let before = published?.sources.first { $0.name == part.name }
            sources.append(try account(part, before, accounts))
        }
        for before in published?.sources ?? [] where !fresh.contains(where: { $0.name == before.name }) {
            sources.append(carried(before, accounts))
        }
        return sources.sorted { ($0.kind == .api ? 1 : 0, $0.name) < ($1.kind == .api ? 1 : 0, $1.name) }
    }

    private func account(
        _ part: PartSource,
        _ before: DaySummary.Source?,
        _ accounts: SourceAccounts
    ) throws(Failure) -> DaySummary.Source {
        guard part.hasAnswered else {
            if let before, before.state != .notReady, before.state != .failed, before.state != .notAttempted {
                var source = carried(before, accounts)
                source.expire(as: part)
                return source
            }
            var source = DaySummary.Source(name: part.name, kind: part.kind, state: part.state)
            source.detail = part.detail
            source.expiredAt = part.expiredAt
            source.lost = part.lost
            return source
        }
        var source = DaySummary.Source(name: part.name, kind: part.kind, state: part.state)
        source.detail = part.detail
        let carriedArchives = (before?.archives ?? []).filter { archive in
            !part.archives.contains { $0.sha256 == archive.sha256 }
        }
        source.archives = (part.archives + carriedArchives).sorted()
        source.sidecars = part.sidecars + (carriedArchives.isEmpty ? 0 : before?.sidecars ?? 0)
        accounts.fill(&source)
        source.moved += carriedMoves[part.name] ?? 0
        source.members += carriedMoves[part.name] ?? 0
        if carriedArchives.isEmpty, part.kind != .api, source.members != part.members {
            throw Failure(
                .corrupt,
                "the account of source \(part.name) does not add up on \(day): \(part.members) members, "
                    + "\(source.members) of them accounted for",
                advice: "This is a defect of dialvault; nothing was published. Please report it with the work folder"
            )
        }
        return source.settled(unsettled: accounts.unsettledSources.contains(part.name))
    }

    private func carried(_ before: DaySummary.Source, _ accounts: SourceAccounts) -> DaySummary.Source {
        var source = before
        let moved = before.moved
        accounts.fill(&source)
        source.moved += moved
        source.members += moved
        return source.settled(unsettled: accounts.unsettledSources.contains(before.name))
    }
}

extension DaySummary.Source {
    /// What was still missing can no longer be had; what was said to be lost before is only said better.
    fileprivate mutating func expire(as part: PartSource) {
        guard part.state == .expired, state == .partial || (state == .expired && lost == nil && part.lost != nil)
        else { return }
        state = .expired
        detail = part.detail ?? detail
        expiredAt = part.expiredAt
        lost = part.lost
    }

    /// The state that follows from the counts, for a source that answered.
    fileprivate func settled(unsettled: Bool) -> DaySummary.Source {
        var source = self
        switch state {
        case .complete, .empty:
            source.state = unsettled ? .partial : members == 0 && sidecars == 0 ? .empty : .complete
        case .partial, .notReady, .notAttempted, .failed, .expired:
            break
        }
        return source
    }
}

extension Exception {
    /// Whether it tells of a cut or damaged archive in whose place the source has sent a whole one of the same name. What
    /// was received of the former stays in quarantine.
    fileprivate func isMended(by source: PartSource) -> Bool {
        guard reason == .unreadableArchive || reason == .unreadableMember else { return false }
        return source.state == .complete && source.archives.contains { $0.name == archive }
    }

    /// The exception for an item that the platform listed once and lists no longer.
    fileprivate var afterDisappearing: Exception {
        guard reason == .pending || reason == .unavailable else { return self }
        var exception = self
        exception.reason = .deletedUpstream
        exception.detail = "was \(reason.rawValue) (\(detail)), and the platform lists it no longer"
        return exception
    }
}
