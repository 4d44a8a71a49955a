extension TimeText {
    /// A time of day at one place of a text.
    struct WrittenTime {
        /// Since midnight.
        var seconds: Int
        var milliseconds: Int
        var end: Int
        /// What is wrong with it, where hour and AM or PM contradict each other.
        var problem: String?
    }

    /// `101533`, `10:15:33` (with `-`, `.` or `_` too) and `2-15-33 PM`, and in a field `10:15` and fractions.
    static func timeOfDay(_ text: ByteText, at start: Int, style: Style) -> WrittenTime? {
        guard var clock = digits(text, at: start) else { return nil }
        if style == .field, let point = text[clock.end], ".,".utf8.contains(point) {
            let digits = text.digitRun(at: clock.end + 1)
            if digits > 0 {
                clock.milliseconds = fraction(text, at: clock.end + 1, digits: digits)
                clock.end += 1 + digits
            }
        }
        let half = half(text, at: clock.end, style: style)
        // Two digits of the hour and the seconds make a time in a name, or the half of the day after it.
        guard style == .field || half != nil || (clock.hasSeconds && clock.hourDigits == 2) else { return nil }
        var time = WrittenTime(
            seconds: clock.hour * 3600 + clock.minute * 60 + clock.second,
            milliseconds: clock.milliseconds,
            end: half?.end ?? clock.end
        )
        switch (half?.isAfternoon, clock.hour) {
        case (true, 1...11): time.seconds += 12 * 3600
        case (false, 12): time.seconds -= 12 * 3600
        case (false, 13...): time.problem = "\(clock.hour) o'clock is not AM"
        case (true, 0): time.problem = "0 o'clock is not PM"
        default: break
        }
        return time.seconds < 86_400 ? time : nil
    }

    private struct Clock {
        var hour: Int
        var minute: Int
        var second = 0
        var milliseconds = 0
        var hourDigits = 2
        var hasSeconds = false
        var end: Int
    }

    private static func digits(_ text: ByteText, at start: Int) -> Clock? {
        let run = text.digitRun(at: start, limit: 10)
        var clock: Clock
        switch run {
        case 4, 6, 9:
            guard let hour = text.number(at: start, length: 2), let minute = text.number(at: start + 2, length: 2)
            else {
                return nil
            }
            clock = Clock(hour: hour, minute: minute, end: start + run)
            if run > 4, let second = text.number(at: start + 4, length: 2) {
                (clock.second, clock.hasSeconds) = (second, true)
            }
            if run == 9 { clock.milliseconds = fraction(text, at: start + 6, digits: 3) }
        case 1, 2:
            let minuteAt = start + run + 1
            guard
                let separator = text[start + run], ":-._".utf8.contains(separator),
                let hour = text.number(at: start, length: run), let minute = text.number(at: minuteAt, length: 2)
            else { return nil }
            clock = Clock(hour: hour, minute: minute, hourDigits: run, end: minuteAt + 2)
            if text[clock.end] == separator, text.digitRun(at: clock.end + 1, limit: 3) == 2,
                let second = text.number(at: clock.end + 1, length: 2)
            {
                (clock.second, clock.hasSeconds) = (second, true)
                clock.end += 3
            }
        default: return nil
        }
        guard clock.hour < 24, clock.minute < 60, clock.second < 60, !(text[clock.end]?.isDigit ?? false) else {
            return nil
        }
        return clock
    }

    /// `AM`, `p.m.` and the like after a time, with one separator before it or none.
    private static func half(_ text: ByteText, at start: Int, style: Style) -> (isAfternoon: Bool, end: Int)? {
        let separators = style == .field ? " " : " _-."
        var mark = start
        if let byte = text[mark], separators.utf8.contains(byte) { mark += 1 }
        // Excel and ICU put a narrow or a plain no-break space there.
        for space in [[0xE2, 0x80, 0xAF], [0xC2, 0xA0]] as [[UInt8]]
        where text.bytes.indices.contains(mark + 3) && text.bytes[mark...].starts(with: space) {
            mark += space.count
        }
        guard let letter = text[mark]?.lowercased, "ap".utf8.contains(letter) else { return nil }
        var end = mark + 1
        let isDotted = text[end] == UInt8(ascii: ".")
        if isDotted { end += 1 }
        guard text[end]?.lowercased == UInt8(ascii: "m") else { return nil }
        end += 1
        if isDotted, text[end] == UInt8(ascii: ".") { end += 1 }
        guard !(text[end]?.isWord ?? false) else { return nil }
        return (letter == UInt8(ascii: "p"), end)
    }

    /// The half of the day and the zone that a text begins with after a time, as words with a space before each.
    static func qualifier(in text: Substring) -> String {
        let bytes = ByteText(text.prefix(32))
        var words = ""
        var end = 0
        if let half = half(bytes, at: 0, style: .name) {
            words += half.isAfternoon ? " PM" : " AM"
            end = half.end
        }
        if let zone = ZoneText.zone(bytes, at: end, style: .name), !(bytes[zone.end]?.isWord ?? false) {
            let written = bytes.text(end..<zone.end).drop { " _-.".contains($0) }
            let sign = bytes[end] == UInt8(ascii: "-") && bytes[end + 1]?.isDigit ?? false ? "-" : ""
            words += " " + sign + written
        }
        return words
    }
}
