package import Foundation
package import Recordings

/// What an archive's sidecars say, by member, and what they list beyond its members.
package struct JoinedSidecars: Sendable {
    /// A file that is a sidecar of these members by its content, and is not read.
    package struct Refusal: Hashable, Sendable {
        /// Its place in the members.
        package var member: Int
        /// The end of a sentence.
        package var reason: String
    }

    /// A file that is read as a sidecar.
    package struct Source: Hashable, Sendable {
        /// Its place in the members.
        package var member: Int
        package var format: Sidecar.Format
        /// Rows that are not read in full, and other trouble, in words.
        package var problems: [String]
    }

    /// A row that describes none of the members.
    package struct Row: Hashable, Sendable {
        /// The sidecar's place in the members.
        package var sidecar: Int
        /// From 1, the headings counted.
        package var number: Int
        /// What it calls its recording, as it is written.
        package var name: String
        /// What else it says: id, start, numbers.
        package var metadata: CallMetadata
    }

    /// Rows of one fate; each is read when it is asked for.
    package struct Rows: RandomAccessCollection, Sendable {
        fileprivate let places: [RowPlace]
        fileprivate let tables: [(member: Int, table: SidecarTable)]

        package var startIndex: Int { 0 }
        package var endIndex: Int { places.count }

        package subscript(position: Int) -> Row {
            let (member, table) = tables[Int(places[position].table)]
            let row = Int(places[position].row)
            return Row(
                sidecar: member,
                number: table.number(row),
                name: table.name(row),
                metadata: table.metadata(row)
            )
        }
    }

    fileprivate struct RowPlace: Hashable, Sendable {
        var table: Int32
        var row: Int32
    }

    private let index: MemberIndex
    private let tables: [(member: Int, table: SidecarTable)]
    /// Rows that describe members, by member, the most trusted sidecar's first.
    private let joined: [(member: Int32, place: RowPlace)]
    /// Ids that rows of several members give.
    private let identities: MemberIdentities

    /// Sidecars of these members that are not read, and why: a person has to know.
    package let refusals: [Refusal]
    /// Rows that name a recording that is not among the members: listed, and not delivered.
    ///
    /// Rows that name no file (empty ones, totals) and other files of the archive are not among them.
    package let unmatched: Rows
    /// Rows that could describe several members, or that contradict each other: they describe none.
    package let ambiguous: Rows

    init(index: MemberIndex, tables: [(member: Int, table: SidecarTable)], refusals: [Refusal]) {
        var claims = RowClaims(index: index, tables: tables.map(\.table))
        claims.settle()
        self.index = index
        self.tables = tables
        self.refusals = refusals
        let place = { (row: RowClaims.Place) in RowPlace(table: row.table, row: row.row) }
        joined = claims.joined.map { ($0.member, place($0.place)) }
        unmatched = Rows(places: claims.missing.map(place), tables: tables)
        ambiguous = Rows(places: claims.ambiguous.map(place), tables: tables)
        var identities = MemberIdentities()
        for (_, row) in claims.joined {
            identities.add(tables[Int(row.table)].table.recordingID(Int(row.row)))
        }
        self.identities = identities
    }

    /// The files that are sidecars, by their place in the members.
    package var sources: [Source] {
        tables.map { Source(member: $0.member, format: $0.table.format, problems: $0.table.problems) }
    }

    /// What the sidecars say of a member; nil when they say nothing.
    package func metadata(of member: Int) -> CallMetadata? {
        var first = joined.partitioningIndex { $0.member >= member }
        var byTable: [(table: Int32, rows: [CallMetadata])] = []
        while first < joined.count, joined[first].member == member {
            let place = joined[first].place
            let row = tables[Int(place.table)].table.metadata(Int(place.row))
            if byTable.last?.table == place.table {
                byTable[byTable.count - 1].rows.append(row)
            } else {
                byTable.append((place.table, [row]))
            }
            first += 1
        }
        guard !byTable.isEmpty else { return nil }
        var call = byTable.dropFirst().reduce(CallMetadata.agreed(byTable[0].rows)) {
            $0.reconciled(with: .agreed($1.rows))
        }
        if let id = call.recordingID, !identities.isUnique(id) { call.recordingID = nil }
        return call
    }

    /// Whether a row of another archive's list names a member of this one's outer level: a day may come in several archives, each
    /// with the list of all.
    package func hasMember(namedBy row: Row) -> Bool {
        guard let reference = RowReference(row.name) else { return false }
        switch RowResolution(index: index, sidecarsByLevel: [:]).resolve(reference, from: MemberPath("")) {
        case .recordings, .otherFile, .ambiguous: return true
        case .elsewhere, .missing: return false
        }
    }

    /// The rows that list recordings of a day that are not among the members.
    ///
    /// A list may cover more days than the archive does: a row whose start is on another day is that day's. Where a list keeps
    /// to the day and its neighbours, its rows of these count too, as recordings of a neighbouring day do.
    package func notDelivered(on day: Day, zone: TimeZone) -> [Row] {
        let times = LocalTimes(zone: zone)
        let near = day.advanced(by: -1)...day.advanced(by: 1)
        var spansMore: [Int32: Bool] = [:]
        func spans(_ table: Int32) -> Bool {
            if let known = spansMore[table] { return known }
            let rows = tables[Int(table)].table
            let result = (0..<rows.count).contains { row in
                guard let start = rows.metadata(row).startedAt else { return false }
                return !times.days(of: start).contains(where: near.contains)
            }
            spansMore[table] = result
            return result
        }
        return zip(unmatched, unmatched.places).compactMap { row, place in
            guard let start = row.metadata.startedAt else { return row }
            let days = times.days(of: start)
            if days.contains(day) { return row }
            return days.contains(where: near.contains) && !spans(place.table) ? row : nil
        }
    }
}

extension LocalTimes {
    /// The days that a start may lie on.
    func days(of start: CallStart) -> [Day] {
        switch start {
        case .absolute(let moment): [day(of: moment)]
        case .local(let time, _): [time.date]
        case .oneOf(let starts): starts.flatMap(days)
        }
    }
}

extension Array {
    /// The first index whose element satisfies the predicate, where all after it do too.
    fileprivate func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
