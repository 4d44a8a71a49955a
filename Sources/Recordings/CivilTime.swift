/// A date and a time of day without a zone, and its place on the line of seconds that has no zone either.
package struct CivilTime: Hashable, Sendable {
    package let date: Day
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int
    /// 0 to 59.
    package let second: Int

    package init(date: Day, hour: Int, minute: Int, second: Int) {
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// - Parameter secondsSinceEpoch: seconds since 1970-01-01T00:00:00, read in the zone that the seconds are in.
    package init(secondsSinceEpoch: Int64) {
        let (days, seconds) = secondsSinceEpoch.flooredDivision(by: 86_400)
        self.init(
            date: Day(daysSinceEpoch: Int(days)),
            hour: Int(seconds / 3600),
            minute: Int(seconds / 60 % 60),
            second: Int(seconds % 60)
        )
    }

    /// Seconds since 1970-01-01T00:00:00 in this time's own zone.
    package var secondsSinceEpoch: Int64 {
        Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity, so that the remainder is never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// `value` in decimal, with zeros in front up to `width` digits.
func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
}
