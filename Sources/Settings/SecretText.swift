import Foundation

/// What a secret's command says on its error stream, made fit to be shown: such programs are known to quote what they were
/// given.
enum SecretText {
    /// As much is shown, in characters.
    private static let limit = 300

    /// One line without what looks like a secret; nil when there is nothing to show.
    ///
    /// - Parameter secret: what the command printed as the secret itself.
    static func shown(_ bytes: [UInt8], hiding secret: [UInt8]) -> String? {
        var text = String(decoding: bytes, as: UTF8.self)
        for line in String(decoding: secret, as: UTF8.self).split(whereSeparator: \.isNewline) where line.count > 2 {
            text = text.replacing(line, with: mask)
        }
        var isValue = false
        let words = text.split(whereSeparator: \.isWhitespace).map { word -> String in
            defer { isValue = namesSecret(word) }
            return isValue ? mask : hidden(word)
        }
        let line = words.joined(separator: " ").unicodeScalars.prefix(limit).map { scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
        return line.isEmpty ? nil : line
    }

    private static let mask = "***"

    private static let secretNames = ["pass", "secret", "token", "key", "credential", "authorization", "bearer", "pin"]

    /// Whether the next word is a secret: `password:`, `Bearer`, `--token`.
    private static func namesSecret(_ word: Substring) -> Bool {
        let lowered = word.lowercased()
        guard secretNames.contains(where: lowered.contains) else { return false }
        return lowered.hasSuffix(":") || lowered.hasSuffix("=") || lowered.hasPrefix("-") || lowered == "bearer"
    }

    /// The word, or what of it is no secret by its looks.
    private static func hidden(_ word: Substring) -> String {
        // `token=…`, `password:…`
        if let sign = word.firstIndex(where: { $0 == "=" || $0 == ":" }), word.index(after: sign) < word.endIndex,
            namesSecret(word[...sign])
        {
            return word[...sign] + mask
        }
        // `https://user:password@host`
        if word.contains("://"), let at = word.lastIndex(of: "@") { return mask + word[at...] }
        let isPath = ["/", "./", "../", "~/"].contains(where: word.drop { "\"'(`".contains($0) }.hasPrefix)
        return !isPath && looksGenerated(word) ? mask : String(word)
    }

    /// Whether a word mixes letters, digits and signs in a way that words do not.
    private static func looksGenerated(_ word: Substring) -> Bool {
        let core = word.trimmed(of: "()[].,:;!?\"'`")
        guard core.count >= 6 else { return false }
        let hasLetters = core.contains { $0.isLetter }
        let hasDigits = core.contains { $0.isNumber }
        let hasSigns = core.contains { !$0.isLetter && !$0.isNumber && !"-_./:'".contains($0) }
        let hasInnerCapital = core.dropFirst().contains { $0.isUppercase } && core.contains { $0.isLowercase }
        return hasLetters && (hasDigits || hasSigns || hasInnerCapital) || core.count >= 24 && hasDigits
    }
}

extension Substring {
    fileprivate func trimmed(of signs: String) -> Substring {
        var rest = drop { signs.contains($0) }
        while let last = rest.last, signs.contains(last) { rest.removeLast() }
        return rest
    }
}
