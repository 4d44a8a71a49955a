/// Prepares JSON as it comes for a strict reader.
///
/// One lone surrogate (`\ud800`), one number that no type holds (`1e400`) or a bare `NaN`, as Python's `json` writes it,
/// would lose the whole file. A lone surrogate becomes U+FFFD (RFC 8259, section 8.2, leaves open what it means), and
/// numbers become texts of their own digits, so that nothing is rounded either.
enum JSONRepair {
    static func repaired(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index = copyString(bytes, from: index, to: &result)
            } else if byte == UInt8(ascii: "-") || byte.isDigit || byte == UInt8(ascii: "N")
                || byte == UInt8(ascii: "I")
            {
                index = copyNumber(bytes, from: index, to: &result)
            } else {
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    private static func copyString(_ bytes: [UInt8], from start: Int, to result: inout [UInt8]) -> Int {
        let first = result.count
        result.append(bytes[start])
        var index = start + 1
        var isASCII = true
        while index < bytes.count {
            let byte = bytes[index]
            isASCII = isASCII && byte < 0x80
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
                index = copyEscape(bytes, from: index, to: &result)
                continue
            }
            result.append(byte)
            index += 1
            // No string goes over a line's end: one that is not closed is its own line's trouble.
            if byte == UInt8(ascii: "\"") || byte == 0x0A { break }
        }
        if !isASCII {
            let text = TextEncoding.text(result[first...])
            result.replaceSubrange(first..., with: text.utf8)
        }
        return index
    }

    private static func copyEscape(_ bytes: [UInt8], from start: Int, to result: inout [UInt8]) -> Int {
        guard let unit = escapedUnit(bytes, at: start), (0xD800...0xDFFF).contains(unit) else {
            result += bytes[start..<start + 2]
            return start + 2
        }
        if unit < 0xDC00, let next = escapedUnit(bytes, at: start + 6), (0xDC00...0xDFFF).contains(next) {
            result += bytes[start..<start + 12]
            return start + 12
        }
        result += "\\ufffd".utf8
        return start + 6
    }

    private static func escapedUnit(_ bytes: [UInt8], at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        let digits = bytes[start + 2..<start + 6]
        return digits.allSatisfy(\.isHexDigit) ? UInt16(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }

    private static func copyNumber(_ bytes: [UInt8], from start: Int, to result: inout [UInt8]) -> Int {
        let end = bytes[start...].firstIndex { !($0.isLetter || $0.isDigit || "+-.".utf8.contains($0)) } ?? bytes.count
        let token = String(decoding: bytes[start..<end], as: UTF8.self)
        if ["NaN", "Infinity", "-Infinity"].contains(token) {
            result += "null".utf8
        } else if bytes[start].isLetter {
            result += bytes[start..<end]
        } else {
            result += "\"\(plain(token))\"".utf8
        }
        return end
    }

    /// A number with an exponent without it (`1.17504E5`), where that is not much longer; else as it is.
    static func plain(_ number: String) -> String {
        let parts = number.lowercased().split(separator: "e", omittingEmptySubsequences: false)
        guard parts.count == 2, let exponent = Int(parts[1]), abs(exponent) <= 24 else { return number }
        let isNegative = parts[0].hasPrefix("-")
        let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard
            let whole = mantissa.first, mantissa.count <= 2, number.utf8.count <= 48,
            mantissa.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) })
        else { return number }
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        var digits = Array((whole + fraction).utf8)
        var point = whole.utf8.count + exponent
        while point <= 0 {
            digits.insert(UInt8(ascii: "0"), at: 0)
            point += 1
        }
        while digits.count < point { digits.append(UInt8(ascii: "0")) }
        var decimals = digits[point...]
        while decimals.last == UInt8(ascii: "0") { decimals.removeLast() }
        let text = String(decoding: digits[..<point], as: UTF8.self)
        let rest = decimals.isEmpty ? "" : "." + String(decoding: decimals, as: UTF8.self)
        return (isNegative ? "-" : "") + text + rest
    }
}
