import Foundation
import Recordings

/// In which order a date in digits names day, month and year.
struct DateOrders: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let dayFirst = DateOrders(rawValue: 1)
    static let monthFirst = DateOrders(rawValue: 2)
    static let yearFirst = DateOrders(rawValue: 4)
    static let all: DateOrders = [.dayFirst, .monthFirst, .yearFirst]
}

/// A date as it is written, which may be another one in another order: `04/05/18`.
struct WrittenDate: Hashable, Sendable {
    private var dayFirst: Day?
    private var monthFirst: Day?
    private var yearFirst: Day?

    /// A date that has one reading: its year has four digits and stands first, or its month is a word.
    init(_ day: Day) {
        (dayFirst, monthFirst, yearFirst) = (day, day, day)
    }

    /// Returns nil when no order makes it a date.
    init?(dayFirst: Day?, monthFirst: Day?, yearFirst: Day?) {
        guard dayFirst != nil || monthFirst != nil || yearFirst != nil else { return nil }
        (self.dayFirst, self.monthFirst, self.yearFirst) = (dayFirst, monthFirst, yearFirst)
    }

    /// The orders in which it is a date.
    var orders: DateOrders {
        var orders: DateOrders = []
        if dayFirst != nil { orders.insert(.dayFirst) }
        if monthFirst != nil { orders.insert(.monthFirst) }
        if yearFirst != nil { orders.insert(.yearFirst) }
        return orders
    }

    /// Its different readings in any of `orders`.
    func days(_ orders: DateOrders) -> [Day] {
        var days: [Day] = []
        for (order, day) in [(DateOrders.dayFirst, dayFirst), (.monthFirst, monthFirst), (.yearFirst, yearFirst)] {
            if let day, orders.contains(order), !days.contains(day) { days.append(day) }
        }
        return days
    }
}

/// A date and a time of day as they are written, before a column has told the order of its dates and a heading the zone.
struct WrittenStart: Hashable, Sendable {
    enum Moment: Hashable, Sendable {
        /// It counts from an epoch.
        case absolute(Timestamp)
        /// A clock's reading; seconds since midnight.
        case clock(WrittenDate, seconds: Int, milliseconds: Int)
    }

    var moment: Moment
    var zone: ZoneQualifier?
    /// What is wrong with it, where its parts contradict each other.
    var problem: String?

    enum Outcome: Hashable, Sendable {
        case start(CallStart)
        case unread(reason: String)
    }

    /// What it means.
    ///
    /// - Parameters:
    ///   - orders: the orders that dates can have where it stands.
    ///   - surrounding: the zone that a column or heading gives, where the text has none of its own.
    func outcome(orders: DateOrders = .all, zone surrounding: ZoneQualifier? = nil) -> Outcome {
        if let problem { return .unread(reason: problem) }
        guard case .clock(let date, let seconds, let milliseconds) = moment else {
            if case .absolute(let moment) = moment { return .start(.absolute(moment)) }
            return .unread(reason: "it is not a time")
        }
        let zone = zone ?? surrounding
        if case .unknown(let name) = zone { return .unread(reason: "which zone \(name) is, is not known") }
        // A date that is valid in one order only needs no column to tell.
        let fitting = date.days(orders)
        let days = fitting.isEmpty ? date.days(.all) : fitting
        guard fitting.count > 0 || days.count == 1 else {
            return .unread(reason: "day and month stand in different orders in that column")
        }
        let starts = days.flatMap { day in
            Self.starts(CivilTime(date: day, secondsSinceMidnight: seconds), milliseconds, zone)
        }
        guard let first = starts.first else { return .unread(reason: "its zone does not say which moment that is") }
        return .start(starts.count == 1 ? first : .oneOf(starts))
    }

    private static func starts(_ time: CivilTime, _ milliseconds: Int, _ zone: ZoneQualifier?) -> [CallStart] {
        let fraction = Int64(milliseconds)
        switch zone {
        case nil, .unknown: return [.local(time, milliseconds: milliseconds)]
        case .offset(let seconds):
            let moment = (time.secondsSinceEpoch - Int64(seconds)) * 1000 + fraction
            return [.absolute(Timestamp(millisecondsSinceEpoch: moment))]
        case .winter(let seconds, let zone):
            let start = Self.starts(time, milliseconds, .offset(seconds))
            return start == Self.starts(time, milliseconds, .named(zone)) ? start : []
        case .named(let zone):
            switch LocalTimes(zone: zone).reading(of: time) {
            case .unambiguous(let moment): return [.absolute(moment.advanced(byMilliseconds: fraction))]
            case .ambiguous(let first, let second):
                return [first, second].map { .absolute($0.advanced(byMilliseconds: fraction)) }
            case .skipped: return []
            }
        }
    }
}
