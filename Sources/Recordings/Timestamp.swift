/// A moment in time, to the millisecond, as the manifest writes it.
///
/// Calendar arithmetic is the proleptic Gregorian calendar of ISO 8601; leap seconds do not exist in it, as in POSIX.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    package let millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    /// - Parameter secondsSinceEpoch: whole Unix seconds, as the platform's time filters take them.
    package init(secondsSinceEpoch: Int64) {
        self.init(millisecondsSinceEpoch: secondsSinceEpoch * 1000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    /// Unix seconds, rounded towards the past.
    package var secondsSinceEpoch: Int64 {
        millisecondsSinceEpoch.flooredDivision(by: 1000).quotient
    }

    package func advanced(byMilliseconds milliseconds: Int64) -> Timestamp {
        Timestamp(millisecondsSinceEpoch: millisecondsSinceEpoch + milliseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2018-04-05T08:11:09.000Z`.
    package var description: String {
        let (seconds, milliseconds) = millisecondsSinceEpoch.flooredDivision(by: 1000)
        let time = CivilTime(secondsSinceEpoch: seconds)
        return "\(time.date)T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
            + ".\(padded(Int(milliseconds), 3))Z"
    }

    /// The form that stands in file names: `20180405T081109Z`.
    package var compactDescription: String {
        let time = CivilTime(secondsSinceEpoch: secondsSinceEpoch)
        return padded(time.date.year, 4) + padded(time.date.month, 2) + padded(time.date.dayOfMonth, 2)
            + "T" + padded(time.hour, 2) + padded(time.minute, 2) + padded(time.second, 2) + "Z"
    }

    /// Reads an RFC 3339 date-time (RFC 3339, section 5.6), whatever its offset.
    ///
    /// A fraction is cut to milliseconds; an offset without a colon (`+0200`) is taken too, because JSON from Java
    /// services carries it. Returns nil for anything else, a leap second (`:60`) included.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(text)
        guard
            let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), let date = Day(year: year, month: month, dayOfMonth: day),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2), hour < 24, minute < 60, second < 60,
            let milliseconds = reader.fraction(), let offset = reader.offsetSeconds(), reader.isAtEnd
        else { return nil }
        let time = CivilTime(date: date, hour: hour, minute: minute, second: second)
        self.init(millisecondsSinceEpoch: (time.secondsSinceEpoch - Int64(offset)) * 1000 + Int64(milliseconds))
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 time: \(text)")
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Reads the fixed-width fields of a written time, one after the other.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        rest = rest.dropFirst(count)
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// An optional `.123456`, in milliseconds; nil when a point stands without digits.
    mutating func fraction() -> Int? {
        guard skip(".") else { return 0 }
        var value = 0
        var count = 0
        while let digit = digits(1) {
            if count < 3 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    /// `Z`, `+02:00` or `+0200`, in seconds east of UTC.
    mutating func offsetSeconds() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours < 24 else { return nil }
        _ = skip(":")
        guard let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
