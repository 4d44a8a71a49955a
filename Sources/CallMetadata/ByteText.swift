/// A short text as bytes, for readers that walk it by index. Every access is bounds-checked and answers nil outside.
struct ByteText {
    let bytes: [UInt8]

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    var count: Int { bytes.count }

    subscript(index: Int) -> UInt8? {
        bytes.indices.contains(index) ? bytes[index] : nil
    }

    /// How many ASCII digits stand at `start`, counted up to `limit`.
    func digitRun(at start: Int, limit: Int = .max) -> Int {
        var end = start
        while let byte = self[end], byte.isDigit, end - start < limit { end += 1 }
        return end - start
    }

    /// The value of exactly `length` digits at `start`, 18 at most; nil where one is missing.
    func number(at start: Int, length: Int) -> Int? {
        guard length > 0, length <= 18 else { return nil }
        var value = 0
        for index in start..<start + length {
            guard let byte = self[index], byte.isDigit else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: bytes.indices)], as: UTF8.self)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isHexDigit: Bool {
        isDigit || (lowercased >= UInt8(ascii: "a") && lowercased <= UInt8(ascii: "f"))
    }

    var isLetter: Bool { lowercased >= UInt8(ascii: "a") && lowercased <= UInt8(ascii: "z") }

    /// ASCII letters and digits, and every byte of a character beyond ASCII: what words are made of.
    var isWord: Bool { isDigit || isLetter || self >= 0x80 }

    var lowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self + 0x20 : self
    }
}
