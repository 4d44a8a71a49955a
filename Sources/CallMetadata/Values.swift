import Recordings

/// Single values as sources write them, bounded and cleaned.
enum Values {
    /// Longer texts are no field of a call.
    private static let longest = 256
    /// How databases and people write that there is nothing; MySQL's exports have `\N`.
    private static let nothing: Set<String> = ["null", "\\n", "none", "nil", "n/a", "-"]

    /// The text without spaces around it; nil when it says that nothing is known, or is longer than a field can be.
    static func plain(_ text: some StringProtocol) -> String? {
        let bytes = Substring(text).utf8
        guard
            let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return nil }
        let value = String(Substring(bytes[first...last]))
        let length = value.utf8.count
        guard length <= longest else { return nil }
        return length <= 4 && nothing.contains(value.lowercased()) ? nil : value
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// A telephone number or an internal extension, as it is written: digits, with a plus sign, spaces, hyphens, points,
    /// slashes and brackets between them; these are taken out, the plus sign is not.
    static func phone(_ text: some StringProtocol) -> String? {
        guard let value = plain(text) else { return nil }
        var number = ""
        for (index, byte) in value.utf8.enumerated() {
            if byte.isDigit || (index == 0 && byte == UInt8(ascii: "+")) {
                number.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !" -./()".utf8.contains(byte) {
                return nil
            }
        }
        return (2...20).contains(number.utf8.count) ? number : nil
    }

    static func direction(_ text: some StringProtocol) -> Recording.Direction? {
        switch plain(text)?.lowercased() {
        case "inbound", "in", "incoming", "i": .inbound
        case "outbound", "out", "outgoing", "o": .outbound
        default: nil
        }
    }

    static func wholeNumber(_ text: some StringProtocol) -> Int64? {
        plain(text).flatMap { value in
            value.utf8.allSatisfy(\.isDigit) ? Int64(value) : nil
        }
    }
}

extension RecordingID {
    /// An id that a source gives a recording, where it is one that no other recording can have: a UUID, 32 hexadecimal
    /// digits, or another text of 16 characters or more. A dialer's running number is none: equal ids make two files
    /// one recording, and a second dialer counts from 1 as well.
    init?(wellKnown text: some StringProtocol) {
        guard let value = Values.plain(text), value.utf8.count >= 16, let id = RecordingID(value), !id.isDerived else {
            return nil
        }
        self = id
    }
}
