/// The encodings that tables come in.
enum TextEncoding {
    /// UTF-16, with its byte order mark or told by its zero bytes, in UTF-8; UTF-8 without its mark; other bytes as they are.
    static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes[3...]) }
        guard bytes.count >= 2 else { return bytes }
        if bytes[0] == 0xFF, bytes[1] == 0xFE { return utf16(bytes[2...], isLittle: true) }
        if bytes[0] == 0xFE, bytes[1] == 0xFF { return utf16(bytes[2...], isLittle: false) }
        // Headings are mostly ASCII: every other byte of theirs is zero, and no byte of any other text is.
        let opening = bytes.prefix(64)
        guard opening.count >= 16, opening.contains(0) else { return bytes }
        let zeros = opening.enumerated().filter { $0.element == 0 }.map { $0.offset % 2 }
        guard zeros.count * 4 >= opening.count, let parity = zeros.first, zeros.allSatisfy({ $0 == parity }) else {
            return bytes
        }
        return utf16(bytes[...], isLittle: parity == 1)
    }

    /// A byte at the end that is no whole unit is left out; a lone surrogate becomes U+FFFD.
    private static func utf16(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> [UInt8] {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index in
            let (low, high) = isLittle ? (bytes[index], bytes[index + 1]) : (bytes[index + 1], bytes[index])
            return UInt16(high) << 8 | UInt16(low)
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    /// A field's bytes as text: UTF-8, and what is not is code page 1252, in which Windows programs write.
    static func text(_ field: ArraySlice<UInt8>) -> String {
        let validated = field.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
        if let validated { return validated }
        return String(
            String.UnicodeScalarView(
                field.map { byte in
                    (0x80...0x9F).contains(byte) ? windows1252[Int(byte) - 0x80] : Unicode.Scalar(byte)
                }
            )
        )
    }

    /// 0x80 to 0x9F (Unicode's MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT); the five that it leaves out are U+FFFD.
    private static let windows1252: [Unicode.Scalar] = [
        "\u{20AC}", "\u{FFFD}", "\u{201A}", "\u{0192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}",
        "\u{02C6}", "\u{2030}", "\u{0160}", "\u{2039}", "\u{0152}", "\u{FFFD}", "\u{017D}", "\u{FFFD}",
        "\u{FFFD}", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}",
        "\u{02DC}", "\u{2122}", "\u{0161}", "\u{203A}", "\u{0153}", "\u{FFFD}", "\u{017E}", "\u{0178}",
    ]
}
