/// A telephone number, to be told from others however two systems write it: with and without the country's code, with signs
/// and spaces between its digits.
package struct PhoneNumber: Sendable {
    /// So many digits make a number; fewer are an extension, which is one only as a whole.
    private static let shortest = 7

    /// The number's own digits, without the zeros in front.
    private let digits: String

    /// Returns nil when there is no digit in what is written, as in `anonymous`.
    package init?(_ written: String) {
        let digits = String(written.filter { $0.isASCII && $0.isNumber }.drop { $0 == "0" })
        guard !digits.isEmpty else { return nil }
        self.digits = digits
    }

    /// Whether it has as many digits as a number that means the same everywhere.
    package var isWhole: Bool { digits.utf8.count >= Self.shortest }

    /// The last digits, which all ways of writing the number share.
    package var ending: Substring { digits.suffix(Self.shortest) }

    package func isSame(as other: PhoneNumber) -> Bool {
        guard isWhole, other.isWhole else { return digits == other.digits }
        return digits.hasSuffix(other.digits) || other.digits.hasSuffix(digits)
    }
}
