package import Foundation
package import Recordings

/// A name or URL with the day left open: `outbound-{yyyy}-{MM}-{dd}*.tar.gz`.
///
/// `{yyyy}`, `{MM}`, `{dd}` and `{yyyy-MM-dd}` are the day's date, `{epoch}` is the Unix time, in seconds, at which the
/// day begins in the account's time zone, and `{url}`, in a checksum's URL alone, the archive's URL. Braces stand for
/// nothing else.
package struct DatePattern: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    private let parts: [Part]

    enum Token: String, CaseIterable {
        case year = "yyyy"
        case month = "MM"
        case dayOfMonth = "dd"
        case date = "yyyy-MM-dd"
        case epoch
        case url

        /// Whether different days give different texts within a month.
        var tellsDays: Bool {
            switch self {
            case .dayOfMonth, .date, .epoch: true
            case .year, .month, .url: false
            }
        }
    }

    private enum Part: Hashable {
        case literal(String)
        case token(Token)
    }

    /// Where a pattern stands, and with it which tokens it may and must have.
    enum Use {
        /// It must tell one day from the next.
        case archive
        /// It may take `{url}` for that.
        case checksum
    }

    /// What is wrong with a pattern, in words that follow its key.
    struct Mistake: Error, Hashable {
        let text: String
    }

    init(_ text: String, for use: Use = .archive) throws(Mistake) {
        guard !text.isEmpty else { throw Mistake(text: "is empty") }
        self.text = text
        parts = try Self.parts(of: text)
        let tokens = parts.compactMap { part -> Token? in if case .token(let token) = part { token } else { nil } }
        guard use == .checksum || !tokens.contains(.url) else {
            throw Mistake(text: "has the token {url}, which only checksum_url knows")
        }
        guard tokens.contains(where: { $0.tellsDays || $0 == .url }) else {
            throw Mistake(text: "has no token that tells one day from the next: {dd}, {yyyy-MM-dd} or {epoch}")
        }
    }

    private static func parts(of text: String) throws(Mistake) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(text)
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}") else {
                throw Mistake(text: "has a brace without its partner")
            }
            let name = String(rest[rest.index(after: brace)..<end])
            guard let token = Token(rawValue: name) else { throw unknownToken(name) }
            if brace > rest.startIndex { parts.append(.literal(String(rest[..<brace]))) }
            parts.append(.token(token))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        return parts
    }

    private static func unknownToken(_ name: String) -> Mistake {
        let known = Token.allCases.map(\.rawValue)
        let nearest = Nearest.match(name, in: known).map { "the nearest is {\($0)}" }
        let choice = nearest ?? "there are " + known.map { "{\($0)}" }.joined(separator: ", ")
        let written = Showable.key(name).map { " {\($0)}" } ?? ""
        return Mistake(text: "has the unknown token\(written); \(choice)")
    }

    package var description: String { text }
}

extension DatePattern {
    /// The text of one day.
    ///
    /// - Parameter url: what stands for `{url}`: the archive's own URL.
    package func expanded(for day: Day, in zone: TimeZone, url: String = "") -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .token(let token): Self.text(of: token, for: day, in: zone, url: url)
            }
        }.joined()
    }

    /// Whether a file of this name is the day's archive, or one of them.
    package func matches(fileName: String, for day: Day, in zone: TimeZone) -> Bool {
        Glob(expanded(for: day, in: zone))?.matches(fileName) ?? false
    }

    private static func text(of token: Token, for day: Day, in zone: TimeZone, url: String) -> String {
        switch token {
        case .year: Settings.text(of: day.year, width: 4)
        case .month: Settings.text(of: day.month, width: 2)
        case .dayOfMonth: Settings.text(of: day.dayOfMonth, width: 2)
        case .date: day.description
        case .epoch: String(day.interval(in: zone).lowerBound.secondsSinceEpoch)
        case .url: url
        }
    }
}
