import Recordings

/// Reads dates with the month as a word, English or German, in a field of their own: RFC 5322 (section 3.3), C's `asctime`,
/// JavaScript's `Date`, Oracle's `05-APR-18` and what people write.
///
/// The parts may stand in several orders; each may stand once, and nothing else may.
struct WordedTime {
    private let text: ByteText
    private var index = 0
    private var day: Int?
    private var month: Int?
    private var year: Int?
    private var time: TimeText.WrittenTime?
    private var zone: ZoneQualifier?
    private var startsWithWeekday = false

    static func field(_ text: ByteText) -> TimeText.Field {
        var reader = WordedTime(text: text)
        guard reader.read(), let date = reader.date else { return .nothing }
        guard let time = reader.time else { return reader.zone == nil ? .date(WrittenDate(date)) : .nothing }
        return .start(
            WrittenStart(
                moment: .clock(WrittenDate(date), seconds: time.seconds, milliseconds: time.milliseconds),
                zone: reader.startsWithWeekday ? reader.zone.map(ZoneText.ofMail) : reader.zone,
                problem: time.problem
            )
        )
    }

    private init(text: ByteText) {
        self.text = text
    }

    private var date: Day? {
        guard let day, let month, let year else { return nil }
        return TimeText.day(year, month, day)
    }

    private mutating func read() -> Bool {
        while let byte = text[index] {
            if " ,;".utf8.contains(byte) || (time == nil && "-/.".utf8.contains(byte)) {
                index += 1
            } else if time != nil, zone == nil, let found = ZoneText.zone(text, at: index, style: .field) {
                (zone, index) = (found.zone, found.end)
            } else if byte == UInt8(ascii: "("), zone != nil {
                // A comment (RFC 5322, section 3.2.2) with the zone's name in words.
                guard let close = text.bytes[index...].firstIndex(of: UInt8(ascii: ")")) else { return false }
                index = close + 1
            } else if byte.isDigit {
                guard number() else { return false }
            } else {
                guard word() else { return false }
            }
        }
        return true
    }

    private mutating func number() -> Bool {
        let run = text.digitRun(at: index, limit: 5)
        let mayBeTime = text[index + run] == UInt8(ascii: ":") || (day != nil && month != nil && year != nil)
        if time == nil, mayBeTime, let found = TimeText.timeOfDay(text, at: index, style: .field) {
            (time, index) = (found, found.end)
            return true
        }
        guard let value = text.number(at: index, length: run) else { return false }
        index += run
        switch run {
        case 4 where year == nil: year = value
        case 1, 2:
            if day == nil {
                day = value
                skipOrdinal()
            } else if year == nil, run == 2 {
                year = 2000 + value
            } else {
                return false
            }
        default: return false
        }
        return true
    }

    /// The `th` of `5th`.
    private mutating func skipOrdinal() {
        let ending = text.text(index..<index + 2).lowercased()
        if ["st", "nd", "rd", "th"].contains(ending), !(text[index + 2]?.isWord ?? false) { index += 2 }
    }

    private mutating func word() -> Bool {
        let start = index
        while text[index]?.isWord ?? false, text[index].map({ !$0.isDigit }) ?? false { index += 1 }
        guard index > start else { return false }
        let word = text.text(start..<index).lowercased()
        if text[index] == UInt8(ascii: ".") { index += 1 }
        if month == nil, let number = Self.months[word] {
            month = number
            return true
        }
        if Self.weekdays.contains(word), day == nil || month == nil {
            startsWithWeekday = start == 0
            return true
        }
        // "am" before a German date; AM after a time is the time's.
        return Self.fillers.contains(word) && (word != "am" || time == nil)
    }

    private static let months: [String: Int] = {
        let names = [
            ["jan", "january", "januar", "jänner", "jän", "jaen"], ["feb", "february", "februar", "feber"],
            ["mar", "march", "märz", "mär", "mrz", "maerz"], ["apr", "april"], ["may", "mai"],
            ["jun", "june", "juni"], ["jul", "july", "juli"], ["aug", "august"], ["sep", "sept", "september"],
            ["oct", "october", "okt", "oktober"], ["nov", "november"], ["dec", "december", "dez", "dezember"],
        ]
        var months: [String: Int] = [:]
        for (index, forms) in names.enumerated() {
            for form in forms { months[form] = index + 1 }
        }
        return months
    }()

    private static let weekdays: Set<String> = [
        "mon", "monday", "mo", "montag", "tue", "tues", "tuesday", "di", "dienstag", "wed", "wednesday", "mi",
        "mittwoch",
        "thu", "thur", "thurs", "thursday", "do", "donnerstag", "fri", "friday", "fr", "freitag", "sat", "saturday",
        "sa",
        "samstag", "sonnabend", "sun", "sunday", "so", "sonntag",
    ]

    private static let fillers: Set<String> = ["at", "um", "uhr", "the", "of", "den", "on", "am", "t"]
}
