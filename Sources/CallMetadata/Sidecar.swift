/// A file in an archive that describes the archive's recordings: one row a file.
///
/// It is recognised by its content: a table or JSON in which one column names members of the archive, and another one
/// is known. Any bytes may be given; what is no sidecar is nil.
///
/// This is the view of one sidecar beside members without folders; ``SidecarJoin`` joins those of a whole archive.
package struct Sidecar: Hashable, Sendable {
    package enum Format: String, Codable, Hashable, Sendable {
        case csv, json
        case jsonLines = "json-lines"
    }

    package let format: Format
    /// What is known of each member that a row names, by the member's base name.
    package let rows: [String: CallMetadata]
    /// Rows that name a recording that is not among the members.
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
        let names = memberNames.sorted()
        var members = names.map { ArchiveMember(name: $0) }
        members.append(ArchiveMember(name: baseName ?? "", isRecording: false))
        var join = SidecarJoin(members: members, columns: columns, limits: limits)
        join.read(bytes, member: names.count)
        let joined = join.finish()
        var rows: [String: CallMetadata] = [:]
        for (place, name) in names.enumerated() { rows[name] = joined.metadata(of: place) }
        guard let source = joined.sources.first, rows.values.contains(where: { !$0.isEmpty }) else { return nil }
        return Sidecar(format: source.format, rows: rows, unmatchedRows: joined.unmatched.count)
    }
}
