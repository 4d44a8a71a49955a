package import Recordings

/// What became of one call of the call log.
package struct CallCoverage: Codable, Hashable, Sendable {
    package var schema = DayCoverage.schema
    package var row = "call"
    package var day: Day
    package var callID: String
    package var startedAt: Timestamp
    /// The call log's `source`: `queue`, `dialer`, …
    package var source: String?
    package var state: State
    /// What ties the call to what is archived.
    package var matchedBy: Evidence?
    /// The recordings that the call log names, or, where it names none, those in the vault that are the call's.
    package var recordings: [RecordingID]
    /// Until when it can still be had.
    package var until: Timestamp?
    /// Why it is not archived.
    package var detail: String?

    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        /// Every recording of it is in the vault.
        case archived
        /// The platform has it, and the vault has not.
        case open
        /// The platform has not stored it yet.
        case pending
        /// It cannot be had.
        case lost
        /// It is missing on purpose: not selected, or erased.
        case leftOut = "left-out"
        /// The call log names no recording, and none in the vault can be told to be its own. Nobody knows whether it had
        /// one: an unanswered call has none.
        case unnamed
    }

    package enum Evidence: String, Codable, Hashable, Sendable, CaseIterable {
        case recordingID = "recording-id"
        case callID = "call-id"
        case conversationID = "conversation-id"
        case numberAndTime = "number-and-time"
    }

    private enum CodingKeys: String, CodingKey {
        case schema, row, day
        case callID = "call_id"
        case startedAt = "started_at"
        case source, state
        case matchedBy = "matched_by"
        case recordings, until, detail
    }

    init(_ day: Day, id: String, startedAt: Timestamp, source: String?, recordings: [RecordingID]) {
        self.day = day
        callID = id
        self.startedAt = startedAt
        self.source = source
        self.recordings = recordings
        state = .unnamed
    }
}

/// How much of a day's call log is archived.
package struct DayCoverage: Codable, Hashable, Sendable {
    /// The name and version of the lines' format.
    package static let schema = "dialvault/coverage/1"

    package var schema = DayCoverage.schema
    package var row = "day"
    package var day: Day
    package var calls: Int
    package var archived: Int
    package var open: Int
    package var pending: Int
    package var lost: Int
    package var leftOut: Int
    package var unnamed: Int
    /// Of those without a named recording, the calls that an agent took part in.
    package var unnamedWithAgent: Int
    /// How the archived calls are tied to what is in the vault, by ``CallCoverage/Evidence``.
    package var matchedBy: [String: Int]
    /// `archived` of `archived`, `open`, `pending` and `lost`, in percent, cut to one decimal; nil when all four are 0.
    package var archivedPercent: Double?
    /// The day's dialer sources that have not delivered: among the calls that name no recording, theirs can be.
    package var openSources: [OpenSource]
    /// Why the figures can be wrong; nil when nothing speaks for it.
    package var doubt: String?

    package struct OpenSource: Codable, Hashable, Sendable {
        package var name: String
        package var state: SourceState
        /// When the platform begins to delete what it has of the day.
        package var expiresAt: Timestamp

        private enum CodingKeys: String, CodingKey {
            case name, state
            case expiresAt = "expires_at"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case schema, row, day, calls, archived, open, pending, lost
        case leftOut = "left_out"
        case unnamed
        case unnamedWithAgent = "unnamed_with_agent"
        case matchedBy = "matched_by"
        case archivedPercent = "archived_percent"
        case openSources = "open_sources"
        case doubt
    }

    /// Whether every recording that is known of is archived or left out on purpose, and no source is waited for.
    package var isWhole: Bool { open + pending + lost == 0 && openSources.isEmpty }

    /// Adds the calls up.
    init(_ day: Day, _ rows: [CallCoverage], unnamedWithAgent: Int, openSources: [OpenSource], doubt: String?) {
        func count(_ state: CallCoverage.State) -> Int { rows.count { $0.state == state } }
        self.day = day
        calls = rows.count
        archived = count(.archived)
        open = count(.open)
        pending = count(.pending)
        lost = count(.lost)
        leftOut = count(.leftOut)
        unnamed = count(.unnamed)
        self.unnamedWithAgent = unnamedWithAgent
        let evidence = rows.filter { $0.state == .archived }.compactMap(\.matchedBy?.rawValue)
        matchedBy = Dictionary(evidence.map { ($0, 1) }, uniquingKeysWith: +)
        let known = archived + open + pending + lost
        archivedPercent = known == 0 ? nil : Double(archived * 1000 / known) / 10
        self.openSources = openSources
        self.doubt = doubt
    }
}
