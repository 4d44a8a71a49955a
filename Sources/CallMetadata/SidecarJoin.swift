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

/// Which members a row may mean, and how surely.
struct RowResolution {
    let index: MemberIndex
    /// How many sidecars each level has.
    let sidecarsByLevel: [Substring: Int]

    enum Rank: UInt8, Comparable {
        /// The folders disagree, or the member is in another place than a base name suggests.
        case elsewhere
        /// The member lies in no folder, where the row gives one.
        case flattened
        /// In a folder below the sidecar's.
        case below
        /// Beside the sidecar; or one path ends in the other.
        case beside
        /// The path is the member's.
        case exact

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    enum Outcome {
        /// One recording, or the two sides of one call.
        case recordings([Int], Rank)
        /// Another file of the archive.
        case otherFile
        case ambiguous
        case missing
    }

    func resolve(_ reference: RowReference, from sidecar: MemberPath) -> Outcome {
        // Most paths are found by their innermost folder; only what is not there is looked for anywhere.
        let folder = (reference.folders.isEmpty ? sidecar.folders : reference.folders).last ?? ""
        let near = index.candidates(reference.base, level: sidecar.level, folder: folder)
        if let found = choose(near, reference, sidecar), found.rank > .flattened { return outcome(found) }
        let all = index.candidates(reference.base, level: sidecar.level)
        guard let found = choose(all, reference, sidecar) else { return .missing }
        // So many that they were not all looked at.
        if all.count > 256 { return .ambiguous }
        if found.rank == .elsewhere {
            let isAlone = all.allSatisfy { $0.folders == found.members[0].folders }
            guard isAlone, !reference.folders.isEmpty || mayLieElsewhere(reference, sidecar) else { return .ambiguous }
        }
        return outcome(found)
    }

    /// A base name that is found in quite another folder is the sidecar's word for it only where it is a name that no two
    /// calls have, or where no other sidecar could mean it.
    private func mayLieElsewhere(_ reference: RowReference, _ sidecar: MemberPath) -> Bool {
        sidecarsByLevel[sidecar.level] == 1 || reference.base.utf8.count(where: \.isDigit) >= 8
    }

    private struct Choice {
        var members: [MemberIndex.Candidate]
        var rank: Rank
    }

    private func outcome(_ choice: Choice) -> Outcome {
        let members = choice.members
        guard members.allSatisfy({ index.isRecording($0.member) }) else { return .otherFile }
        // One name without extension and suffix stands for the sides of one call, which lie beside each other.
        let isOneCall = members.allSatisfy { $0.likeness == .stem && $0.folders == members[0].folders }
        guard members.count == 1 || isOneCall else { return .ambiguous }
        return .recordings(members.map(\.member), choice.rank)
    }

    /// The candidates whose place fits best, and of these the ones whose name does.
    private func choose(
        _ candidates: [MemberIndex.Candidate],
        _ reference: RowReference,
        _ sidecar: MemberPath
    ) -> Choice? {
        let ranked = candidates.map { ($0, rank($0.folders, reference.folders, sidecar.folders)) }
        guard let best = ranked.map(\.1).max(by: <) else { return nil }
        let fitting = ranked.filter { $0.1 == best }.map(\.0)
        let likeness = fitting.map(\.likeness).min()
        return Choice(members: fitting.filter { $0.likeness == likeness }, rank: best.rank)
    }

    private struct Fit: Comparable {
        var rank: Rank
        /// So many folders are the same.
        var common: Int

        static func < (left: Fit, right: Fit) -> Bool {
            (left.rank, left.common) < (right.rank, right.common)
        }
    }

    private func rank(_ member: [String], _ row: [String], _ sidecar: [String]) -> Fit {
        if row.isEmpty {
            if member == sidecar { return Fit(rank: .beside, common: 0) }
            return Fit(rank: member.starts(with: sidecar) ? .below : .elsewhere, common: 0)
        }
        if member == row || member == sidecar + row { return Fit(rank: .exact, common: 0) }
        if member.isEmpty { return Fit(rank: .flattened, common: 0) }
        let common = zip(member.reversed(), row.reversed()).prefix { $0 == $1 }.count
        return Fit(rank: common == min(member.count, row.count) ? .beside : .elsewhere, common: common)
    }
}
