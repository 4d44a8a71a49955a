package import Recordings

/// A recording's length as a source wrote it, before the audio has said in which unit.
package struct WrittenDuration: Codable, Hashable, Sendable {
    /// Thousandths of the unit: `5.25` is 5,250.
    package var thousandths: Int64
    /// The unit, where the source names it.
    package var unit: Recording.DurationUnit?

    package init(thousandths: Int64, unit: Recording.DurationUnit? = nil) {
        self.thousandths = thousandths
        self.unit = unit
    }

    /// Reads `117504`, `117.504`, `117,5`, `1:57` and `00:01:57.5`; nil for anything else, negative or over ten days of
    /// seconds or more.
    package init?(_ text: some StringProtocol, unit: Recording.DurationUnit?) {
        var values: [Int64] = [0]
        var fraction: Int64?
        var fractionDigits = 0
        var digits = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int64(byte - UInt8(ascii: "0"))
                digits += 1
                if let value = fraction {
                    fractionDigits += 1
                    if fractionDigits <= 3 { fraction = value * 10 + digit }
                } else {
                    guard let last = values.last, last < 100_000_000_000 else { return nil }
                    values[values.count - 1] = last * 10 + digit
                }
            case UInt8(ascii: ":") where fraction == nil && digits > 0 && values.count < 3:
                values.append(0)
                digits = 0
            case UInt8(ascii: "."), UInt8(ascii: ","):
                guard fraction == nil, digits > 0 else { return nil }
                fraction = 0
                digits = 0
            default: return nil
            }
        }
        guard digits > 0 else { return nil }
        var thousandths = fraction ?? 0
        for _ in min(fractionDigits, 3)..<3 where fraction != nil { thousandths *= 10 }
        let isClock = values.count > 1
        guard !isClock || values.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        let whole = values.reduce(0) { $0 * 60 + $1 }
        guard whole < 1_000_000_000_000 else { return nil }
        self.init(thousandths: whole * 1000 + thousandths, unit: isClock ? .seconds : unit)
    }

    /// What a length means once its unit is known.
    package struct Resolved: Hashable, Sendable {
        package var durationMs: Int64
        /// The unit in which it was written: the source's own word for it, else the one that the audio supports.
        package var unit: Recording.DurationUnit
        /// Whether it is the audio's, within a second or one in a hundred, whichever is more; nil when the audio's length
        /// is not known.
        package var agrees: Bool?
    }

    /// The length in milliseconds, and the unit in which it was written: the source's own word for it, else the one
    /// that comes nearer to what the audio plays.
    ///
    /// The decimals count until the unit is known: 2.5 in seconds is 2,500 ms.
    ///
    /// - Parameter audioMs: the audio's length; nil when only decoding would tell.
    /// - Returns: nil where neither the source nor the audio tells the unit.
    package func resolved(audioMs: Int64?) -> Resolved? {
        let audioMs = audioMs.map { max(0, $0) }
        guard let audioMs else { return unit.map { Resolved(durationMs: milliseconds(in: $0), unit: $0) } }
        let tolerance = max(1000, audioMs / 100).magnitude
        let chosen = unit ?? likelier(audioMs, tolerance)
        let length = milliseconds(in: chosen)
        return Resolved(durationMs: length, unit: chosen, agrees: Self.distance(length, audioMs) <= tolerance)
    }

    /// Where one unit fits, the one that comes nearer; where neither does, a factor tells more than a distance: of 60
    /// declared and 100,000 ms played, seconds.
    private func likelier(_ audioMs: Int64, _ tolerance: UInt64) -> Recording.DurationUnit {
        let asMilliseconds = milliseconds(in: .milliseconds)
        let asSeconds = milliseconds(in: .seconds)
        let distances = (Self.distance(asMilliseconds, audioMs), Self.distance(asSeconds, audioMs))
        if min(distances.0, distances.1) <= tolerance {
            return distances.0 <= distances.1 ? .milliseconds : .seconds
        }
        return Self.factor(asMilliseconds, audioMs) <= Self.factor(asSeconds, audioMs) ? .milliseconds : .seconds
    }

    /// What it says in milliseconds when it was written in `unit`.
    private func milliseconds(in unit: Recording.DurationUnit) -> Int64 {
        switch unit {
        case .seconds: thousandths
        case .milliseconds: thousandths / 1000 + (thousandths % 1000 >= 500 ? 1 : 0)
        }
    }

    private static func distance(_ one: Int64, _ other: Int64) -> UInt64 {
        let (difference, overflows) = one.subtractingReportingOverflow(other)
        return overflows ? .max : difference.magnitude
    }

    /// By how much the larger number is the larger one.
    private static func factor(_ one: Int64, _ other: Int64) -> Double {
        guard one > 0, other > 0 else { return .infinity }
        return Double(max(one, other)) / Double(min(one, other))
    }
}

extension WrittenDuration: CustomStringConvertible {
    /// The number as it was written, without its unit: `117504`, `2.5`.
    package var description: String {
        let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
        var decimals = String(1000 + rest).dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return (thousandths < 0 ? "-" : "") + "\(whole)" + (decimals.isEmpty ? "" : ".\(decimals)")
    }
}
