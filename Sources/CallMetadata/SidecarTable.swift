import Recordings

/// A sidecar's rows with their columns known.
struct SidecarTable {
    /// Calls its argument with each row's cells until that answers false; answers whether the text was whole.
    typealias Walk = (([String]) -> Bool) -> Bool

    private let plan: ColumnPlan
    private let fileColumn: Int?
    private let ownMembers: [String]
    private let members: MemberIndex
    private let walk: Walk
    private let rowLimit: Int

    /// Rows by which the column of file names is found.
    private static let sample = 1_000

    /// Returns nil when no column names members, or nothing else is known of a row.
    init?(
        headings: [String],
        columns: SidecarColumns,
        members: MemberIndex,
        rowLimit: Int,
        ownName: String?,
        walk: @escaping Walk
    ) {
        plan = columns.assign(headings)
        guard plan.describesSomething else { return nil }
        self.members = members
        self.walk = walk
        let configured = plan.columns[.file]?.first
        var strong = [Int](repeating: 0, count: headings.count)
        var weak = strong
        var rows = 0
        _ = walk { cells in
            rows += 1
            for (column, cell) in cells.prefix(headings.count).enumerated()
            where configured.map({ $0 == column }) ?? true {
                guard let match = members.match(cell) else { continue }
                if match.isStrong { strong[column] += 1 } else { weak[column] += 1 }
            }
            // Enough is seen when one column names members in earnest; else the whole table has its say.
            return rows < Self.sample || (rows < rowLimit && strong.allSatisfy { $0 == 0 })
        }
        guard rows > 0 else { return nil }
        self.rowLimit = rowLimit
        fileColumn = configured ?? Self.column(strong: strong, weak: weak, rows: rows)
        let isNamed = fileColumn.map { strong[$0] + weak[$0] > 0 } ?? false
        if !isNamed, let ownName, let match = members.match(MemberIndex.stem(ownName)) {
            ownMembers = match.members
        } else {
            ownMembers = []
        }
        guard isNamed || !ownMembers.isEmpty else { return nil }
    }

    /// The column in which most cells name members. Short names may be numbers by chance: alone they must be half of all.
    private static func column(strong: [Int], weak: [Int], rows: Int) -> Int? {
        let best = { (counts: [Int]) in counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) } }
        if let column = best(strong), strong[column] > 0 { return column }
        guard let column = best(weak), weak[column] * 2 >= rows, weak[column] > 0 else { return nil }
        return column
    }

    /// Returns nil when the text is no table to its end, there are too many rows, or they tell nothing.
    func sidecar(_ format: Sidecar.Format) -> Sidecar? {
        var described: [String: CallMetadata] = [:]
        var owners: [RecordingID: Int] = [:]
        var unmatched = 0
        var rows = 0
        let isWhole = walk { cells in
            rows += 1
            guard rows <= rowLimit else { return false }
            let named =
                ownMembers.isEmpty
                ? fileColumn.flatMap { $0 < cells.count ? members.match(cells[$0]) : nil }?.members : ownMembers
            let fresh = (named ?? []).filter { described[$0] == nil }
            guard !fresh.isEmpty else {
                unmatched += 1
                return true
            }
            let call = metadata(cells)
            if let id = call.recordingID { owners[id, default: 0] += fresh.count }
            for member in fresh { described[member] = call }
            return true
        }
        // An id that several files share is the call's, or a list's: no recording's.
        for (member, call) in described {
            if let id = call.recordingID, owners[id, default: 0] > 1 { described[member]?.recordingID = nil }
        }
        guard isWhole, rows <= rowLimit, described.values.contains(where: { !$0.isEmpty }) else { return nil }
        return Sidecar(format: format, rows: described, unmatchedRows: unmatched)
    }

    private func metadata(_ cells: [String]) -> CallMetadata {
        /// The first column of the field in which something stands that can be read as it.
        func first<Value>(_ field: SidecarField, _ read: (String) -> Value?) -> Value? {
            for column in plan.columns[field] ?? [] where column < cells.count && column != fileColumn {
                if let value = read(cells[column]) { return value }
            }
            return nil
        }
        var call = CallMetadata()
        call.startedAt = start(cells)
        call.recordingID = first(.recordingID, RecordingID.init(wellKnown:))
        call.callID = first(.callID, Values.plain)
        call.conversationID = first(.conversationID, Values.plain)
        call.direction = first(.direction, Values.direction)
        call.from = first(.from, Values.phone)
        call.to = first(.to, Values.phone)
        call.phone = first(.phone, Values.phone)
        call.agentID = first(.agentID, Values.plain)
        call.agentName = first(.agentName, Values.plain)
        call.agentNumber = first(.agentNumber, Values.plain)
        call.campaign = first(.campaign, Values.plain)
        call.queue = first(.queue, Values.plain)
        call.leadID = first(.leadID, Values.plain)
        call.duration =
            first(.durationMs) { Values.plain($0).flatMap { WrittenDuration($0, unit: .milliseconds) } }
            ?? first(.durationS) { Values.plain($0).flatMap { WrittenDuration($0, unit: .seconds) } }
            ?? first(.duration) { Values.plain($0).flatMap { WrittenDuration($0, unit: nil) } }
        call.sizeBytes = first(.sizeBytes, Values.wholeNumber)
        call.contentType = first(.contentType) { Values.plain($0).flatMap { $0.contains("/") ? $0 : nil } }
        return call
    }

    /// The first column that holds date and time; else a date and a time of day from two columns.
    private func start(_ cells: [String]) -> CallStart? {
        var date: Day?
        var time: (seconds: Int, isUTC: Bool)?
        for column in plan.columns[.startedAt] ?? [] where column < cells.count {
            guard let text = Values.plain(cells[column]) else { continue }
            let isUTC = plan.utcColumns.contains(column)
            if let start = TimeText.whole(text) { return isUTC ? start.asUTC : start }
            if date == nil, let found = TimeText.wholeDate(text) {
                date = found
            } else if time == nil, let found = TimeText.wholeTimeOfDay(text) {
                time = (found, isUTC)
            }
        }
        guard let date, let time else { return nil }
        let start = CallStart.local(CivilTime(date: date, secondsSinceMidnight: time.seconds))
        return time.isUTC ? start.asUTC : start
    }
}

extension CallStart {
    /// A local time of a column that says its times are UTC.
    var asUTC: CallStart {
        guard case .local(let time, let milliseconds) = self else { return self }
        return .absolute(Timestamp(millisecondsSinceEpoch: time.secondsSinceEpoch * 1000 + Int64(milliseconds)))
    }
}
