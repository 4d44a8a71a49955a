/// The archive's members by everything that a sidecar may call them.
///
/// Beside the names it keeps two hashes a member: of level and stem, which every way of naming a member shares, and of
/// these with the innermost folder, by which a path is found among many equal names.
struct MemberIndex: Sendable {
    let names: [String]
    private let isRecording: [Bool]
    private let byStem: HashedPlaces
    private let byFolder: HashedPlaces

    /// More members of one name are not told apart without a folder.
    static let mostCandidates = 64

    init(_ members: [ArchiveMember]) {
        names = members.map(\.name)
        isRecording = members.map(\.isRecording)
        let paths = members.lazy.map { MemberPath($0.name) }
        byStem = HashedPlaces(paths.map { Self.hash($0.level, Self.stem($0.base), folder: nil) })
        byFolder = HashedPlaces(paths.map { Self.hash($0.level, Self.stem($0.base), folder: $0.folders.last ?? "") })
    }

    private static func hash(_ level: Substring, _ stem: String, folder: String?) -> Int {
        var hasher = Hasher()
        hasher.combine(level)
        hasher.combine(stem)
        hasher.combine(folder)
        return hasher.finalize()
    }

    /// A base name in lower case without extension and VICIdial's suffix, with which one name stands for both sides of a call.
    static func stem(_ base: String) -> String {
        FilenameReader.stem(of: base[...]).lowercased()
    }

    /// How a row's name equals a member's, the closest first.
    enum Likeness: Int, Comparable {
        case exact, folded, stem

        static func < (left: Likeness, right: Likeness) -> Bool { left.rawValue < right.rawValue }
    }

    struct Candidate {
        var member: Int
        var folders: [String]
        var likeness: Likeness
    }

    /// The level's members that a base name may mean: its recordings, or where none has it, its other files.
    ///
    /// - Parameter folder: the innermost folder that they lie in; nil for any.
    /// - Returns: all of them, or ``mostCandidates`` and one.
    func candidates(_ base: String, level: Substring, folder: String? = nil) -> [Candidate] {
        let stem = Self.stem(base)
        let folded = base.lowercased()
        let hash = Self.hash(level, stem, folder: folder)
        var found: [Candidate] = []
        var others: [Candidate] = []
        for member in (folder == nil ? byStem : byFolder).places(of: hash) {
            let path = MemberPath(names[member])
            guard
                path.level == level, Self.stem(path.base) == stem, folder == nil || path.folders.last ?? "" == folder
            else { continue }
            let isFolded = path.base.lowercased() == folded
            let likeness: Likeness = path.base == base ? .exact : isFolded ? .folded : .stem
            let candidate = Candidate(member: member, folders: path.folders, likeness: likeness)
            if isRecording[member] {
                found.append(candidate)
            } else if likeness != .stem {
                others.append(candidate)
            }
            if found.count + others.count > Self.mostCandidates { break }
        }
        return found.isEmpty ? others : found
    }

    func isRecording(_ member: Int) -> Bool { isRecording[member] }

    /// How many recordings of the level have a name and are not among `taken`.
    func count(_ base: String, level: Substring, without taken: Set<Int32>) -> Int {
        // Hashes alone count: where two names share one, there is one more to be unsure of.
        byStem.places(of: Self.hash(level, Self.stem(base), folder: nil)).reduce(0) {
            $0 + (isRecording[$1] && !taken.contains(Int32(clamping: $1)) ? 1 : 0)
        }
    }

    enum Match {
        /// A whole file name, or a long one without its extension: no other column's value looks like it by chance.
        case strong
        case weak
    }

    /// Whether a cell names a recording of the level.
    func match(_ cell: String, level: Substring) -> Match? {
        guard let reference = RowReference(cell) else { return nil }
        var found = candidates(reference.base, level: level, folder: reference.folders.last ?? "")
        if found.isEmpty { found = candidates(reference.base, level: level) }
        let best = found.filter { isRecording[$0.member] }.map(\.likeness).min()
        switch best {
        case .exact: return reference.base.utf8.contains(UInt8(ascii: ".")) ? .strong : .weak
        case .folded: return .strong
        case .stem: return Self.stem(reference.base).utf8.count >= 12 ? .strong : .weak
        case nil: return nil
        }
    }
}

/// Places of a list by a hash of what is there.
struct HashedPlaces: Sendable {
    private let hashes: [Int]
    private let order: [Int32]

    init(_ unsorted: [Int]) {
        order = unsorted.indices.map { Int32(clamping: $0) }.sorted {
            (unsorted[Int($0)], $0) < (unsorted[Int($1)], $1)
        }
        hashes = order.map { unsorted[Int($0)] }
    }

    /// The places with that hash, in their order in the list.
    func places(of hash: Int) -> some Sequence<Int> {
        var (low, high) = (0, hashes.count)
        while low < high {
            let middle = (low + high) / 2
            if hashes[middle] < hash { low = middle + 1 } else { high = middle }
        }
        return order[low...].lazy.enumerated().prefix { [hashes] in hashes[low + $0.offset] == hash }
            .map { Int($0.element) }
    }
}

/// An entry of an archive, as its sidecars may speak of it.
package struct ArchiveMember: Hashable, Sendable {
    /// The whole name, folders included; in a nested archive `outer/inner.zip//inner/name`.
    package var name: String
    /// Whether it is a recording; other entries are never described, and a row that names one misses nothing.
    package var isRecording: Bool

    package init(name: String, isRecording: Bool = true) {
        self.name = name
        self.isRecording = isRecording
    }
}
