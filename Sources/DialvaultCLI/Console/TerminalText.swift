import Foundation

/// Text that may hold names from outside, made fit to be shown: what would move the cursor, hide text or turn its direction
/// is written as an escape.
enum TerminalText {
    /// Everything on one line: a newline is escaped as well.
    static func line(_ text: String) -> String { escaped(text, keepsNewlines: false) }

    /// Text of several lines that were put together here.
    static func lines(_ text: String) -> String { escaped(text, keepsNewlines: true) }

    /// A line of JSON, with the same values: any character of a string may be written as an escape (RFC 8259, section 7).
    static func json(_ line: Data) -> Data {
        guard line.contains(where: isSuspicious), let text = String(data: line, encoding: .utf8) else { return line }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.value > 0x7E, isControl(scalar) {
                let hex = String(scalar.value, radix: 16)
                result += "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return Data(String(result).utf8)
    }

    private static func escaped(_ text: String, keepsNewlines: Bool) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || isSuspicious($0) }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isControl(scalar), !(keepsNewlines && scalar == "\n") {
                result += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Whether a byte can begin one of the characters above U+0020 that are escaped, in UTF-8.
    private static func isSuspicious(_ byte: UInt8) -> Bool {
        byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DEL and C1 (ECMA-48).
        case 0..<0x20, 0x7F...0x9F: true
        // What turns the direction of writing (UAX #9, section 2), and the two separators of lines.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
