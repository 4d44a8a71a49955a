import Recordings

/// The columns that give a row's start, and what all their rows together say of them.
struct StartColumns {
    private struct Column {
        var index: Int
        var heading: ColumnHeading
        /// The orders that all dates in it can have: one 13 settles it.
        var orders: DateOrders
        var twins: [Int]
    }

    private var columns: [Column]
    private let zoneColumn: Int?

    init(_ plan: ColumnPlan) {
        columns = (plan.columns[.startedAt] ?? []).map { index in
            let heading = plan.headings[index]
            return Column(index: index, heading: heading, orders: heading.orders, twins: plan.twins(of: index))
        }
        zoneColumn = plan.zoneColumn
    }

    /// Takes from a row what it says of the columns' orders.
    mutating func learn(_ cells: [String]) {
        for (place, column) in columns.enumerated() where column.index < cells.count {
            guard let text = Self.written(cells[column.index]) else { continue }
            let date: WrittenDate?
            switch TimeText.field(text) {
            case .date(let written): date = written
            case .start(let start):
                if case .clock(let written, _, _) = start.moment { date = written } else { date = nil }
            case .time, .nothing: date = nil
            }
            if let date { columns[place].orders.formIntersection(date.orders) }
        }
    }

    /// The first column that holds date and time; else a date and a time of day from two columns. And what could not be
    /// read on the way there.
    func start(_ cells: [String]) -> (start: CallStart?, unread: [UnreadStart]) {
        var unread: [UnreadStart] = []
        var date: (value: WrittenDate, column: Column)?
        var time: (value: Time, column: Column)?
        let zone = rowZone(cells)
        func refuse(_ column: Column, _ text: String, _ reason: String) {
            unread.append(UnreadStart(origin: .sidecar, column: column.heading.text, text: text, reason: reason))
        }
        for column in columns where column.index < cells.count {
            guard let text = Self.written(cells[column.index]) else { continue }
            let twins = column.twins.compactMap { $0 < cells.count ? Self.written(cells[$0]) : nil }
            guard twins.allSatisfy({ $0 == text }) else {
                refuse(column, text, "another column with that heading says otherwise")
                continue
            }
            switch TimeText.field(text) {
            case .start(let written):
                switch written.outcome(orders: column.orders, zone: column.heading.zone ?? zone) {
                case .start(let start): return (start, unread)
                case .unread(let reason): refuse(column, text, reason)
                }
            case .date(let value): date = date ?? (value, column)
            case .time(let seconds, let milliseconds, let zone, let problem):
                let value = Time(text: text, seconds: seconds, milliseconds: milliseconds, zone: zone, problem: problem)
                time = time ?? (value, column)
            case .nothing: refuse(column, text, "it is not a time")
            }
        }
        guard let time else { return (nil, unread) }
        guard let date else {
            // A bare "time" may be a length as well.
            if !["time", "uhrzeit"].contains(time.column.heading.full) {
                refuse(time.column, time.value.text, "it has no date")
            }
            return (nil, unread)
        }
        let written = WrittenStart(
            moment: .clock(date.value, seconds: time.value.seconds, milliseconds: time.value.milliseconds),
            zone: time.value.zone,
            problem: time.value.problem
        )
        let surrounding = time.column.heading.zone ?? date.column.heading.zone ?? zone
        switch written.outcome(orders: date.column.orders, zone: surrounding) {
        case .start(let start): return (start, unread)
        case .unread(let reason):
            refuse(time.column, time.value.text, reason)
            return (nil, unread)
        }
    }

    private struct Time {
        var text: String
        var seconds: Int
        var milliseconds: Int
        var zone: ZoneQualifier?
        var problem: String?
    }

    private func rowZone(_ cells: [String]) -> ZoneQualifier? {
        guard let zoneColumn, zoneColumn < cells.count else { return nil }
        return Values.plain(cells[zoneColumn]).map(ZoneText.whole)
    }

    /// What a cell says; nil where it says that there is nothing, as databases do with a zero.
    private static func written(_ cell: String) -> String? {
        guard let text = Values.plain(cell) else { return nil }
        let isZero = text.utf8.allSatisfy { " 0:-./TZ".utf8.contains($0) }
        return isZero && !text.contains(":") || text.hasPrefix("0000-00-00") ? nil : text
    }
}
