import Recordings

/// Reads dates and times as people, dialers and databases write them.
enum TimeText {
    /// What stands at one place of a text.
    struct Found {
        var start: WrittenStart
        /// The index after it.
        var end: Int
    }

    /// How much a place in a text may be trusted to hold a time.
    enum Style {
        /// A name with other fields beside it: only forms that nothing else looks like.
        case name
        /// A field of its own: times without seconds, fractions, AM and PM, and offsets too.
        case field
    }

    /// What a field of its own holds, to its last letter.
    enum Field {
        case start(WrittenStart)
        case date(WrittenDate)
        /// Seconds since midnight.
        case time(seconds: Int, milliseconds: Int, zone: ZoneQualifier?, problem: String?)
        case nothing
    }

    /// Longer texts are no times.
    private static let longest = 80

    /// The whole text as a date, a time of day, or both.
    static func field(_ text: some StringProtocol) -> Field {
        let bytes = ByteText(text)
        guard bytes.count <= longest else { return .nothing }
        if let number = NumberText.field(bytes) { return number }
        if let found = dateTime(bytes, at: 0, style: .field), endsField(bytes, found.end) { return .start(found.start) }
        if let date = date(bytes, at: 0), date.end == bytes.count { return .date(date.date) }
        if let time = timeOfDay(bytes, at: 0, style: .field) {
            let zone = ZoneText.zone(bytes, at: time.end, style: .field)
            if endsField(bytes, zone?.end ?? time.end) {
                return .time(
                    seconds: time.seconds,
                    milliseconds: time.milliseconds,
                    zone: zone?.zone,
                    problem: time.problem
                )
            }
        }
        return WordedTime.field(bytes)
    }

    /// The zone in brackets after an offset, as Java writes it (`+02:00[Europe/Berlin]`), and `Uhr` end a field too.
    private static func endsField(_ text: ByteText, _ end: Int) -> Bool {
        if end == text.count { return true }
        let rest = text.text(end..<text.count)
        return rest.lowercased() == " uhr" || (rest.hasPrefix("[") && rest.hasSuffix("]") && rest.contains("/"))
    }

    /// The whole text as a start with all that belongs to it; nil when anything else stands in it.
    static func whole(_ text: some StringProtocol) -> WrittenStart? {
        guard case .start(let start) = field(text) else { return nil }
        return start
    }

    /// A date and a time of day at `start`, and the zone after them; nil where there is none.
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
        var found = Found(
            start: WrittenStart(
                moment: .clock(date.date, seconds: time.seconds, milliseconds: time.milliseconds),
                problem: time.problem
            ),
            end: time.end
        )
        let isISO = text[index - 1]?.lowercased == UInt8(ascii: "t")
        if let zone = zone(after: time, text, style: style, isISO: isISO) {
            (found.start.zone, found.end) = (zone.zone, zone.end)
            if let fraction = zone.milliseconds {
                found.start.moment = .clock(date.date, seconds: time.seconds, milliseconds: fraction)
            }
        }
        return found
    }

    /// The zone after a time. In a name, a fraction is one only with a zone after it: else it is a running number.
    private static func zone(
        after time: WrittenTime,
        _ text: ByteText,
        style: Style,
        isISO: Bool
    ) -> (zone: ZoneQualifier, end: Int, milliseconds: Int?)? {
        if style == .name, let point = text[time.end], ".,".utf8.contains(point) {
            let digits = text.digitRun(at: time.end + 1, limit: 10)
            if (1...9).contains(digits),
                let zone = ZoneText.zone(text, at: time.end + 1 + digits, style: style, hasFraction: true)
            {
                return (zone.zone, zone.end, fraction(text, at: time.end + 1, digits: digits))
            }
        }
        guard let zone = ZoneText.zone(text, at: time.end, style: style, hasFraction: isISO) else { return nil }
        return (zone.zone, zone.end, nil)
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

    /// Seconds or milliseconds since 1970, ten or thirteen digits, from 2000 to 2099, at a place in a name.
    static func epoch(_ text: ByteText, at start: Int) -> (moment: Timestamp, end: Int)? {
        let run = text.digitRun(at: start, limit: 14)
        guard run == 10 || run == 13, let value = text.number(at: start, length: run) else { return nil }
        var milliseconds = run == 10 ? value * 1000 : value
        guard NumberText.epochMilliseconds.contains(milliseconds) else { return nil }
        var end = start + run
        if run == 10, text[end] == UInt8(ascii: ".") {
            let digits = text.digitRun(at: end + 1)
            if digits > 0 {
                milliseconds += fraction(text, at: end + 1, digits: digits)
                end += 1 + digits
            }
        }
        return (Timestamp(millisecondsSinceEpoch: Int64(milliseconds)), end)
    }

    /// The first three digits after a point, in thousandths.
    static func fraction(_ text: ByteText, at start: Int, digits: Int) -> Int {
        let used = min(digits, 3)
        var value = text.number(at: start, length: used) ?? 0
        for _ in used..<3 { value *= 10 }
        return value
    }
}
