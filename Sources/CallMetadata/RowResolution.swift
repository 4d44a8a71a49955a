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
        /// The name is there, and not where the row has it: one recording (or one call's), where it is the only one that the
        /// row can mean.
        case elsewhere([Int]?)
        /// Another file of the archive.
        case otherFile
        case ambiguous
        case missing
    }

    func resolve(_ reference: RowReference, from sidecar: MemberPath) -> Outcome {
        if let outcome = nearby(reference, sidecar) { return outcome }
        let all = index.candidates(reference.base, level: sidecar.level)
        guard let found = choose(all, reference, sidecar) else { return .missing }
        guard all.contains(where: { index.isRecording($0.member) }) else { return .otherFile }
        guard all.count <= MemberIndex.mostCandidates else {
            return reference.folders.isEmpty && sidecar.folders.isEmpty ? .ambiguous : .elsewhere(nil)
        }
        if found.rank > .elsewhere { return outcome(found) }
        let isAlone = all.allSatisfy { $0.folders == all[0].folders }
        if isAlone, !reference.folders.isEmpty || mayLieElsewhere(reference, sidecar),
            case .recordings(let members, _) = outcome(found)
        {
            return .elsewhere(members)
        }
        return .elsewhere(nil)
    }

    /// Most rows mean what lies in the innermost folder of their path, or beside their sidecar.
    private func nearby(_ reference: RowReference, _ sidecar: MemberPath) -> Outcome? {
        let isPath = !reference.folders.isEmpty
        let folders = isPath ? [reference.folders.last ?? "", ""] : [sidecar.folders.last ?? ""]
        for folder in folders {
            let near = index.candidates(reference.base, level: sidecar.level, folder: folder)
            guard let found = choose(near, reference, sidecar) else { continue }
            if found.rank >= (isPath ? .flattened : .beside) { return outcome(found) }
        }
        return nil
    }

    /// A base name that is found in quite another folder is the sidecar's word for it only where it is a name that no two
    /// calls have, or where no other sidecar could mean it.
    private func mayLieElsewhere(_ reference: RowReference, _ sidecar: MemberPath) -> Bool {
        sidecarsByLevel[sidecar.level] == 1 || Self.isDistinctive(reference.base)
    }

    /// Whether a name has a date, a number or an id in it, and is no `audio.mp3` or `call0001.mp3`.
    static func isDistinctive(_ base: String) -> Bool { base.utf8.count(where: \.isDigit) >= 8 }

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
        let ranked = candidates.map { ($0, fit($0.folders, reference.folders, sidecar.folders)) }
        guard let best = ranked.map(\.1).max() else { return nil }
        let fitting = ranked.filter { $0.1 == best }.map(\.0)
        let likeness = fitting.map(\.likeness).min()
        return Choice(members: fitting.filter { $0.likeness == likeness }, rank: best.rank)
    }

    private struct Fit: Comparable {
        var rank: Rank
        /// So many folders are the same.
        var common = 0

        static func < (left: Fit, right: Fit) -> Bool {
            (left.rank, left.common) < (right.rank, right.common)
        }
    }

    private func fit(_ member: [String], _ row: [String], _ sidecar: [String]) -> Fit {
        if row.isEmpty {
            if member == sidecar { return Fit(rank: .beside) }
            return Fit(rank: member.starts(with: sidecar) ? .below : .elsewhere)
        }
        if member == row || member == sidecar + row { return Fit(rank: .exact) }
        if member.isEmpty { return Fit(rank: .flattened) }
        let common = zip(member.reversed(), row.reversed()).prefix { $0 == $1 }.count
        return Fit(rank: common == min(member.count, row.count) ? .beside : .elsewhere, common: common)
    }
}
