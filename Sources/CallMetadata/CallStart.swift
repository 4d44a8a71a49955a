package import Recordings

/// When a call's recording started, as somebody wrote it down: a moment, or the reading of a clock whose zone the
/// text does not give.
package enum CallStart: Hashable, Sendable {
    /// The text fixes the moment: it carries an offset, or counts from the epoch.
    case absolute(Timestamp)
    /// The reading of a clock in the account's zone.
    case local(CivilTime, milliseconds: Int = 0)
    /// A local time whose day and month could stand either way round (`04/05/2018`): the archive's day decides.
    case localEitherWay(dayFirst: CivilTime, monthFirst: CivilTime)
}

extension CallStart: Codable {
    /// A moment as RFC 3339, a local time without an offset; two local times with `|` between them.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(TimeText.whole)
        switch (parts.count, parts.first, parts.last) {
        case (1, .some(.some(let start)), _): self = start
        case (2, .some(.some(.local(let dayFirst, _))), .some(.some(.local(let monthFirst, _)))):
            self = .localEitherWay(dayFirst: dayFirst, monthFirst: monthFirst)
        default:
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a start: \(text)")
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .absolute(let moment): try container.encode(moment.description)
        case .local(let time, let milliseconds): try container.encode(Self.text(time, milliseconds))
        case .localEitherWay(let dayFirst, let monthFirst):
            try container.encode(Self.text(dayFirst, 0) + "|" + Self.text(monthFirst, 0))
        }
    }

    /// RFC 3339 without its last letter: the moment at which a clock in UTC shows the time.
    private static func text(_ time: CivilTime, _ milliseconds: Int) -> String {
        let moment = Timestamp(millisecondsSinceEpoch: time.secondsSinceEpoch * 1000 + Int64(milliseconds))
        return String(moment.description.dropLast())
    }
}
