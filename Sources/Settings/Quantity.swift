/// Sizes and durations as people write them, in the configuration and on the command line.
package enum Quantity {
    /// Bytes: `2147483648`, `500M`, `2 GiB`, `1.5TB`.
    ///
    /// `K`, `M`, `G`, `T`, `P` (with or without `B`) are powers of 1000 and `Ki`, `Mi`, `Gi`, `Ti`, `Pi` (with or
    /// without `B`) powers of 1024, in any case, as IEC 80000-13 has them; without a unit it is bytes. Nil for anything
    /// else, a negative value or more than an `Int64` holds.
    package static func bytes(_ text: String) -> Int64? {
        var reader = QuantityReader(text)
        reader.skipSpaces()
        guard let number = reader.number() else { return nil }
        reader.skipSpaces()
        guard let factor = byteFactor(of: reader.letters()), reader.isAtEnd else { return nil }
        return number.scaled(by: factor)
    }

    /// Milliseconds: `30d`, `90m`, `1h30m`, `2w`, `500ms`.
    ///
    /// One or more whole numbers with a unit each, from `w`, `d`, `h`, `m`, `s`, `ms`, the larger before the smaller; a
    /// day is 24 hours. Nil for anything else, a number without a unit included.
    package static func duration(_ text: String) -> Int64? {
        var reader = QuantityReader(text)
        var total: Int64 = 0
        var previous = Int64.max
        repeat {
            guard
                let number = reader.number(), number.isWhole,
                let unit = durationUnits[reader.letters()], unit < previous, let part = number.scaled(by: unit)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
            previous = unit
        } while !reader.isAtEnd
        return total
    }

    private static let durationUnits: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]

    private static func byteFactor(of unit: String) -> Int64? {
        var rest = unit[...]
        guard let letter = rest.popFirst() else { return 1 }
        guard letter != "b" else { return rest.isEmpty ? 1 : nil }
        guard let power = ["k", "m", "g", "t", "p"].firstIndex(of: letter) else { return nil }
        let isBinary = rest.first == "i"
        if isBinary { rest.removeFirst() }
        if rest.first == "b" { rest.removeFirst() }
        guard rest.isEmpty else { return nil }
        return (0...power).reduce(1) { product, _ in product * (isBinary ? 1024 : 1000) }
    }
}

/// A time on the clock of the account's zone, to the minute.
package struct TimeOfDay: Hashable, Sendable, CustomStringConvertible {
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int

    init(hour: Int, minute: Int) {
        self.hour = hour
        self.minute = minute
    }

    /// Reads `06:00`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard
            parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        self.hour = hour
        self.minute = minute
    }

    package var description: String {
        String(text(of: hour, width: 2) + ":" + text(of: minute, width: 2))
    }
}

/// `value` in decimal, with zeros in front up to `width` digits.
func text(of value: Int, width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A decimal number kept exactly: `digits` divided by a power of ten.
private struct ExactNumber {
    var digits: UInt64
    var divisor: UInt64

    var isWhole: Bool { divisor == 1 }

    /// The product, rounded down; nil when it does not fit.
    func scaled(by factor: Int64) -> Int64? {
        let product = digits.multipliedFullWidth(by: UInt64(factor))
        guard product.high < divisor else { return nil }
        return Int64(exactly: divisor.dividingFullWidth(product).quotient)
    }
}

private struct QuantityReader {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) {
        rest = Substring(text).unicodeScalars
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skipSpaces() {
        while rest.first == " " { rest.removeFirst() }
    }

    /// Digits, and at most six more behind a point; nil without digits or with more than fit.
    mutating func number() -> ExactNumber? {
        var value = ExactNumber(digits: 0, divisor: 1)
        guard append(to: &value, countsPlaces: false) else { return nil }
        guard rest.first == "." else { return value }
        rest.removeFirst()
        return append(to: &value, countsPlaces: true) ? value : nil
    }

    private mutating func append(to value: inout ExactNumber, countsPlaces: Bool) -> Bool {
        var count = 0
        while let scalar = rest.first, ("0"..."9").contains(scalar) {
            rest.removeFirst()
            count += 1
            let (tens, overflow) = value.digits.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(scalar.value - 48))
            guard !overflow, !carry, !countsPlaces || count <= 6 else { return false }
            value.digits = sum
            if countsPlaces { value.divisor *= 10 }
        }
        return count > 0
    }

    /// The ASCII letters that come next, in lower case.
    mutating func letters() -> String {
        var text = ""
        while let scalar = rest.first, scalar.isASCII, scalar.properties.isAlphabetic {
            text.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        return text.lowercased()
    }
}
