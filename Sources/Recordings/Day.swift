package import Foundation

/// A calendar date. Together with the account's time zone it is the half-open interval from one local midnight to the
/// next, 23, 24 or 25 hours long.
package struct Day: Hashable, Comparable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let dayOfMonth: Int

    /// Returns nil when there is no such date.
    package init?(year: Int, month: Int, dayOfMonth: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), dayOfMonth >= 1 else { return nil }
        let day = Day(uncheckedYear: year, month: month, dayOfMonth: dayOfMonth)
        guard Day(daysSinceEpoch: day.daysSinceEpoch) == day else { return nil }
        self = day
    }

    /// Reads `YYYY-MM-DD`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard
            parts.map(\.utf8.count) == [4, 2, 2],
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let dayOfMonth = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, dayOfMonth: dayOfMonth)
    }

    private init(uncheckedYear year: Int, month: Int, dayOfMonth: Int) {
        self.year = year
        self.month = month
        self.dayOfMonth = dayOfMonth
    }

    package static func < (left: Day, right: Day) -> Bool {
        (left.year, left.month, left.dayOfMonth) < (right.year, right.month, right.dayOfMonth)
    }

    package func advanced(by days: Int) -> Day {
        Day(daysSinceEpoch: daysSinceEpoch + days)
    }
}

extension Day {
    /// Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
    /// algorithms", `days_from_civil`).
    package var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of ``daysSinceEpoch`` (`civil_from_days`, same source).
    package init(daysSinceEpoch: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.init(
            uncheckedYear: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            dayOfMonth: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}

extension Day {
    /// From this day's local midnight to the next day's, in `zone`.
    ///
    /// Where a clock change skips midnight, the day starts at the first moment that bears its date.
    package func interval(in zone: TimeZone) -> Range<Timestamp> {
        start(in: zone)..<advanced(by: 1).start(in: zone)
    }

    private func start(in zone: TimeZone) -> Timestamp {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let noon = CivilTime(date: self, hour: 12, minute: 0, second: 0).secondsSinceEpoch
        let guess = Date(timeIntervalSince1970: TimeInterval(noon))
        let localNoon = noon - Int64(zone.secondsFromGMT(for: guess))
        let start = calendar.startOfDay(for: Date(timeIntervalSince1970: TimeInterval(localNoon)))
        return Timestamp(secondsSinceEpoch: Int64(start.timeIntervalSince1970))
    }

    /// The date and time that a clock on the wall in `zone` shows at `moment`.
    package static func localTime(at moment: Timestamp, in zone: TimeZone) -> CivilTime {
        let seconds = moment.secondsSinceEpoch
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        return CivilTime(secondsSinceEpoch: seconds + Int64(offset))
    }
}

extension Day: CustomStringConvertible, Codable {
    /// `YYYY-MM-DD`.
    package var description: String {
        "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Day(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a day: \(text)")
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
