import Recordings

/// The dates of HTTP (RFC 9110, section 5.6.7), read in all three of its forms.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// - Parameter now: decides the century of a two-digit year: one that seems more than 50 years ahead is past.
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
        var words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        guard words.count >= 5, Int(words[0]) == nil else { return nil }
        words.removeFirst()
        if Int(words[0]) == nil {
            guard words.count == 4 else { return nil }
            words = [words[1], words[0], words[3], words[2]]
        } else {
            guard words.count == 4 || (words.count == 5 && ["gmt", "utc"].contains(words[4])) else { return nil }
        }
        guard
            let dayOfMonth = Int(words[0]), let month = months.firstIndex(of: words[1]), var year = Int(words[2]),
            let clock = clock(words[3])
        else { return nil }
        if words[2].count == 2 {
            let thisYear = CivilTime(secondsSinceEpoch: now.secondsSinceEpoch).date.year
            year += thisYear / 100 * 100
            if year > thisYear + 50 { year -= 100 }
        }
        guard let date = Day(year: year, month: month + 1, dayOfMonth: dayOfMonth) else { return nil }
        let time = CivilTime(date: date, hour: clock.hour, minute: clock.minute, second: clock.second)
        return Timestamp(secondsSinceEpoch: time.secondsSinceEpoch)
    }

    private static func clock(_ text: String) -> (hour: Int, minute: Int, second: Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        return (hour, minute, second)
    }

    /// The nanoseconds that a `Retry-After` field asks for, in seconds or as a date (RFC 9110, section 10.2.3); nil when
    /// it is neither.
    static func retryAfter(_ field: String, now: Timestamp) -> Int64? {
        let text = field.trimmingSpaces
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than a century of seconds has are a century.
            return (text.utf8.count > 9 ? 999_999_999 : Int64(text) ?? 0) * 1_000_000_000
        }
        guard let date = parse(text, now: now) else { return nil }
        let milliseconds = date.millisecondsSinceEpoch - now.millisecondsSinceEpoch
        return max(0, min(milliseconds, 999_999_999_000)) * 1_000_000
    }
}
