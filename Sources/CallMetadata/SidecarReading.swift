/// Recognises a file as a sidecar, and takes its rows.
struct SidecarReading {
    let index: MemberIndex
    let columns: SidecarColumns
    let limits: Sidecar.Limits

    enum Outcome {
        case table(SidecarTable)
        /// A single object that names nothing and lies beside no recording of its name: a sidecar where its like are.
        case single(SidecarTable)
        /// A table of these members that is not read, and why.
        case refused(String)
        case other
    }

    /// Rows by which the column of file names is found.
    private static let sample = 1_000

    /// A file's rows, each as often as asked for; answers why the text is no table to its end.
    private struct Rows {
        var format: Sidecar.Format
        var plan: ColumnPlan
        var walk: ((SidecarTable.Row) -> Bool) -> String?
        var problems: [String] = []
        /// How many there are, where that is known before.
        var count: Int?
    }

    func read(_ bytes: [UInt8], path: MemberPath) -> Outcome {
        guard !bytes.isEmpty, bytes.count <= limits.sizeBytes else { return .other }
        guard let rows = rows(TextEncoding.utf8(bytes), level: path.level), rows.plan.describesSomething else {
            return .other
        }
        var census = FileColumnCensus(plan: rows.plan)
        _ = rows.walk { row in
            census.take(row.cells) { index.match($0, level: path.level) }
            // Enough is seen when one column names members in earnest; else the whole table has its say.
            return census.rows < Self.sample || (census.rows < limits.rows && !census.isSettled)
        }
        guard census.rows > 0 else { return .other }
        let column = census.column
        var ownName: String?
        if column == nil {
            guard rows.count == 1, rows.format != .csv else { return .other }
            ownName = MemberIndex.stem(path.base)
        }
        var table = SidecarTable(format: rows.format, path: path, plan: rows.plan, fileColumn: column, ownName: ownName)
        var taken = 0
        let refusal = rows.walk { row in
            taken += 1
            if taken <= limits.rows { table.add(row) }
            return taken <= limits.rows && table.refusal == nil
        }
        if taken > limits.rows { return .refused("it has more than \(limits.rows) rows") }
        if let refusal = refusal ?? table.refusal { return .refused(refusal) }
        for problem in rows.problems { table.note(problem) }
        guard let ownName else { return .table(table) }
        let isBeside = index.candidates(ownName, level: path.level).contains { index.isRecording($0.member) }
        return isBeside ? .table(table) : .single(table)
    }

    private func rows(_ bytes: [UInt8], level: Substring) -> Rows? {
        if let json = JSONRows(bytes, rowLimit: limits.rows) {
            let headings = Set(json.rows.flatMap(\.keys)).sorted()
            return Rows(
                format: json.format,
                plan: columns.assign(headings),
                walk: { body in
                    for (place, row) in json.rows.enumerated()
                    where !body(.init(number: place + 1, cells: headings.map { row[$0] ?? "" })) { break }
                    return nil
                },
                problems: json.damagedLines.map { "line \($0) is not a JSON object" },
                count: json.rows.count
            )
        }
        let names: (String) -> Bool = { index.match($0, level: level) == .strong || AudioName.isAudio($0) }
        guard let head = TableHead(bytes, columns: columns, isName: names) else { return nil }
        return Rows(
            format: .csv,
            plan: head.plan,
            walk: { body in
                let ending = head.text.forEachRecord(isRow: names) { record in
                    guard record.offset > head.offset else { return true }
                    let damage =
                        record.isDamaged ? "a quotation mark is not closed after \(record.cells.count) cells" : nil
                    return body(.init(number: record.number, cells: record.cells, damage: damage))
                }
                if case .refused(let reason) = ending { return reason }
                return nil
            }
        )
    }
}

/// Which column names the recordings: found by the names in it.
private struct FileColumnCensus {
    private let configured: Int?
    private var strong: [Int]
    private var weak: [Int]
    private var audioNames: [Int]
    private var filled: [Int]
    private(set) var rows = 0

    init(plan: ColumnPlan) {
        configured = plan.columns[.file]?.first
        strong = [Int](repeating: 0, count: plan.headings.count)
        weak = strong
        audioNames = strong
        filled = strong
    }

    var isSettled: Bool { strong.contains { $0 > 0 } }

    mutating func take(_ cells: [String], match: (String) -> MemberIndex.Match?) {
        rows += 1
        for (column, cell) in cells.prefix(strong.count).enumerated()
        where configured.map({ $0 == column }) ?? true {
            guard !cell.isEmpty else { continue }
            filled[column] += 1
            if AudioName.isAudio(cell) { audioNames[column] += 1 }
            switch match(cell) {
            case .strong: strong[column] += 1
            case .weak: weak[column] += 1
            case nil: break
            }
        }
    }

    /// The column in which most cells name members; short names may be numbers by chance: alone they must be half of all
    /// rows. Where none names a member, the column whose cells are names of audio files: they are listed, and missing.
    var column: Int? {
        if let configured {
            return strong[configured] + weak[configured] + audioNames[configured] > 0 ? configured : nil
        }
        let best = { (counts: [Int]) in counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) } }
        if let column = best(strong), strong[column] > 0 { return column }
        if let column = best(weak), weak[column] * 2 >= rows, weak[column] > 0 { return column }
        guard let column = best(audioNames), audioNames[column] > 0, audioNames[column] * 2 >= filled[column] else {
            return nil
        }
        return column
    }
}

/// Names of audio files, told by their extensions.
enum AudioName {
    private static let extensions: Set<String> = [
        "mp3", "mp2", "wav", "wave", "wav49", "ogg", "oga", "opus", "flac", "m4a", "mp4", "aac", "amr", "awb", "au",
        "snd",
        "gsm", "spx", "wma", "webm", "aif", "aiff", "aifc", "caf", "w64", "rf64", "ul", "ulaw", "al", "alaw", "raw",
        "sln",
        "vox", "g722", "g729", "3gp", "mka",
    ]

    static func isAudio(_ cell: String) -> Bool {
        guard cell.utf8.count <= 4_096, let base = RowReference(cell)?.base else { return false }
        return fileExtension(base).map(extensions.contains) ?? false
    }

    /// In lower case; that of a compressed file is the one before `.gz`.
    static func fileExtension(_ base: String) -> String? {
        var parts = base.lowercased().split(separator: ".")
        if parts.count > 2, ["gz", "bz2", "xz", "zst"].contains(parts[parts.count - 1]) { parts.removeLast() }
        guard parts.count > 1, let last = parts.last, (1...5).contains(last.utf8.count) else { return nil }
        return last.utf8.contains(where: \.isLetter) ? String(last) : nil
    }
}
