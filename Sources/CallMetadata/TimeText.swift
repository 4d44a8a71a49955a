import Recordings

/// Reads dates and times as people, dialers and databases write them.
enum TimeText {
    /// What stands at one place of a text.
    struct Found {
        var start: CallStart
        /// The index behind it.
        var end: Int
    }

    /// How much a place in a text may be trusted to hold a time.
    enum Style {
        /// A name with other fields beside it: only forms that nothing else looks like.
        case name
        /// A field of its own: times without seconds, fractions, AM and PM, and offsets too.
        case field
    }

    /// The whole text as a time; nil when anything else stands in it.
    static func whole(_ text: some StringProtocol) -> CallStart? {
        let bytes = ByteText(text)
        if let epoch = epoch(bytes, at: 0), epoch.end == bytes.count { return epoch.start }
        guard let found = dateTime(bytes, at: 0, style: .field), found.end == bytes.count else { return nil }
        return found.start
    }

    /// A date and a time of day at `start`; nil where there is none.
    static func dateTime(_ text: ByteText, at start: Int, style: Style) -> Found? {
        guard let date = date(text, at: start) else { return nil }
        var index = date.end
        if date.isCompact, text.digitRun(at: start, limit: 18) > 8 {
            // `20180405101533`, with milliseconds behind it or not: nothing separates date and time.
            let run = text.digitRun(at: start, limit: 18)
            guard run == 14 || run == 17 || (style == .field && run == 12) else { return nil }
        } else {
            guard let next = skipSeparator(text, at: index, style: style) else { return nil }
            index = next
        }
        guard let time = timeOfDay(text, at: index, style: style) else { return nil }
        return finish(text, date: date, time: time, style: style)
    }

    /// Seconds or milliseconds since 1970, ten or thirteen digits, from 2000 to 2099; a fraction behind them.
    static func epoch(_ text: ByteText, at start: Int) -> Found? {
        let run = text.digitRun(at: start, limit: 14)
        guard run == 10 || run == 13, let value = text.number(at: start, length: run) else { return nil }
        var milliseconds = run == 10 ? value * 1000 : value
        guard (946_684_800_000..<4_102_444_800_000).contains(milliseconds) else { return nil }
        var end = start + run
        if run == 10, text[end] == UInt8(ascii: ".") {
            let digits = text.digitRun(at: end + 1)
            if digits > 0 {
                milliseconds += fraction(text, at: end + 1, digits: digits)
                end += 1 + digits
            }
        }
        return Found(start: .absolute(Timestamp(millisecondsSinceEpoch: Int64(milliseconds))), end: end)
    }

    /// A date alone, in a field of its own.
    static func wholeDate(_ text: some StringProtocol) -> Day? {
        let bytes = ByteText(text)
        guard let date = date(bytes, at: 0), date.end == bytes.count, date.other == nil else { return nil }
        return date.day
    }

    /// A time of day alone, in a field of its own, as seconds since midnight.
    static func wholeTimeOfDay(_ text: some StringProtocol) -> Int? {
        let bytes = ByteText(text)
        guard let time = timeOfDay(bytes, at: 0, style: .field), time.end == bytes.count else { return nil }
        return time.seconds
    }
}

// MARK: - Dates

extension TimeText {
    private struct WrittenDate {
        var day: Day
        /// The other reading, with the month first, where there is one that differs.
        var other: Day?
        var end: Int
        var isCompact = false
    }

    /// Years outside of these are no recordings' dates.
    private static let years = 1990...2099

    private static func day(_ year: Int, _ month: Int, _ dayOfMonth: Int) -> Day? {
        years.contains(year) ? Day(year: year, month: month, dayOfMonth: dayOfMonth) : nil
    }

    private static func date(_ text: ByteText, at start: Int) -> WrittenDate? {
        switch text.digitRun(at: start, limit: 9) {
        case 8...: compactDate(text, at: start)
        case 4: yearFirst(text, at: start)
        case 1, 2: yearLast(text, at: start)
        default: nil
        }
    }

    /// `20180405`.
    private static func compactDate(_ text: ByteText, at start: Int) -> WrittenDate? {
        guard
            let year = text.number(at: start, length: 4), let month = text.number(at: start + 4, length: 2),
            let dayOfMonth = text.number(at: start + 6, length: 2), let day = day(year, month, dayOfMonth)
        else { return nil }
        return WrittenDate(day: day, end: start + 8, isCompact: true)
    }

    /// `2018-04-05`, with `.`, `/` or `_` for the hyphen too.
    private static func yearFirst(_ text: ByteText, at start: Int) -> WrittenDate? {
        guard
            let separator = text[start + 4], "-./_".utf8.contains(separator), text[start + 7] == separator,
            let year = text.number(at: start, length: 4), let month = text.number(at: start + 5, length: 2),
            let dayOfMonth = text.number(at: start + 8, length: 2), let day = day(year, month, dayOfMonth),
            text.digitRun(at: start + 8, limit: 3) == 2
        else { return nil }
        return WrittenDate(day: day, end: start + 10)
    }

    /// `05.04.2018`, where the day stands first, and `05/04/2018` or `05-04-2018`, where it may not.
    private static func yearLast(_ text: ByteText, at start: Int) -> WrittenDate? {
        let firstLength = text.digitRun(at: start, limit: 2)
        guard let separator = text[start + firstLength], "-./".utf8.contains(separator) else { return nil }
        let secondStart = start + firstLength + 1
        let secondLength = text.digitRun(at: secondStart, limit: 3)
        let yearStart = secondStart + secondLength + 1
        guard
            secondLength == 1 || secondLength == 2, text[yearStart - 1] == separator,
            text.digitRun(at: yearStart, limit: 5) == 4,
            let first = text.number(at: start, length: firstLength),
            let second = text.number(at: secondStart, length: secondLength),
            let year = text.number(at: yearStart, length: 4)
        else { return nil }
        let end = yearStart + 4
        let dayFirst = day(year, second, first)
        let monthFirst = separator == UInt8(ascii: ".") ? nil : day(year, first, second)
        switch (dayFirst, monthFirst) {
        case (.some(let day), .some(let other)):
            return WrittenDate(day: day, other: day == other ? nil : other, end: end)
        case (.some(let day), nil), (nil, .some(let day)): return WrittenDate(day: day, end: end)
        case (nil, nil): return nil
        }
    }
}

// MARK: - Times of day

extension TimeText {
    private struct WrittenTime {
        var seconds: Int
        var milliseconds: Int
        var end: Int
    }

    /// What may stand between a date and a time: one of `-_T` and the like, and in a field any spaces or a comma.
    private static func skipSeparator(_ text: ByteText, at start: Int, style: Style) -> Int? {
        guard let byte = text[start] else { return nil }
        switch style {
        case .name:
            return "-_Tt .".utf8.contains(byte) ? start + 1 : nil
        case .field:
            var index = start
            if "-_Tt,.".utf8.contains(byte) { index += 1 }
            while text[index] == UInt8(ascii: " ") { index += 1 }
            return index > start ? index : nil
        }
    }

    /// `101533`, `10:15:33` (with `-`, `.` or `_` too), and in a field `10:15`, `9:05:01 PM` and fractions.
    private static func timeOfDay(_ text: ByteText, at start: Int, style: Style) -> WrittenTime? {
        let run = text.digitRun(at: start, limit: 10)
        var hour: Int?
        var minute: Int?
        var second: Int? = 0
        var end = start
        var milliseconds = 0
        switch run {
        case 6, 9:
            (hour, minute) = (text.number(at: start, length: 2), text.number(at: start + 2, length: 2))
            second = text.number(at: start + 4, length: 2)
            if run == 9 { milliseconds = fraction(text, at: start + 6, digits: 3) }
            end = start + run
        case 4 where style == .field:
            (hour, minute) = (text.number(at: start, length: 2), text.number(at: start + 2, length: 2))
            end = start + 4
        case 2,
            1 where style == .field:
            guard let separator = text[start + run], ":-._".utf8.contains(separator) else { return nil }
            (hour, minute) = (text.number(at: start, length: run), text.number(at: start + run + 1, length: 2))
            end = start + run + 3
            if text[end] == separator, text.digitRun(at: end + 1, limit: 3) == 2 {
                second = text.number(at: end + 1, length: 2)
                end += 3
            } else if style == .name {
                return nil
            }
        default: return nil
        }
        guard
            let hour, let minute, let second, minute < 60, second < 60, !(text[end]?.isDigit ?? false)
        else { return nil }
        var time = WrittenTime(seconds: hour * 3600 + minute * 60 + second, milliseconds: milliseconds, end: end)
        if style == .field { extend(&time, text, hour: hour) }
        return time.seconds < 86_400 ? time : nil
    }

    /// A fraction, and AM or PM.
    private static func extend(_ time: inout WrittenTime, _ text: ByteText, hour: Int) {
        if let point = text[time.end], ".,".utf8.contains(point) {
            let digits = text.digitRun(at: time.end + 1)
            if digits > 0 {
                time.milliseconds = fraction(text, at: time.end + 1, digits: digits)
                time.end += 1 + digits
            }
        }
        let mark = text[time.end] == UInt8(ascii: " ") ? time.end + 1 : time.end
        guard
            (1...12).contains(hour), text[mark + 1]?.lowercased == UInt8(ascii: "m"),
            let letter = text[mark]?.lowercased,
            "ap".utf8.contains(letter)
        else { return }
        if letter == UInt8(ascii: "p"), hour < 12 { time.seconds += 12 * 3600 }
        if letter == UInt8(ascii: "a"), hour == 12 { time.seconds -= 12 * 3600 }
        time.end = mark + 2
    }

    /// The first three digits behind a point, in thousandths.
    private static func fraction(_ text: ByteText, at start: Int, digits: Int) -> Int {
        let used = min(digits, 3)
        var value = text.number(at: start, length: used) ?? 0
        for _ in used..<3 { value *= 10 }
        return value
    }

    /// Joins date and time, and takes the offset behind them: `Z`, and in a field `+02:00`, `-0300` and ` UTC`.
    private static func finish(_ text: ByteText, date: WrittenDate, time: WrittenTime, style: Style) -> Found? {
        let local = { (day: Day) in
            CivilTime(
                date: day,
                hour: time.seconds / 3600,
                minute: time.seconds / 60 % 60,
                second: time.seconds % 60
            )
        }
        if let offset = offset(text, at: time.end, style: style), date.other == nil {
            let seconds = local(date.day).secondsSinceEpoch - Int64(offset.seconds)
            let moment = Timestamp(millisecondsSinceEpoch: seconds * 1000 + Int64(time.milliseconds))
            return Found(start: .absolute(moment), end: offset.end)
        }
        if let other = date.other {
            return Found(start: .localEitherWay(dayFirst: local(date.day), monthFirst: local(other)), end: time.end)
        }
        return Found(start: .local(local(date.day), milliseconds: time.milliseconds), end: time.end)
    }

    private static func offset(_ text: ByteText, at start: Int, style: Style) -> (seconds: Int, end: Int)? {
        var index = start
        if style == .field, text[index] == UInt8(ascii: " ") { index += 1 }
        guard let byte = text[index] else { return nil }
        if byte.lowercased == UInt8(ascii: "z") {
            return text[index + 1]?.isWord ?? false ? nil : (0, index + 1)
        }
        if style == .field, ["utc", "gmt"].contains(text.text(index..<index + 3).lowercased()) {
            return (0, index + 3)
        }
        // A hyphen in a name begins the next field; a plus sign begins nothing else than an offset of four digits.
        guard byte == UInt8(ascii: "+") || (style == .field && byte == UInt8(ascii: "-")) else { return nil }
        guard let hours = text.number(at: index + 1, length: 2), hours < 24 else { return nil }
        let colon = text[index + 3] == UInt8(ascii: ":") ? 1 : 0
        var minutes = 0
        var end = index + 3
        if let written = text.number(at: index + 3 + colon, length: 2) {
            (minutes, end) = (written, index + 5 + colon)
        } else if style == .name {
            return nil
        }
        guard minutes < 60, !(text[end]?.isDigit ?? false) else { return nil }
        return ((hours * 60 + minutes) * 60 * (byte == UInt8(ascii: "-") ? -1 : 1), end)
    }
}
