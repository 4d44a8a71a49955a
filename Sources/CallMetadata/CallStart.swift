package import Recordings

/// When a call's recording started, as somebody wrote it down: a moment, or the reading of a clock whose zone the
/// text does not give.
package enum CallStart: Hashable, Sendable {
    /// The text fixes the moment: it carries an offset, or counts from the epoch.
    case absolute(Timestamp)
    /// The reading of a clock in the account's zone.
    case local(CivilTime, milliseconds: Int = 0)
    /// A text with several readings (`04/05/2018`, day or month first): the archive's day decides.
    case oneOf([CallStart])
}

extension CallStart {
    /// A local time of a source that says its times are UTC.
    var asUTC: CallStart {
        switch self {
        case .absolute: self
        case .local(let time, let milliseconds):
            .absolute(Timestamp(millisecondsSinceEpoch: time.secondsSinceEpoch * 1000 + Int64(milliseconds)))
        case .oneOf(let starts): .oneOf(starts.map(\.asUTC))
        }
    }
}

extension CallStart: Codable {
    /// A moment as RFC 3339, a local time without an offset; several readings with `|` between them.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let starts = text.split(separator: "|", omittingEmptySubsequences: false).map { Self(stored: String($0)) }
        let readable = starts.compactMap(\.self)
        guard let first = readable.first, readable.count == starts.count else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a start: \(text)")
            )
        }
        self = readable.count == 1 ? first : .oneOf(readable)
    }

    private init?(stored text: String) {
        if let moment = Timestamp(rfc3339: text) {
            self = .absolute(moment)
        } else if let local = Timestamp(rfc3339: text + "Z") {
            let seconds = local.secondsSinceEpoch
            let milliseconds = local.millisecondsSinceEpoch - seconds * 1000
            self = .local(CivilTime(secondsSinceEpoch: seconds), milliseconds: Int(milliseconds))
        } else {
            return nil
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(stored)
    }

    var stored: String {
        switch self {
        case .absolute(let moment): return moment.description
        case .local(let time, let milliseconds):
            // RFC 3339 without its last letter: the moment at which a clock in UTC shows the time.
            let moment = Timestamp(millisecondsSinceEpoch: time.secondsSinceEpoch * 1000 + Int64(milliseconds))
            return String(moment.description.dropLast())
        case .oneOf(let starts): return starts.map(\.stored).joined(separator: "|")
        }
    }
}
