/// A file in an archive that describes the archive's recordings: one row a file.
///
/// It is recognised by its content: a table or JSON in which one column names members of the archive, and another one
/// is known. Any bytes may be given; what is no sidecar is nil.
package struct Sidecar: Hashable, Sendable {
    package enum Format: String, Codable, Hashable, Sendable {
        case csv, json
        case jsonLines = "json-lines"
    }

    package let format: Format
    /// What is known of each member that a row names, by the member's base name.
    package let rows: [String: CallMetadata]
    /// Rows that name no member, or a member that an earlier row names.
    package let unmatchedRows: Int

    /// What a sidecar may cost.
    package struct Limits: Hashable, Sendable {
        package var sizeBytes: Int
        package var rows: Int

        package init(sizeBytes: Int = 64 << 20, rows: Int = 1_000_000) {
            self.sizeBytes = sizeBytes
            self.rows = rows
        }
    }

    /// Reads `bytes` as a sidecar of an archive.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - baseName: the file's own base name. A JSON file with a single object describes the recording that bears its
    ///     name (`call-17.json` beside `call-17.mp3`) when it names none.
    ///   - memberNames: the base names of the archive's recordings.
    /// - Returns: nil when it is no sidecar of these members, or over a limit.
    package static func recognise(
        _ bytes: [UInt8],
        baseName: String? = nil,
        memberNames: Set<String>,
        columns: SidecarColumns = .automatic,
        limits: Limits = Limits()
    ) -> Sidecar? {
        guard !bytes.isEmpty, bytes.count <= limits.sizeBytes, !memberNames.isEmpty else { return nil }
        let bytes = Self.utf8(bytes)
        let members = MemberIndex(memberNames)
        if let json = JSONRows(bytes, rowLimit: limits.rows) {
            let headings = Set(json.rows.flatMap(\.keys)).sorted()
            let table = SidecarTable(
                headings: headings,
                columns: columns,
                members: members,
                rowLimit: limits.rows,
                ownName: json.rows.count == 1 ? baseName : nil
            ) { body in
                json.rows.allSatisfy { row in body(headings.map { row[$0] ?? "" }) }
            }
            return table?.sidecar(json.format)
        }
        guard let text = DelimitedText(bytes) else { return nil }
        var headings: [String] = []
        text.forEachRecord { record in
            headings = record
            return false
        }
        let table = SidecarTable(
            headings: headings,
            columns: columns,
            members: members,
            rowLimit: limits.rows,
            ownName: nil
        ) { body in
            var isHeading = true
            return text.forEachRecord { record in
                defer { isHeading = false }
                return isHeading || body(record)
            }
        }
        return table?.sidecar(.csv)
    }

    /// UTF-16 with a byte order mark, as Excel's "Unicode text" has it, in UTF-8; other bytes as they are.
    private static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 2, bytes.count.isMultiple(of: 2) else { return bytes }
        let isLittle = bytes[0] == 0xFF && bytes[1] == 0xFE
        guard isLittle || (bytes[0] == 0xFE && bytes[1] == 0xFF) else { return bytes }
        let units = stride(from: 2, to: bytes.count, by: 2).map { index in
            let (low, high) = isLittle ? (bytes[index], bytes[index + 1]) : (bytes[index + 1], bytes[index])
            return UInt16(high) << 8 | UInt16(low)
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
