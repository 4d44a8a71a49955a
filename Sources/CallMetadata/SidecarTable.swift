import Recordings

/// A sidecar's rows with their columns known: the cells that mean something, packed, and how to read them.
///
/// Rows are kept as they are written and read when asked for: a million of them take about as much memory as the file.
struct SidecarTable: Sendable {
    let format: Sidecar.Format
    /// The sidecar's own path.
    let path: MemberPath
    /// Rows that are not read in full, and other trouble, in words.
    private(set) var problems: [String] = []
    /// How the rows name recordings, where no cell does: the sidecar's own stem.
    private(set) var ownName: String?

    private let plan: ColumnPlan
    private let fileColumn: Int?
    private let used: [Int]
    private var starts: StartColumns
    private var rows = PackedRows()
    private let canonicalHeadings: Set<String>
    /// Why the whole table is not read.
    private(set) var refusal: String?

    /// One row as it is walked over.
    struct Row {
        var number: Int
        var cells: [String]
        /// Why cells after these are not read.
        var damage: String?
    }

    /// Problems that are told in words; more are counted.
    private static let mostProblems = 20

    /// Takes rows one by one.
    init(format: Sidecar.Format, path: MemberPath, plan: ColumnPlan, fileColumn: Int?, ownName: String?) {
        self.format = format
        self.path = path
        self.plan = plan
        self.fileColumn = fileColumn
        self.ownName = ownName
        used = plan.usedColumns.union([fileColumn].compactMap(\.self)).sorted()
        starts = StartColumns(plan)
        canonicalHeadings = Set(plan.headings.map(\.full)).subtracting([""])
    }

    var headings: [String] { plan.headings.map(\.text) }
    var count: Int { rows.count }

    mutating func add(_ row: Row) {
        guard !row.cells.allSatisfy({ Values.plain($0) == nil }), !isHeadings(row) else { return }
        var cells = row.cells
        var damage = row.damage
        if damage == nil, cells.dropFirst(plan.headings.count).contains(where: { Values.plain($0) != nil }) {
            damage = "it has \(cells.count) cells under \(plan.headings.count) headings"
            // Nobody knows which of its cells is one too many: only what it names is read.
            for column in cells.indices where column != fileColumn { cells[column] = "" }
        }
        if let damage { note("row \(row.number): \(damage)") }
        starts.learn(cells)
        rows.append(used.map { $0 < cells.count ? cells[$0] : "" }, number: row.number)
    }

    mutating func note(_ problem: String) {
        if problems.count < Self.mostProblems { problems.append(problem) }
        if problems.count == Self.mostProblems { problems.append("and more") }
    }

    /// Headings again, as tables that were put together have them; in another order they make it another table.
    private mutating func isHeadings(_ row: Row) -> Bool {
        guard
            format == .csv, let fileColumn, fileColumn < row.cells.count,
            canonicalHeadings.contains(SidecarColumns.canonical(row.cells[fileColumn].prefix(64)))
        else { return false }
        let cells = row.cells.map { SidecarColumns.canonical($0.prefix(64)) }
        if zip(cells, plan.headings).allSatisfy({ $0 == $1.full }) { return true }
        guard cells.filter(canonicalHeadings.contains).count * 2 > cells.count else { return false }
        refusal = refusal ?? "row \(row.number) has the headings in another order"
        return true
    }

    // MARK: Rows

    func number(_ row: Int) -> Int { rows.number(row) }

    func cells(_ row: Int) -> [String] {
        var cells = [String](repeating: "", count: (used.last ?? -1) + 1)
        for (column, text) in zip(used, rows.cells(row)) { cells[column] = text }
        return cells
    }

    private func cell(_ row: Int, _ column: Int) -> String? {
        used.firstIndex(of: column).flatMap { rows.cell(row, $0) }
    }

    /// What a row calls its recording; nil when it names none.
    func reference(_ row: Int) -> RowReference? {
        if let ownName { return RowReference(ownName) }
        guard let fileColumn, let cell = cell(row, fileColumn) else { return nil }
        let folders = plan.folderColumns.lazy.filter { $0 != fileColumn }
        return RowReference(cell, folder: folders.compactMap { self.cell(row, $0).flatMap(Values.plain) }.first)
    }

    /// What the row's file cell says, as it is written.
    func name(_ row: Int) -> String {
        ownName ?? fileColumn.flatMap { cell(row, $0) }.flatMap { Values.plain($0.suffix(256)) } ?? ""
    }

    /// The recording's id that a row gives, without the rest of it.
    func recordingID(_ row: Int) -> RecordingID? {
        guard let ids = plan.columns[.recordingID], !ids.isEmpty else { return nil }
        return metadata(row).recordingID
    }

    func metadata(_ row: Int) -> CallMetadata {
        RowReader(plan: plan, fileColumn: fileColumn, starts: starts, cells: cells(row)).metadata()
    }
}

/// Reads one row's cells.
struct RowReader {
    let plan: ColumnPlan
    let fileColumn: Int?
    let starts: StartColumns
    let cells: [String]

    /// The first column of the field in which something is that can be read as it. Two columns with one heading that say
    /// different things say nothing.
    private func first<Value: Equatable>(_ field: SidecarField, _ read: (String) -> Value?) -> Value? {
        for column in plan.columns[field] ?? [] where column < cells.count && column != fileColumn {
            guard let value = read(cells[column]) else { continue }
            let twins = plan.twins(of: column).filter { $0 < cells.count && $0 != fileColumn }
            return twins.allSatisfy { read(cells[$0]).map { $0 == value } ?? true } ? value : nil
        }
        return nil
    }

    func metadata() -> CallMetadata {
        var call = CallMetadata()
        (call.startedAt, call.unreadStarts) = starts.start(cells)
        call.recordingID = first(.recordingID, RecordingID.init(wellKnown:))
        call.callID = first(.callID, Values.plain)
        call.conversationID = first(.conversationID, Values.plain)
        call.direction = first(.direction, Values.direction)
        call.from = first(.from, Values.phone)
        call.to = first(.to, Values.phone)
        call.phone = first(.phone, Values.phone)
        call.agentID = first(.agentID, Values.plain)
        call.agentName = first(.agentName, Values.plain)
        call.agentNumber = first(.agentNumber, Values.plain)
        call.campaign = first(.campaign, Values.plain)
        call.queue = first(.queue, Values.plain)
        call.leadID = first(.leadID, Values.plain)
        call.duration =
            first(.durationMs) { Values.plain($0).flatMap { WrittenDuration($0, unit: .milliseconds) } }
            ?? first(.durationS) { Values.plain($0).flatMap { WrittenDuration($0, unit: .seconds) } }
            ?? first(.duration) { Values.plain($0).flatMap { WrittenDuration($0, unit: nil) } }
        call.sizeBytes = first(.sizeBytes, Values.wholeNumber)
        call.contentType = first(.contentType) { Values.plain($0).flatMap { $0.contains("/") ? $0 : nil } }
        return call
    }
}

/// Rows of texts in one run of bytes.
struct PackedRows: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var numbers: [Int32] = []

    var count: Int { ends.count }

    mutating func append(_ cells: [String], number: Int) {
        for cell in cells {
            // The mark between cells is no part of any.
            bytes.append(contentsOf: cell.utf8.lazy.map { $0 == 0 ? 0x20 : $0 })
            bytes.append(0)
        }
        ends.append(bytes.count)
        numbers.append(Int32(clamping: number))
    }

    func number(_ row: Int) -> Int { Int(numbers[row]) }

    func cell(_ row: Int, _ place: Int) -> String {
        var start = row == 0 ? 0 : ends[row - 1]
        for _ in 0..<place { start = (bytes[start...].firstIndex(of: 0) ?? bytes.count - 1) + 1 }
        let end = bytes[start...].firstIndex(of: 0) ?? start
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    func cells(_ row: Int) -> [String] {
        let start = row == 0 ? 0 : ends[row - 1]
        return bytes[start..<ends[row]].split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
