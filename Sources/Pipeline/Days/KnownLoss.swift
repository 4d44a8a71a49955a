import Foundation
import Logging
import Platform
import Recordings
import Vault

/// Finds out how much is lost of a day that can no longer be had: the call log outlives the audio by eleven months.
struct KnownLoss: Sendable {
    let client: PlatformClient
    let vault: Vault
    let timeZone: TimeZone
    let log: Logger

    /// Adds to the day's expired sources what the call log says of them; where it says that there was nothing, they are
    /// empty. Nothing is asked for a day of which nothing new is lost.
    ///
    /// - Throws: what makes going on pointless, such as a full disk, and cancellation.
    func complete(_ day: Day) async throws {
        let work = WorkFiles(vault, day)
        let published = try vault.knownDay(day)
        var calls: Calls?
        for side in [WorkFiles.Side.dialer, .api] {
            guard var part = try work.part(side), part.sources.contains(where: { isNews($0, published?.summary) })
            else { continue }
            let known = if let calls { calls } else { try await read(day) }
            calls = known
            for (place, source) in part.sources.enumerated() where isNews(source, published?.summary) {
                part.sources[place] = described(source, known, published)
            }
            try work.save(part, as: side)
        }
    }

    /// What the log says, or why it says nothing.
    private enum Calls {
        case known([CallLogEntry])
        case unknown(String)
    }

    private func read(_ day: Day) async throws -> Calls {
        do {
            switch try await client.callLog(in: day.interval(in: timeZone)) {
            case .readable(let list): return .known(list.items)
            case .unreadable(let detail): return .unknown("the call log is not readable: \(detail)")
            }
        } catch let failure as Failure where failure.concernsSource {
            log.warning("\(day): \(failure)")
            return .unknown("the call log could not be read: \(failure.message)")
        }
    }

    /// Whether a source says for the first time that it has nothing of the day any more. What was there before, its
    /// exceptions tell.
    private func isNews(_ source: PartSource, _ published: DaySummary?) -> Bool {
        guard source.state == .expired, source.lost == nil else { return false }
        switch published?.sources.first(where: { $0.name == source.name }) {
        case nil: return true
        case let before?: return before.members == 0 && before.lost == nil && !before.state.isSettled
        }
    }

    private func described(_ source: PartSource, _ calls: Calls, _ published: PublishedDay?) -> PartSource {
        var described = source
        switch calls {
        case .unknown(let why):
            described.detail = joined(source.detail, "how much that is, is not known: \(why)")
        case .known(let entries):
            let own = entries.filter { $0.isKept(by: source.kind) }
            // A log without any call proves nothing: it can have been deleted as well.
            if own.isEmpty, !entries.isEmpty {
                return PartSource(name: source.name, kind: source.kind, state: .empty)
            }
            let archived = Set(published?.recordings.map(\.recordingID) ?? [])
            let named = Set(own.flatMap(\.recordings)).subtracting(archived)
            let loss = DaySummary.Loss(calls: own.count { $0.isAnswered }, recordings: named.count)
            described.lost = loss
            described.detail = joined(
                source.detail,
                "the call log names \(loss.calls) answered calls of it, and \(loss.recordings) recordings"
            )
        }
        return described
    }

    private func joined(_ detail: String?, _ more: String) -> String {
        detail.map { "\($0); \(more)" } ?? more
    }
}

extension CallLogEntry {
    /// Whether a recording of the call would come from such a source. A test and a conference are nobody's.
    fileprivate func isKept(by kind: SourceKind) -> Bool {
        switch source {
        case "dialer": kind != .api
        case "test", "conference": false
        default: kind == .api
        }
    }

    /// A leg of another call is not counted again.
    fileprivate var isAnswered: Bool {
        (parentID == nil || !recordings.isEmpty)
            && (dateEstablished != nil || !recordings.isEmpty || (duration ?? 0) > 0)
    }
}
