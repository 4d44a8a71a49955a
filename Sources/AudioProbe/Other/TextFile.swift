import Recordings

/// Names a file all of which is text, by how it begins.
enum TextFile {
    static func look(_ head: UnsafeRawBufferPointer, _ outcome: TextScan.Outcome) -> OtherFile? {
        switch outcome {
        case .none: return nil
        case .utf16:
            let isBig = head.first == 0xFE
            let units = stride(from: 2, to: head.count - 1, by: 2).map {
                isBig ? head.bigEndian16(at: $0) : head.littleEndian16(at: $0)
            }
            return look(Array(String(decoding: units, as: UTF16.self).utf8))
        case .text:
            let mark = head.holds("\u{FEFF}") ? 3 : 0
            return look(Array(head[mark...]))
        }
    }

    private static func look(_ text: [UInt8]) -> OtherFile {
        let trimmed = text.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let opening = String(decoding: trimmed.prefix(1024), as: UTF8.self)
        if let wrapper = wrapperName(opening, text) { return OtherFile(wrapper, .archive) }
        return OtherFile(name(opening.lowercased(), text), .notAudio)
    }

    private static func name(_ opening: String, _ text: [UInt8]) -> String {
        switch opening.first {
        case "<": return markupName(opening)
        case "[" where isSettingsHeading(opening): return "a settings file"
        case "{" where opening.hasPrefix(#"{\rtf"#): return "an RTF document"
        case "{", "[": return "a JSON document"
        default: return isTable(text) ? "a CSV table" : "plain text"
        }
    }

    /// Text that other data is wrapped in, whatever that is.
    private static func wrapperName(_ opening: String, _ text: [UInt8]) -> String? {
        if opening.hasPrefix("-----BEGIN PGP MESSAGE") { return "a PGP message" }
        if opening.hasPrefix("-----BEGIN PKCS7") || opening.hasPrefix("-----BEGIN CMS") {
            return "an encrypted message"
        }
        if opening.hasPrefix("age-encryption.org/") || opening.hasPrefix("-----BEGIN AGE") {
            return "an encrypted file"
        }
        if opening.hasPrefix("begin 6") || opening.hasPrefix("begin 7") || opening.hasPrefix("begin-base64 ") {
            return "a uuencoded file"
        }
        if opening.contains("data:audio/") || (opening.hasPrefix("data:") && opening.contains(";base64,")) {
            return "data in base64"
        }
        let lines = opening.split(whereSeparator: \.isNewline).map { $0.lowercased() }
        if lines.contains(where: { $0.hasPrefix("mime-version:") || $0.hasPrefix("content-transfer-encoding:") }) {
            return "a mail message"
        }
        return isBase64(text) ? "data in base64" : nil
    }

    /// A whole opening without a space, in long lines or one (RFC 2045, section 6.8).
    private static func isBase64(_ text: [UInt8]) -> Bool {
        guard text.count >= 1024 else { return false }
        let lines = text.split { $0 == 0x0A || $0 == 0x0D }
        // The last line may be cut where the opening ends.
        guard lines.dropLast().allSatisfy({ $0.count >= 60 }) else { return false }
        let letters = lines.joined()
        let isAll = letters.allSatisfy { byte in
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
            default: false
            }
        }
        return isAll && letters.contains { (0x41...0x5A).contains($0) }
            && letters.contains { (0x61...0x7A).contains($0) }
    }

    /// `[.ShellClassInfo]` and its like, which is not how a JSON array begins.
    private static func isSettingsHeading(_ opening: String) -> Bool {
        guard let end = opening.firstIndex(of: "]"), let second = opening.dropFirst().first else { return false }
        let heading = opening[opening.index(after: opening.startIndex)..<end]
        let isLine = opening[opening.index(after: end)...].first.map(\.isNewline) ?? true
        return isLine && (second.isLetter || second == ".") && !["true", "false", "null"].contains(heading)
            && !heading.contains { $0.isNewline || $0 == "," || $0 == "\"" }
    }

    private static func markupName(_ opening: String) -> String {
        if opening.hasPrefix("<?xml") { return opening.contains("<html") ? "an HTML page" : "an XML document" }
        let pages = [
            "<!doctype html", "<html", "<head", "<body", "<title", "<br", "<p", "<div", "<h1", "<center", "<b>",
        ]
        return pages.contains { opening.hasPrefix($0) } ? "an HTML page" : "an XML document"
    }

    /// Two lines at least that have the same number of separators, one or more.
    private static func isTable(_ text: [UInt8]) -> Bool {
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: true)
        // The last line may be cut where the opening ends.
        guard lines.count >= 2 else { return false }
        return [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].contains { separator in
            let counts = lines.prefix(lines.count > 2 ? lines.count - 1 : 2).map { line in
                line.count { $0 == separator }
            }
            return counts.allSatisfy { $0 == counts[0] } && counts[0] > 0
        }
    }
}
