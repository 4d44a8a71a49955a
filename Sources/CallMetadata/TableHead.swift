/// Where a table's headings are, and what separates its columns.
struct TableHead {
    let headings: [String]
    let plan: ColumnPlan
    let text: DelimitedText
    /// The headings' place in the text: records before it are titles.
    let offset: Int

    /// Headings are looked for in so many records.
    private static let lines = 30

    /// Returns nil when no line is one of headings under any delimiter.
    ///
    /// - Parameter isName: whether a cell names a member, which no heading does.
    init?(_ bytes: [UInt8], columns: SidecarColumns, isName: (String) -> Bool) {
        guard !bytes.contains(0) else { return nil }
        let declared = Self.declaredDelimiter(bytes)
        var best: (head: TableHead, score: Int)?
        for delimiter in declared.map({ [$0.delimiter] }) ?? Array(",;\t|".utf8) {
            let text = DelimitedText(bytes, beginning: declared?.end ?? 0, delimiter: delimiter)
            var seen = 0
            text.forEachRecord { record in
                seen += 1
                let plan = columns.assign(record.cells)
                let score = plan.knownColumns * 1_000 + min(record.cells.count, 999)
                if record.cells.count > 1, plan.describesSomething, score > best?.score ?? 0,
                    !record.isDamaged, !record.cells.contains(where: { isName($0) || Self.isTime($0) })
                {
                    let head = TableHead(headings: record.cells, plan: plan, text: text, offset: record.offset)
                    best = (head, score)
                }
                return seen < Self.lines
            }
        }
        guard let best else { return nil }
        self = best.head
    }

    private init(headings: [String], plan: ColumnPlan, text: DelimitedText, offset: Int) {
        self.headings = headings
        self.plan = plan
        self.text = text
        self.offset = offset
    }

    private static func isTime(_ cell: String) -> Bool {
        if case .nothing = TimeText.field(cell) { false } else { true }
    }

    /// Excel's first line `sep=;`, with quotation marks around it or not.
    private static func declaredDelimiter(_ bytes: [UInt8]) -> (delimiter: UInt8, end: Int)? {
        let line = bytes.prefix(16).prefix { $0 != 0x0A && $0 != 0x0D }
        let plain = line.filter { $0 != UInt8(ascii: "\"") }
        guard
            plain.count == 5, String(decoding: plain.prefix(4), as: UTF8.self).lowercased() == "sep=",
            let delimiter = plain.last, !delimiter.isWord
        else { return nil }
        return (delimiter, line.count)
    }
}
