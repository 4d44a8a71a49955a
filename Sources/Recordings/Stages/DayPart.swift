/// What one side of the pipeline, the dialer's archives or the API, contributes to a day: the verify and the collect
/// stage leave it to the merge stage.
package struct DayPart: Sendable {
    package var sources: [PartSource]
    /// Complete rows, each with the day on which it started: that can be a neighbour of the part's day.
    package var recordings: [Recording]
    package var exceptions: [Exception]

    package init(sources: [PartSource] = [], recordings: [Recording] = [], exceptions: [Exception] = []) {
        self.sources = sources
        self.recordings = recordings
        self.exceptions = exceptions
    }
}

/// What became of one source in this run.
package struct PartSource: Codable, Hashable, Sendable {
    package var name: String
    package var kind: SourceKind
    package var state: SourceState
    package var detail: String?
    /// Why the source gave nothing, when it did not: what the run's exit code follows.
    package var failure: Failure?
    package var expiredAt: Timestamp?
    package var lost: DaySummary.Loss?
    package var archives: [DaySummary.Archive]
    /// Digests of archives that were not read to their end: what is not told of them may be in them all the same.
    package var partlyRead: [Digest]?
    /// Archive entries other than directories and sidecars, or items that the API lists in the day's interval.
    package var members: Int
    package var sidecars: Int

    package init(
        name: String,
        kind: SourceKind,
        state: SourceState,
        detail: String? = nil,
        failure: Failure? = nil,
        archives: [DaySummary.Archive] = [],
        members: Int = 0,
        sidecars: Int = 0
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.detail = detail
        self.failure = failure
        self.archives = archives
        self.members = members
        self.sidecars = sidecars
    }

    /// Whether the source answered in this run, so that what it says takes the place of what it said before.
    package var hasAnswered: Bool {
        switch state {
        case .complete, .empty, .partial: true
        case .notReady, .notAttempted, .failed, .expired: false
        }
    }
}
