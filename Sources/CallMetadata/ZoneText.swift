import Foundation
import Recordings

/// In which zone a written time is, as the text itself, a column or a heading says.
enum ZoneQualifier: Hashable, Sendable {
    /// Seconds east of UTC.
    case offset(Int)
    /// A zone of the tz database, whose offset depends on the date.
    case named(TimeZone)
    /// An abbreviation for winter time, seconds east of UTC, which is also the name of a zone with summer time.
    case winter(Int, TimeZone)
    /// Something that names a zone and does not say which: `CST` is Chicago's and Shanghai's.
    case unknown(String)

    static let utc = ZoneQualifier.offset(0)
}

/// Reads what says in which zone a time is.
enum ZoneText {
    struct Found {
        var zone: ZoneQualifier
        /// The index after it.
        var end: Int
    }

    /// Abbreviations that have one offset in every zone that used them from 2005 to 2026 (tz database 2025, by
    /// Python's zoneinfo), and the German ones, in minutes east of UTC.
    private static let abbreviations: [String: Int] = [
        "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "wez": 0, "wesz": 60, "cet": 60, "mez": 60, "cest": 120,
        "mesz": 120, "mest": 120, "eet": 120, "oez": 120, "eest": 180, "oesz": 180, "sast": 120, "edt": -240,
        "est": -300, "mdt": -360, "mst": -420, "pdt": -420, "akdt": -480, "akst": -540, "hst": -600, "adt": -180,
        "ndt": -150, "awst": 480, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
        "jst": 540, "hkt": 480,
    ]

    /// Abbreviations that several zones share.
    private static let sharedAbbreviations: Set<String> = ["bst", "cst", "cdt", "ist", "pst", "ast", "kst", "msk"]

    /// What RFC 5322, section 4.3, says of three of them in the date of a mail, in minutes.
    private static let mailAbbreviations = ["cst": -360, "cdt": -300, "pst": -480]

    /// The zone at `start`, after the separators that may stand before it; nil when nothing there names one.
    ///
    /// - Parameter hasFraction: whether the time before it has a fraction or ISO 8601's `T`, after which even a hyphen in
    ///   a name begins an offset.
    static func zone(
        _ text: ByteText,
        at start: Int,
        style: TimeText.Style,
        hasFraction: Bool = false
    ) -> Found? {
        var index = start
        switch style {
        case .field:
            while text[index] == UInt8(ascii: " ") { index += 1 }
        case .name:
            if let byte = text[index], " _-.".utf8.contains(byte), text[index + 1].map(opensZone) ?? false {
                index += 1
            }
        }
        let bracket: UInt8? =
            switch text[index] {
            case UInt8(ascii: "("): UInt8(ascii: ")")
            case UInt8(ascii: "["): UInt8(ascii: "]")
            default: nil
            }
        if bracket != nil { index += 1 }
        guard
            var found = word(text, at: index, style: style)
                ?? offset(text, at: index, style: style, isFirst: index == start, hasFraction: hasFraction)
        else { return nil }
        guard let bracket else { return found }
        guard text[found.end] == bracket else { return nil }
        found.end += 1
        return found
    }

    /// The whole text as a zone, as a column or a heading has it: `UTC`, `+02:00`, `Europe/Berlin`, `2`.
    ///
    /// `CET` is an offset, and a zone with summer time in the tz database as well.
    static func whole(_ text: String) -> ZoneQualifier {
        let bytes = ByteText(text)
        if ["CET", "EET", "WET"].contains(text.uppercased()), let minutes = abbreviations[text.lowercased()],
            let zone = TimeZone(identifier: text.uppercased())
        {
            return .winter(minutes * 60, zone)
        }
        if let found = zone(bytes, at: 0, style: .field), found.end == bytes.count { return found.zone }
        let number = text.hasSuffix(".0") ? text.dropLast(2) : text.hasSuffix(".00") ? text.dropLast(3) : text[...]
        if let hours = Int(number), (-12...14).contains(hours) { return .offset(hours * 3600) }
        return .unknown(text)
    }

    /// What a mail's date means by an abbreviation that several zones share.
    static func ofMail(_ zone: ZoneQualifier) -> ZoneQualifier {
        guard case .unknown(let word) = zone, let minutes = mailAbbreviations[word.lowercased()] else { return zone }
        return .offset(minutes * 60)
    }

    /// The whole text as a word that names a zone, such as a heading ends with; nil for any other.
    static func words(_ text: String) -> ZoneQualifier? {
        let bytes = ByteText(text)
        guard let found = word(bytes, at: 0, style: .field), found.end == bytes.count else { return nil }
        if case .named(let zone) = found.zone { return .named(zone) }
        // A path in a heading is no zone.
        if case .unknown(let name) = found.zone, name.contains("/") { return nil }
        return found.zone
    }

    private static func opensZone(_ byte: UInt8) -> Bool {
        byte.isLetter || "+([".utf8.contains(byte)
    }

    // MARK: Words

    /// `Z`, an abbreviation, `UTC+2`, or a zone of the tz database.
    private static func word(_ text: ByteText, at start: Int, style: TimeText.Style) -> Found? {
        var end = start
        while let byte = text[end], byte.isLetter, end - start <= 32 { end += 1 }
        guard end > start else { return nil }
        let word = text.text(start..<end).lowercased()
        if text[end] == UInt8(ascii: "/"), style == .field { return named(text, at: start) }
        // A digit belongs to the word, unless it is an offset's.
        guard !(text[end]?.isWord ?? false) else { return nil }
        if word == "z" { return Found(zone: .utc, end: end) }
        if ["utc", "gmt"].contains(word), let sign = text[end], "+-".utf8.contains(sign),
            let offset = signed(text, at: end, allowsHour: true)
        {
            return offset
        }
        if let minutes = abbreviations[word] { return Found(zone: .offset(minutes * 60), end: end) }
        return sharedAbbreviations.contains(word) ? Found(zone: .unknown(text.text(start..<end)), end: end) : nil
    }

    private static func named(_ text: ByteText, at start: Int) -> Found? {
        var end = start
        while let byte = text[end], byte.isLetter || byte.isDigit || "/_+-".utf8.contains(byte), end - start < 64 {
            end += 1
        }
        let name = text.text(start..<end)
        // Foundation would take other things than the database's names as well.
        guard !name.hasSuffix("/"), !name.contains("//") else { return nil }
        return Found(zone: TimeZone(identifier: name).map(ZoneQualifier.named) ?? .unknown(name), end: end)
    }

    // MARK: Offsets

    /// `+02:00`, `-0300`, and in a field `+02`.
    ///
    /// A plus sign in a name begins nothing else than an offset of four digits; a hyphen begins the next field, unless
    /// the time before it is written to the fraction or as ISO 8601 has it. Where a hyphen and four digits could be an
    /// offset or a running number, the zone is unknown.
    private static func offset(
        _ text: ByteText,
        at start: Int,
        style: TimeText.Style,
        isFirst: Bool,
        hasFraction: Bool
    ) -> Found? {
        guard let sign = text[start], "+-".utf8.contains(sign) else { return nil }
        guard let found = signed(text, at: start, allowsHour: style == .field) else { return nil }
        guard style == .name, sign == UInt8(ascii: "-") else { return found }
        guard isFirst, !(text[found.end]?.isWord ?? false) else { return nil }
        if hasFraction || text[start + 3] == UInt8(ascii: ":") { return found }
        // The zones west of UTC that people live in, and no more of the running numbers than those.
        guard let digits = text.number(at: start + 1, length: 4),
            [200, 230, 300, 330].contains(digits)
                || (400...900).contains(digits) && digits % 100 == 0
        else { return nil }
        return Found(zone: .unknown(text.text(start..<found.end)), end: found.end)
    }

    /// A sign and hours, with minutes or, where `allowsHour` says so, without: −12:00 to +14:00 in quarters of an hour,
    /// which is all that zones have.
    private static func signed(_ text: ByteText, at start: Int, allowsHour: Bool) -> Found? {
        let run = text.digitRun(at: start + 1, limit: 5)
        var end = start + 1 + run
        let hours: Int?
        var minutes: Int? = 0
        switch run {
        case 4:
            hours = text.number(at: start + 1, length: 2)
            minutes = text.number(at: start + 3, length: 2)
        case 2 where text[end] == UInt8(ascii: ":") && text.digitRun(at: end + 1, limit: 3) == 2:
            hours = text.number(at: start + 1, length: 2)
            minutes = text.number(at: end + 1, length: 2)
            end += 3
        case 1...2 where allowsHour: hours = text.number(at: start + 1, length: run)
        default: return nil
        }
        guard let hours, let minutes, minutes % 15 == 0, minutes < 60 else { return nil }
        let seconds = (hours * 60 + minutes) * 60 * (text[start] == UInt8(ascii: "-") ? -1 : 1)
        guard (-12 * 3600...14 * 3600).contains(seconds) else { return nil }
        return Found(zone: .offset(seconds), end: end)
    }
}
