/// Joins the members of one archive, nested ones included, with its sidecars.
///
/// Give it every member first, then the bytes of each file that may be a sidecar, one after the other; then ``finish()``.
/// A sidecar describes members of its own archive level only.
package struct SidecarJoin: Sendable {
    private let index: MemberIndex
    private let columns: SidecarColumns
    private let limits: Sidecar.Limits
    private var tables: [(member: Int, table: SidecarTable)] = []
    /// Single objects that are sidecars if others of their kind are.
    private var singles: [(member: Int, table: SidecarTable)] = []
    private var refused: [JoinedSidecars.Refusal] = []

    /// - Parameter members: every entry of the archive but directories, in any order. They are named by their places in it.
    package init(
        members: [ArchiveMember],
        columns: SidecarColumns = .automatic,
        limits: Sidecar.Limits = Sidecar.Limits()
    ) {
        index = MemberIndex(members)
        self.columns = columns
        self.limits = limits
    }

    /// Reads a member that is no recording; what it holds is known from ``finish()`` on.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - member: its place in the members.
    package mutating func read(_ bytes: [UInt8], member: Int) {
        guard index.names.indices.contains(member) else { return }
        let reading = SidecarReading(index: index, columns: columns, limits: limits)
        switch reading.read(bytes, path: MemberPath(index.names[member])) {
        case .table(let table): tables.append((member, table))
        case .single(let table): singles.append((member, table))
        case .refused(let reason): refused.append(.init(member: member, reason: reason))
        case .other: break
        }
    }

    /// Joins rows and members.
    ///
    /// A row with a path joins the member with that path; one with a base name joins a member only where no other has
    /// this name, those beside the sidecar first. Where it could be several, it joins none.
    package consuming func finish() -> JoinedSidecars {
        let kinds = Set(tables.filter { $0.table.ownName != nil }.map { Kind($0.table) })
        tables += singles.filter { kinds.contains(Kind($0.table)) }
        tables.sort { $0.member < $1.member }
        return JoinedSidecars(index: index, tables: tables, refusals: refused)
    }

    /// What makes two single objects sidecars of one kind.
    private struct Kind: Hashable {
        var level: String
        var headings: [String]

        init(_ table: SidecarTable) {
            level = String(table.path.level)
            headings = table.headings
        }
    }
}
