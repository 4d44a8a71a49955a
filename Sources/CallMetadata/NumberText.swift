import Recordings

/// Times that are written as one number: seconds since an epoch, and a spreadsheet's days.
enum NumberText {
    /// 2000 to 2099.
    static let epochMilliseconds = 946_684_800_000..<4_102_444_800_000

    /// A whole field that is one number and means a time; nil for any other field, dates of digits alone included.
    static func field(_ text: ByteText) -> TimeText.Field? {
        let whole = text.digitRun(at: 0, limit: 20)
        guard whole > 0 else { return nil }
        var decimals = 0
        if whole < text.count {
            guard let point = text[whole], ".,".utf8.contains(point) else { return nil }
            decimals = text.digitRun(at: whole + 1)
            guard decimals > 0, whole + 1 + decimals == text.count else { return nil }
        }
        switch whole {
        case 10, 13, 16, 19: return epoch(text, whole: whole, decimals: decimals)
        case 5: return serial(text, decimals: decimals)
        case 1 where decimals >= 2 && text[0] == UInt8(ascii: "0"):
            let time = min(millisecondsOfDay(text, decimalsAt: 2, decimals), 86_399_999)
            return .time(seconds: time / 1000, milliseconds: time % 1000, zone: nil, problem: nil)
        default: return nil
        }
    }

    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their length.
    private static func epoch(_ text: ByteText, whole: Int, decimals: Int) -> TimeText.Field? {
        guard let value = text.number(at: 0, length: min(whole, 13)) else { return nil }
        var milliseconds = value
        if whole == 10 {
            milliseconds = value * 1000
            if decimals > 0 { milliseconds += TimeText.fraction(text, at: 11, digits: decimals) }
        }
        guard epochMilliseconds.contains(milliseconds) else { return nil }
        let moment = Timestamp(millisecondsSinceEpoch: Int64(milliseconds))
        return .start(WrittenStart(moment: .absolute(moment)))
    }

    /// Days since 1899-12-30, as Excel and LibreOffice count them from March 1900 on (ECMA-376-1, 18.17.4.1: the
    /// 1900 date system); the fraction is the time of day.
    private static func serial(_ text: ByteText, decimals: Int) -> TimeText.Field? {
        let zero = -25_569
        guard let value = text.number(at: 0, length: 5) else { return nil }
        let day = Day(daysSinceEpoch: value + zero)
        guard TimeText.years.contains(day.year) else { return nil }
        guard decimals > 0 else { return .date(WrittenDate(day)) }
        let time = millisecondsOfDay(text, decimalsAt: 6, decimals)
        // A fraction can round up to the next midnight.
        let date = WrittenDate(time < 86_400_000 ? day : day.advanced(by: 1))
        let rest = time % 86_400_000
        return .start(WrittenStart(moment: .clock(date, seconds: rest / 1000, milliseconds: rest % 1000)))
    }

    /// A fraction of a day in milliseconds; in whole seconds where its digits do not carry more: nine decimals are a tenth
    /// of a millisecond.
    private static func millisecondsOfDay(_ text: ByteText, decimalsAt start: Int, _ decimals: Int) -> Int {
        let used = min(decimals, 11)
        guard let fraction = text.number(at: start, length: used) else { return 0 }
        var scale = 1
        for _ in 0..<used { scale *= 10 }
        guard decimals >= 9 else { return (fraction * 86_400 + scale / 2) / scale * 1000 }
        return (fraction * 86_400_000 + scale / 2) / scale
    }
}
