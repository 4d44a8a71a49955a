import Recordings
import Vault

/// What of a day is not published, by all that was said of it: by this run's parts, by the published day, and by the merge.
struct ExceptionReview {
    let exceptions: [Exception]
    /// By source: members that are published and that could not be had again in this run.
    let unread: [String: Int]

    init(day: Day, published: [Exception], parts: [DayPart], _ joined: RecordingSet.Resolution) {
        let conflicts = joined.conflicts(on: day)
        let present = PresentRecordings(joined.recordings)
        let words = FreshWords(parts)
        var unread: [String: Int] = [:]
        var fresh: [Exception] = []
        for exception in parts.flatMap(\.exceptions) {
            if present.publishes(exception) {
                // What is published is not an exception, whatever a later look at it said.
                if !exception.reason.isSettled { unread[exception.source, default: 0] += 1 }
            } else {
                fresh.append(exception)
            }
        }
        let conflicting = Set(conflicts.map { [$0.recordingID?.text, $0.sha256?.hex] })
        let carried = published.compactMap { Self.carried($0, words, present) }
            .filter { !present.publishes($0) && !conflicting.contains([$0.recordingID?.text, $0.sha256?.hex]) }
        exceptions = fresh + carried + conflicts
        self.unread = unread
    }

    /// An exception of the published day on which no fresh part has a word; nil when one has.
    private static func carried(_ exception: Exception, _ words: FreshWords, _ present: PresentRecordings) -> Exception?
    {
        guard let source = words.answers[exception.source] else {
            return words.expired.contains(exception.source) ? exception.afterDisappearing : exception
        }
        // The bytes that lost stay in quarantine, and in the account, as long as others are published.
        if exception.reason == .conflict, source.kind == .api, let id = exception.recordingID {
            return present.bytes[id].map { $0 != exception.sha256 } ?? false ? exception : nil
        }
        if source.kind != .api {
            guard let archive = exception.archiveSHA256 else { return nil }
            if source.archives.contains(where: { $0.sha256 == archive }) {
                return words.reached(exception, of: source) ? nil : exception
            }
            return exception.isMended(by: source) ? nil : exception
        }
        guard let id = exception.recordingID, present.bytes[id] == nil, !words.excepted.contains(id) else { return nil }
        return exception.afterDisappearing
    }
}

/// What the parts of this run have a word on.
private struct FreshWords {
    /// The sources that answered.
    let answers: [String: PartSource]
    /// The API's sources that say that they have nothing any more.
    let expired: Set<String>
    /// Of which recordings there are exceptions.
    let excepted: Set<RecordingID>
    private let members: Set<ArchiveMember>

    init(_ parts: [DayPart]) {
        let sources = parts.flatMap(\.sources)
        answers = Dictionary(sources.filter(\.hasAnswered).map { ($0.name, $0) }) { first, _ in first }
        expired = Set(sources.filter { $0.kind == .api && $0.state == .expired }.map(\.name))
        let exceptions = parts.flatMap(\.exceptions)
        excepted = Set(exceptions.compactMap(\.recordingID))
        guard sources.contains(where: { !($0.partlyRead ?? []).isEmpty }) else {
            members = []
            return
        }
        members = Set(
            parts.flatMap(\.recordings).flatMap(\.sources).compactMap(ArchiveMember.init)
                + exceptions.compactMap(ArchiveMember.init)
        )
    }

    /// Whether the reading of its archive came as far as the member that an exception is about.
    func reached(_ exception: Exception, of source: PartSource) -> Bool {
        guard let archive = exception.archiveSHA256, source.partlyRead?.contains(archive) == true,
            let member = ArchiveMember(exception)
        else { return true }
        return members.contains(member)
    }
}

/// What is published of the day.
private struct PresentRecordings {
    /// By id, the digest of what is published.
    let bytes: [RecordingID: Digest]
    private let fromAPI: Set<RecordingID>
    private let members: Set<ArchiveMember>

    init(_ recordings: [Recording]) {
        bytes = Dictionary(recordings.map { ($0.recordingID, $0.sha256) }) { first, _ in first }
        fromAPI = Set(recordings.filter(\.isFromAPI).map(\.recordingID))
        members = Set(recordings.lazy.flatMap(\.sources).compactMap(ArchiveMember.init))
    }

    /// Whether an exception is about something that is published: the same member of an archive, or the same recording of
    /// the API, unless other bytes came for it.
    func publishes(_ exception: Exception) -> Bool {
        if let id = exception.recordingID, let sha256 = exception.sha256, bytes[id] == sha256 { return true }
        if exception.reason == .conflict { return false }
        if let member = ArchiveMember(exception) { return members.contains(member) }
        guard let id = exception.recordingID, fromAPI.contains(id) else { return false }
        return exception.sha256 == nil
    }
}

/// One member of one archive.
private struct ArchiveMember: Hashable {
    let archive: Digest
    let name: String

    init?(_ delivery: Provenance) {
        guard let archive = delivery.archiveSHA256, let name = delivery.member else { return nil }
        self.archive = archive
        self.name = name
    }

    init?(_ exception: Exception) {
        guard let archive = exception.archiveSHA256, let name = exception.member else { return nil }
        self.archive = archive
        self.name = name
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

extension Recording {
    /// The exception for one delivery that is not published.
    func exception(_ reason: Exception.Reason, _ detail: String, _ delivery: Provenance, on day: Day) -> Exception {
        var exception = Exception(day: day, source: delivery.sourceName, reason: reason, detail: detail)
        if case .archive(_, let archive, let sha256, let member) = delivery {
            exception.archive = archive
            exception.archiveSHA256 = sha256
            exception.member = member
        }
        exception.recordingID = recordingID
        exception.sha256 = sha256
        exception.sizeBytes = sizeBytes
        return exception
    }
}
