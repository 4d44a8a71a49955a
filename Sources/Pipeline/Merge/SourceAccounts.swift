import Recordings

/// Counts, for every source, what became of each of its members.
struct SourceAccounts {
    private var published: [String: Int] = [:]
    private var duplicates: [String: Int] = [:]
    private var moved: [String: Int] = [:]
    private var exceptions: [String: Int] = [:]
    /// Of each archive, how many of its members are in one of the four.
    private var archives: [Digest: Int] = [:]
    /// The sources of which something is still missing.
    private(set) var unsettledSources: Set<String> = []

    /// - Parameter nativeArchives: the archives of the day's own sources. What another archive delivered is counted as
    ///   `moved` on that archive's day, and not here.
    init(
        recordings: [Recording],
        exceptions rows: [Exception],
        movedOut: [Recording],
        nativeArchives: Set<Digest>
    ) {
        var fromAPI: Set<RecordingID> = []
        for recording in recordings {
            if recording.isFromAPI { fromAPI.insert(recording.recordingID) }
            let native = recording.sources.filter { $0.isDelivered(in: nativeArchives) }
            for (index, delivery) in native.enumerated() {
                if index == 0 {
                    published[delivery.sourceName, default: 0] += 1
                } else {
                    duplicates[delivery.sourceName, default: 0] += 1
                }
                count(delivery.archiveSHA256)
            }
        }
        for delivery in movedOut.flatMap(\.sources) {
            moved[delivery.sourceName, default: 0] += 1
            count(delivery.archiveSHA256)
        }
        for exception in rows {
            if exception.reason.concernsMember, !exception.isAboutOtherBytes(of: fromAPI) {
                exceptions[exception.source, default: 0] += 1
                count(exception.archiveSHA256)
            }
            if !exception.reason.isSettled { unsettledSources.insert(exception.source) }
        }
    }

    private mutating func count(_ archive: Digest?) {
        if let archive { archives[archive, default: 0] += 1 }
    }

    /// How many members of these archives are accounted for.
    func members(of digests: Set<Digest>) -> Int { digests.reduce(0) { $0 + (archives[$1] ?? 0) } }

    /// Sets the counts of `source`; `members` is their sum.
    func fill(_ source: inout DaySummary.Source) {
        source.published = published[source.name] ?? 0
        source.duplicates = duplicates[source.name] ?? 0
        source.moved = moved[source.name] ?? 0
        source.exceptions = exceptions[source.name] ?? 0
        source.members = source.published + source.duplicates + source.moved + source.exceptions
    }
}

extension Exception {
    /// Whether it tells of other bytes that the API gave for a recording which is published: the item is counted there.
    fileprivate func isAboutOtherBytes(of fromAPI: Set<RecordingID>) -> Bool {
        archiveSHA256 == nil && reason != .conflict && recordingID.map { fromAPI.contains($0) } ?? false
    }
}

extension Provenance {
    /// Whether the API delivered it, or one of `archives`.
    func isDelivered(in archives: Set<Digest>) -> Bool {
        switch self {
        case .api: true
        case .archive(_, _, let sha256, _): archives.contains(sha256)
        }
    }
}
