import Recordings
import Vault

/// Makes one set of recordings out of everything that is known of a day. Values in, values out.
///
/// The result does not depend on the order in which the parts arrived: what a part says anew replaces what the
/// published day had from it, and what no part speaks of is carried over. Nothing that is published goes: a source that says
/// less than before changes states and adds exceptions.
struct DayMerge {
    let day: Day
    /// The day as it is published now.
    var published: PublishedPart?
    /// The dialer's part and the API's, as far as there are any.
    var parts: [DayPart]
    /// Recordings of a neighbouring day's archives that started on this day.
    var movedIn: [Recording] = []
    /// Published deliveries that are published on the neighbouring day to which they belong by what is known now.
    var movedAway: [Provenance: Day] = [:]
    /// By source: recordings of this day's archives that are published on neighbouring days and did not come again.
    var carriedMoves: [String: Int] = [:]
    /// Digests of published audio whose bytes are nowhere any more.
    var gone: Set<Digest> = []
    /// What somebody took out of the day by name.
    var drops: [DroppedRecording] = []
    /// Archives of neighbouring days that were not read as a whole.
    var partlyReadNeighbours: Set<Digest> = []

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
        /// Why a published recording is not among them.
        var removals: [PublishedIdentity: Removal]
    }

    func merged() -> Result {
        let delivered = parts.flatMap(\.recordings) + movedIn
        let redeliveries = Redeliveries(of: published?.recordings ?? [], in: delivered)
        let fresh = delivered.compactMap { current($0, redeliveries) }
        let carry = CarriedRecordings(published?.recordings ?? [], fresh: fresh, redeliveries, movedAway)
        let taken = taken(fresh.filter { $0.day == day } + carry.recordings)
        let joined = RecordingSet(taken.kept, superseded: carry.superseded(by: taken.kept)).resolved()
        let movedOut = fresh.filter { $0.day != day }
        let review = ExceptionReview(day: day, published: published?.exceptions ?? [], parts: parts, joined)
        let exceptions = review.exceptions + taken.exceptions
        let accounts = SourceAccounts(
            recordings: joined.recordings,
            exceptions: exceptions,
            movedOut: movedOut,
            nativeArchives: nativeArchives
        )
        return Result(
            recordings: joined.recordings,
            exceptions: exceptions,
            sources: mergedSources(accounts, review.unread),
            movedOut: movedOut,
            removals: removals(redeliveries)
        )
    }

    /// Archives of which something was not reached in this run.
    private var partlyRead: Set<Digest> {
        Set(parts.flatMap(\.sources).flatMap { $0.partlyRead ?? [] }).union(partlyReadNeighbours)
    }

    /// A delivery of this run as it counts: under the id under which its archive's member is published, and not at all where
    /// the archive was only read in part and the row is published from a better reading.
    private func current(_ recording: Recording, _ redeliveries: Redeliveries) -> Recording? {
        guard let delivery = recording.sources.first, let archive = delivery.archiveSHA256 else { return recording }
        guard let row = redeliveries.publishedRow(of: delivery) else {
            // The same bytes under the same path in another archive are one recording.
            guard let id = redeliveries.id(ofSame: recording, in: delivery) else { return recording }
            return id == recording.recordingID ? recording : recording.renamed(to: id)
        }
        if partlyRead.contains(archive) { return nil }
        return row.isFromAPI || row.recordingID == recording.recordingID
            ? recording : recording.renamed(to: row.recordingID)
    }

    // MARK: What is taken out by name

    /// Recordings without those that somebody dropped and those whose bytes are nowhere, and an exception for each of these.
    private func taken(_ recordings: [Recording]) -> (kept: [Recording], exceptions: [Exception]) {
        guard !drops.isEmpty || !gone.isEmpty else { return (recordings, []) }
        let dropped = Dictionary(drops.map { ($0.identity, $0) }) { _, last in last }
        var exceptions: [Exception] = []
        let kept = recordings.filter { recording in
            if let drop = dropped[PublishedIdentity(recording)] {
                let detail = "taken out of the day by hand: \(drop.reason)"
                exceptions += recording.sources.map { recording.exception(.notSelected, detail, $0, on: day) }
                return false
            }
            guard gone.contains(recording.sha256) else { return true }
            let detail =
                "it was published as \(recording.path), and its bytes are neither in the vault nor at any source"
            exceptions += recording.sources.map { recording.exception(.unavailable, detail, $0, on: day) }
            return false
        }
        return (kept, exceptions)
    }

    private func removals(_ redeliveries: Redeliveries) -> [PublishedIdentity: Removal] {
        var removals: [PublishedIdentity: Removal] = [:]
        for recording in published?.recordings ?? [] {
            if gone.contains(recording.sha256) { removals[PublishedIdentity(recording)] = .lost }
            for delivery in recording.sources {
                guard let other = redeliveries.day(of: delivery) ?? movedAway[delivery], other != day else { continue }
                removals[PublishedIdentity(recording)] = .moved(to: other)
            }
        }
        for drop in drops { removals[drop.identity] = .dropped }
        return removals
    }

    // MARK: The sources' accounts

    /// The archives that this day's sources delivered, now or earlier; all others are a neighbouring day's.
    private var nativeArchives: Set<Digest> {
        let fresh = parts.flatMap(\.sources).flatMap(\.archives)
        let before = (published?.sources ?? []).flatMap(\.archives)
        return Set((fresh + before).map(\.sha256))
    }

    private func mergedSources(_ accounts: SourceAccounts, _ unread: [String: Int]) -> [DaySummary.Source] {
        var sources: [DaySummary.Source] = []
        let fresh = parts.flatMap(\.sources)
        for part in fresh {
            let before = published?.sources.first { $0.name == part.name }
            sources.append(account(part, before, accounts, unread[part.name] ?? 0))
        }
        for before in published?.sources ?? [] where !fresh.contains(where: { $0.name == before.name }) {
            sources.append(carried(before, accounts))
        }
        return sources.sorted { ($0.kind == .api ? 1 : 0, $0.name) < ($1.kind == .api ? 1 : 0, $1.name) }
    }

    /// - Parameter unread: how many members that are published could not be had again.
    private func account(
        _ part: PartSource,
        _ before: DaySummary.Source?,
        _ accounts: SourceAccounts,
        _ unread: Int
    ) -> DaySummary.Source {
        guard part.hasAnswered else {
            if let before, before.state != .notReady, before.state != .failed, before.state != .notAttempted {
                var source = carried(before, accounts)
                source.expire(as: part)
                return source
            }
            var source = DaySummary.Source(name: part.name, kind: part.kind, state: part.state)
            if let before { source = carried(before, accounts) }
            source.state = part.state
            source.detail = part.detail
            source.expiredAt = part.expiredAt
            source.lost = part.lost
            return source
        }
        var source = DaySummary.Source(name: part.name, kind: part.kind, state: part.state)
        source.detail = part.detail
        let read = Set(part.archives.map(\.sha256))
        let carriedArchives = (before?.archives ?? []).filter { !read.contains($0.sha256) }
        source.archives = (part.archives + carriedArchives).sorted()
        source.sidecars = sidecars(of: part, before, carriedArchives)
        accounts.fill(&source)
        source.moved += carriedMoves[part.name] ?? 0
        source.members += carriedMoves[part.name] ?? 0
        if unread > 0 {
            source.add("\(unread) published members could not be had again", as: .partial)
        }
        if part.kind != .api, part.partlyRead?.isEmpty ?? true {
            let counted = accounts.members(of: read)
            if counted != part.members {
                source.add("the archives have \(part.members) members, and \(counted) are accounted for", as: .partial)
            }
        }
        return source.settled(unsettled: accounts.unsettledSources.contains(part.name))
    }

    /// How many sidecars the source's archives have, those among them that are known from the bag alone: of these only the sum
    /// is known, in which archives that came again are counted as well.
    private func sidecars(
        of part: PartSource,
        _ before: DaySummary.Source?,
        _ carriedArchives: [DaySummary.Archive]
    ) -> Int {
        guard let before, !carriedArchives.isEmpty else { return part.sidecars }
        let known = Set(before.archives.map(\.sha256))
        let isNew = part.archives.allSatisfy { !known.contains($0.sha256) }
        return isNew ? part.sidecars + before.sidecars : max(part.sidecars, before.sidecars)
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

    /// Adds to why the source is not settled.
    fileprivate mutating func add(_ reason: String, as state: SourceState) {
        if self.state.isSettled { self.state = state }
        detail = detail.map { "\($0); \(reason)" } ?? reason
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
