/// A column's heading, or a path in a JSON object: `call.from`, `agent.name`.
struct ColumnHeading: Hashable, Sendable {
    /// As it is written.
    let text: String
    /// In the form of ``SidecarColumns/canonical(_:)``.
    let full: String
    /// Without what it says of the column's times.
    private let plain: String
    private let tail: String?
    /// The zone of the column's times: `start (UTC)`, `Beginn [MEZ]`, `start_gmt`.
    let zone: ZoneQualifier?
    /// The order of its dates, where it shows their form: `Date (dd/mm/yyyy)`.
    let orders: DateOrders

    init(_ text: String) {
        let full = SidecarColumns.canonical(text)
        let (stem, qualifier) = Self.split(text)
        var zone: ZoneQualifier?
        var orders = DateOrders.all
        var plain = full
        if let qualifier, let meaning = Self.meaning(of: qualifier) {
            plain = SidecarColumns.canonical(stem)
            (zone, orders) = meaning
        } else if let suffix = ["utc", "gmt"].first(where: { full.hasSuffix($0) && full.utf8.count > 3 }) {
            plain = String(full.dropLast(suffix.count))
            zone = .utc
        } else if let suffix = ["local", "lokal"].first(where: full.hasSuffix) {
            plain = String(full.dropLast(suffix.count))
        }
        self.text = text
        self.full = full
        self.plain = plain
        self.zone = zone
        self.orders = orders
        let inner = text.split(separator: ".").dropFirst().map(SidecarColumns.canonical).joined()
        // What these mean depends on what they are in: the `id` of a `file` is no recording's id.
        tail = ["", "id", "name", "number", "type", "uuid", "guid", "user"].contains(inner) ? nil : inner
    }

    /// Only a start's heading has qualifiers: an `est` behind a duration is no zone.
    func answers(to usual: String, of field: SidecarField) -> Bool {
        usual == full || usual == tail || (field == .startedAt && usual == plain)
    }

    func answers(toAny usual: Set<String>) -> Bool {
        usual.contains(full) || tail.map(usual.contains) ?? false
    }

    /// Columns that say in which zone a row's times are. VICIdial's `gmt_offset_now` is not among them: it is the lead's.
    static let zoneNames: Set<String> = [
        "timezone", "tz", "zone", "zeitzone", "starttimezone", "utcoffset", "tzoffset", "timezoneoffset", "offsetutc",
        "tzname", "timezonename", "timezoneid",
    ]

    /// Columns that say in which folder a row's file is.
    static let folderNames: Set<String> = [
        "folder", "path", "directory", "dir", "subfolder", "subdir", "subdirectory", "foldername", "folderpath",
        "filepath", "ordner", "verzeichnis", "pfad", "unterordner",
    ]

    /// The heading before what is in brackets at its end, or before its last word, and that.
    private static func split(_ text: String) -> (stem: String, qualifier: String?) {
        let trimmed = Values.plain(text) ?? text
        for (open, close) in [("(", ")"), ("[", "]")] where trimmed.hasSuffix(close) {
            guard let start = trimmed.lastIndex(of: Character(open)) else { continue }
            return (String(trimmed[..<start]), String(trimmed[trimmed.index(after: start)...].dropLast()))
        }
        let last = trimmed.lastIndex { " _".contains($0) }
        guard let last, last > trimmed.startIndex else { return (trimmed, nil) }
        return (String(trimmed[..<last]), String(trimmed[trimmed.index(after: last)...]))
    }

    /// nil for what says nothing of times.
    private static func meaning(of qualifier: String) -> (ZoneQualifier?, DateOrders)? {
        let word = qualifier.lowercased()
        if ["local", "lokal", "ortszeit", "local time", "lokalzeit"].contains(word) { return (nil, .all) }
        if let zone = ZoneText.words(qualifier) { return (zone, .all) }
        guard
            word.utf8.count >= 6, word.utf8.allSatisfy({ "dmyhstja.:/- ".utf8.contains($0) }),
            word.contains("mm") || word.contains("d.m")
        else { return nil }
        switch word.first {
        case "d", "t": return (nil, .dayFirst)
        case "m": return (nil, .monthFirst)
        case "y", "j": return (nil, .yearFirst)
        default: return nil
        }
    }
}

/// Columns by field.
struct ColumnPlan {
    var columns: [SidecarField: [Int]] = [:]
    var headings: [ColumnHeading] = [] {
        didSet {
            for (heading, columns) in Dictionary(grouping: headings.indices, by: { headings[$0].full })
            where columns.count > 1 && !heading.isEmpty {
                for column in columns { twins[column] = columns.filter { $0 != column } }
            }
        }
    }
    private var twins: [Int: [Int]] = [:]
    var zoneColumn: Int?
    var folderColumns: [Int] = []

    var describesSomething: Bool {
        columns.contains { $0.key != .file && !$0.value.isEmpty }
    }

    /// How many columns are known.
    var knownColumns: Int { Set(columns.values.joined()).count }

    /// Every column that a row's meaning depends on.
    var usedColumns: Set<Int> {
        Set(columns.values.joined()).union(folderColumns).union([zoneColumn].compactMap(\.self))
    }

    /// The other columns under the same heading.
    func twins(of column: Int) -> [Int] { twins[column] ?? [] }
}
