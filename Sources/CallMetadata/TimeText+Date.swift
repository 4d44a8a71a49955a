import Recordings

extension TimeText {
    /// A date at one place of a text.
    struct FoundDate {
        var date: WrittenDate
        var end: Int
        var isCompact = false
    }

    /// Years outside of these are no recordings' dates.
    static let years = 1990...2099

    static func day(_ year: Int, _ month: Int, _ dayOfMonth: Int) -> Day? {
        years.contains(year) ? Day(year: year, month: month, dayOfMonth: dayOfMonth) : nil
    }

    static func date(_ text: ByteText, at start: Int) -> FoundDate? {
        switch text.digitRun(at: start, limit: 9) {
        case 8..<10: compact(text, at: start)
        case 4: yearFirst(text, at: start)
        case 1, 2: shortFirst(text, at: start)
        default: nil
        }
    }

    /// `20180405`, and whatever digits come after it.
    private static func compact(_ text: ByteText, at start: Int) -> FoundDate? {
        guard
            let year = text.number(at: start, length: 4), let month = text.number(at: start + 4, length: 2),
            let dayOfMonth = text.number(at: start + 6, length: 2), let day = day(year, month, dayOfMonth)
        else { return nil }
        return FoundDate(date: WrittenDate(day), end: start + 8, isCompact: true)
    }

    /// `2018-04-05`, with `.`, `/` or `_` for the hyphen too.
    private static func yearFirst(_ text: ByteText, at start: Int) -> FoundDate? {
        guard
            let separator = text[start + 4], "-./_".utf8.contains(separator), text[start + 7] == separator,
            let year = text.number(at: start, length: 4), let month = text.number(at: start + 5, length: 2),
            let dayOfMonth = text.number(at: start + 8, length: 2), let day = day(year, month, dayOfMonth),
            text.digitRun(at: start + 8, limit: 3) == 2
        else { return nil }
        return FoundDate(date: WrittenDate(day), end: start + 10)
    }

    /// `05.04.2018` and `05.04.18`, where the day stands first, and `05/04/2018`, `05-04-18` and the like, where the order
    /// is open.
    private static func shortFirst(_ text: ByteText, at start: Int) -> FoundDate? {
        let firstLength = text.digitRun(at: start, limit: 3)
        guard let separator = text[start + firstLength], "-./".utf8.contains(separator) else { return nil }
        let secondStart = start + firstLength + 1
        let secondLength = text.digitRun(at: secondStart, limit: 3)
        let thirdStart = secondStart + secondLength + 1
        let thirdLength = text.digitRun(at: thirdStart, limit: 5)
        guard
            (1...2).contains(secondLength), text[thirdStart - 1] == separator, thirdLength == 4 || thirdLength == 2,
            let first = text.number(at: start, length: firstLength),
            let second = text.number(at: secondStart, length: secondLength),
            let third = text.number(at: thirdStart, length: thirdLength)
        else { return nil }
        let year = thirdLength == 4 ? third : 2000 + third
        let isGerman = separator == UInt8(ascii: ".")
        let date = WrittenDate(
            dayFirst: day(year, second, first),
            monthFirst: isGerman ? nil : day(year, first, second),
            yearFirst: thirdLength == 4 || isGerman || firstLength != 2 ? nil : day(2000 + first, second, third)
        )
        return date.map { FoundDate(date: $0, end: thirdStart + thirdLength) }
    }
}
