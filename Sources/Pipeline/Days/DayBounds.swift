package import Foundation
package import Recordings

/// Which days there can be anything of. Values in, values out.
///
/// A slip of the pen or of the clock must not make a millennium of days due.
package struct DayBounds: Sendable {
    /// No recording is older: the platform deletes them after years at most, and dialers' archives are kept no longer.
    package static let earliest = Day(daysSinceEpoch: 14_610)  // 2010-01-01

    /// The last day: calls of a later one have not taken place.
    package let today: Day
    private let zone: TimeZone

    package init(today: Day, zone: TimeZone) {
        self.today = today
        self.zone = zone
    }

    package func contains(_ day: Day) -> Bool { (Self.earliest...max(Self.earliest, today)).contains(day) }

    /// - Throws: `Failure` with code `usage` that says the bounds.
    package func check(_ day: Day) throws(Failure) {
        let bounds = "Days are from \(Self.earliest) to \(today), today in the account's time zone"
        guard day >= Self.earliest else {
            throw Failure(.usage, "\(day) is too early: nothing can be archived of it", advice: bounds)
        }
        guard day <= today else { throw Failure(.usage, "\(day) is in the future", advice: bounds) }
        guard exists(day) else {
            throw Failure(
                .usage,
                "\(day) does not exist in \(zone.identifier): the calendar went from the day before to the day after",
                advice: "See that the day and `timezone` in the configuration are right"
            )
        }
    }

    /// Whether a calendar in the zone ever showed this date: a country that changes to the other side of the date line
    /// leaves one out, as Samoa did with 2011-12-30 (IANA time zone database, Pacific/Apia).
    package func exists(_ day: Day) -> Bool {
        let noon = CivilTime(date: day, hour: 12, minute: 0, second: 0).secondsSinceEpoch
        // Where the offset is that of half a day before or after, one look is enough. Offsets go from -12 to +14 hours.
        let likely = noon - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(noon))))
        if shows(day, at: likely) { return true }
        return stride(from: noon - 26 * 3600, through: noon + 24 * 3600, by: 1800).contains { shows(day, at: $0) }
    }

    private func shows(_ day: Day, at seconds: Int64) -> Bool {
        Day.localTime(at: Timestamp(secondsSinceEpoch: seconds), in: zone).date == day
    }
}
