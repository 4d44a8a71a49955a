package import Recordings

/// What recordings' names tell: the configured patterns first, then the built-in reading.
///
/// A pattern is a regular expression with named groups (``FilenameGroup``), or VICIdial's own setting, made of its
/// variables (`FULLDATE_CUSTPHONE_CAMPAIGN_AGENT`). It is tried on the base name, extension included; one with a slash in it
/// on the whole name inside the archive. The first that matches speaks alone.
package struct FilenamePatterns: Sendable {
    private enum Rule: Sendable {
        case template(DialerTemplate)
        case expression(String)
    }

    private let rules: [Rule]

    /// - Throws: `Failure(.configuration)` naming the pattern and what is wrong with it.
    package init(_ patterns: [String] = []) throws {
        rules = try patterns.map { pattern in
            if let template = DialerTemplate(pattern) { return .template(template) }
            do {
                try Self.check(pattern)
            } catch let problem as PatternProblem {
                throw Failure(
                    .configuration,
                    "dialer.filename_patterns: the pattern \(pattern.debugDescription) cannot be used: \(problem.text)",
                    advice: problem.advice
                )
            }
            return .expression(pattern)
        }
    }

    /// The patterns, compiled. Each thread that reads names makes its own reader: a `Regex` cannot be shared.
    package func reader() -> FilenameReader {
        FilenameReader(
            rules: rules.compactMap { rule in
                switch rule {
                case .template(let template):
                    return .template(template)
                case .expression(let text):
                    // Compiled once already, when the patterns were checked.
                    guard let regex = try? Self.compile(text) else { return nil }
                    let groups = Self.groupNames(text).compactMap(FilenameGroup.init)
                    return .expression(regex, groups, readsPath: text.utf8.contains(UInt8(ascii: "/")))
                }
            }
        )
    }

    private struct PatternProblem: Error {
        var text: String
        var advice: String?
    }

    private static func check(_ pattern: String) throws {
        do {
            _ = try compile(pattern)
        } catch {
            throw PatternProblem(
                text: "\(error)",
                advice: "Write a regular expression with named groups, such as (?<phone>[0-9]+)"
            )
        }
        let known = FilenameGroup.allCases.map(\.rawValue)
        let names = groupNames(pattern)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw PatternProblem(
                text: "there is no group \(unknown.debugDescription)",
                advice: "The groups are: " + known.joined(separator: ", ")
            )
        }
        if names.isEmpty {
            throw PatternProblem(
                text: "it has no named group, so it could tell nothing",
                advice: "Name what it matches, as in (?<phone>[0-9]+); the groups are: " + known.joined(separator: ", ")
            )
        }
        let isPair = names.contains("date") == names.contains("time")
        if !isPair {
            throw PatternProblem(
                text: "the groups date and time need each other",
                advice: "Have both, or one group datetime around them"
            )
        }
    }

    private static func compile(_ pattern: String) throws -> Regex<AnyRegexOutput> {
        // Names are read scalar by scalar, and \d is a digit that a number is made of.
        try Regex(pattern).matchingSemantics(.unicodeScalar).asciiOnlyDigits()
    }

    /// The names in `(?<name>…)` and `(?P<name>…)`, in order; escapes and character classes hold none.
    private static func groupNames(_ pattern: String) -> [String] {
        var names: [String] = []
        var rest = Substring(pattern)
        var isInClass = false
        while let character = rest.first {
            if character == "\\" {
                rest = rest.dropFirst(2)
                continue
            }
            if isInClass {
                isInClass = character != "]"
            } else if character == "[" {
                isInClass = true
            } else if rest.hasPrefix("(?<") || rest.hasPrefix("(?P<") {
                let name = rest.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
                // `(?<=` and `(?<!` look behind and name nothing.
                if let first = name.first, first != "=", first != "!" { names.append(String(name)) }
            }
            rest = rest.dropFirst()
        }
        return names
    }
}

/// ``FilenamePatterns``, ready to read one name after the other.
package struct FilenameReader {
    enum Rule {
        case template(DialerTemplate)
        case expression(Regex<AnyRegexOutput>, [FilenameGroup], readsPath: Bool)
    }

    let rules: [Rule]

    /// What a member's name tells of its call; empty where it tells nothing.
    ///
    /// - Parameters:
    ///   - name: the member's name inside the archive, folders included.
    ///   - day: the archive's day. It settles what digits alone do not: an epoch or a TINYDATE looks like a telephone
    ///     number, and is believed to be a time only near that day.
    package func metadata(of name: String, near day: Day?) -> CallMetadata {
        let base = name[
            (name.utf8.lastIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
                .map(name.utf8.index(after:)) ?? name.startIndex)...
        ]
        let stem = Self.stem(of: base)
        for rule in rules {
            switch rule {
            case .template(let template):
                if let fields = template.fields(in: stem) { return fields.metadata(near: day) }
            case .expression(let regex, let groups, let readsPath):
                // A regular expression may take quadratic time: a member's name has 1,024 bytes at most, and no more is tried.
                guard name.utf8.count <= 1_024, let match = (readsPath ? name[...] : base).firstMatch(of: regex) else {
                    continue
                }
                var fields = FilenameFields()
                for group in groups {
                    guard let text = match[group.rawValue]?.substring else { continue }
                    let taken = groups.compactMap { $0 == group ? nil : match[$0.rawValue]?.range?.lowerBound }
                    fields[group] = String(text) + Self.qualifier(of: group, text, in: name, before: taken)
                }
                return fields.metadata(near: day)
            }
        }
        return FilenameScanner.metadata(stem: stem, near: day)
    }

    /// What comes after a pattern's time and belongs to it, in a form that a field has: ` UTC`, ` PM`. What another group
    /// takes is that group's.
    private static func qualifier(
        of group: FilenameGroup,
        _ text: Substring,
        in name: String,
        before groups: [String.Index]
    ) -> String {
        guard group == .datetime || group == .time else { return "" }
        let next = groups.filter { $0 >= text.endIndex }.min() ?? name.endIndex
        return TimeText.qualifier(in: name[text.endIndex..<next])
    }

    /// A base name without its extension, and without the `-all`, `-in` or `-out` that VICIdial puts before it for the mixed
    /// recording and its two sides.
    static func stem(of base: Substring) -> Substring {
        var stem = base
        if let point = stem.utf8.lastIndex(of: UInt8(ascii: ".")), point > stem.startIndex {
            let suffix = stem.utf8[stem.utf8.index(after: point)...]
            // A running number behind a point is part of a name: 1522915869.12345.
            if (1...5).contains(suffix.count), suffix.allSatisfy({ $0.isLetter || $0.isDigit }),
                suffix.contains(where: \.isLetter)
            {
                stem = stem[..<point]
            }
        }
        for side in ["-all", "-in", "-out"] where stem.utf8.count > side.utf8.count {
            let suffix = stem.utf8.suffix(side.utf8.count)
            if suffix.map(\.lowercased) == Array(side.utf8) { return stem[..<suffix.startIndex] }
        }
        return stem
    }
}
