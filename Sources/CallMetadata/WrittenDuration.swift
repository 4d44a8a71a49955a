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

    /// The length in milliseconds, and the unit in which it was written: the source's own word for it, else the one
    /// that comes nearer to what the audio plays.
    ///
    /// - Parameter audioMs: the audio's length; nil when only decoding would tell.
    /// - Returns: nil where neither the source nor the audio tells the unit.
    package func resolved(audioMs: Int64?) -> (durationMs: Int64, unit: Recording.DurationUnit)? {
        switch (unit, audioMs) {
        case (.milliseconds, _): return (asMilliseconds, .milliseconds)
        case (.seconds, _): return (asSeconds, .seconds)
        case (nil, .some(let audioMs)):
            return (asMilliseconds - audioMs).magnitude <= (asSeconds - audioMs).magnitude
                ? (asMilliseconds, .milliseconds) : (asSeconds, .seconds)
        case (nil, nil): return nil
        }
    }

    /// What it says in milliseconds when it was written in milliseconds.
    private var asMilliseconds: Int64 { (thousandths + 500) / 1000 }
    /// What it says in milliseconds when it was written in seconds.
    private var asSeconds: Int64 { thousandths }
}
