/// What the rows of all sidecars of an archive claim, and which claims hold.
struct RowClaims {
    struct Place: Hashable {
        var table: Int32
        var row: Int32
    }

    private struct Claim {
        var member: Int32
        var rank: RowResolution.Rank
        var place: Place
    }

    /// A row whose name is there in another place.
    private struct Deferred {
        var place: Place
        var base: String
        var members: [Int]?
        /// Whether it gives a path, to a name that other calls may have as well.
        var isPath: Bool
    }

    private let index: MemberIndex
    private let tables: [SidecarTable]
    private var claims: [Claim] = []
    private var deferred: [Deferred] = []
    private var styles: [NameStyle]
    /// Lists whose paths are the archive's: a path that is not there names a file that is not there.
    private var listsWithPaths: Set<Int32> = []

    private(set) var joined: [(member: Int32, place: Place)] = []
    private(set) var missing: [Place] = []
    private(set) var ambiguous: [Place] = []

    init(index: MemberIndex, tables: [SidecarTable]) {
        self.index = index
        self.tables = tables
        styles = tables.map { _ in NameStyle() }
    }

    mutating func settle() {
        claim()
        decide()
        place()
        joined = joined.enumerated().sorted { ($0.element.member, $0.offset) < ($1.element.member, $1.offset) }
            .map(\.element)
        missing = missing.filter { place in
            let table = tables[Int(place.table)]
            return table.ownName != nil
                || styles[Int(place.table)].isFile(table.reference(Int(place.row))?.base ?? "")
        }
        missing.sort(by: Self.inOrder)
        ambiguous.sort(by: Self.inOrder)
    }

    private static func inOrder(_ left: Place, _ right: Place) -> Bool {
        (left.table, left.row) < (right.table, right.row)
    }

    private mutating func claim() {
        let levels = Dictionary(grouping: tables, by: \.path.level).mapValues(\.count)
        let resolution = RowResolution(index: index, sidecarsByLevel: levels)
        for (number, table) in tables.enumerated() {
            for row in 0..<table.count {
                guard let reference = table.reference(row) else { continue }
                let place = Place(table: Int32(clamping: number), row: Int32(clamping: row))
                switch resolution.resolve(reference, from: table.path) {
                case .recordings(let members, let rank):
                    styles[number].learn(reference.base)
                    if rank >= .beside, !reference.folders.isEmpty { listsWithPaths.insert(place.table) }
                    claims += members.map { Claim(member: Int32(clamping: $0), rank: rank, place: place) }
                case .elsewhere(let members):
                    let isPath = !reference.folders.isEmpty && !RowResolution.isDistinctive(reference.base)
                    deferred.append(
                        Deferred(place: place, base: reference.base, members: members, isPath: isPath)
                    )
                case .otherFile: break
                case .ambiguous:
                    styles[number].learn(reference.base)
                    ambiguous.append(place)
                case .missing: missing.append(place)
                }
            }
        }
    }

    private mutating func decide() {
        claims.sort {
            ($0.member, $1.rank, $0.place.table, $0.place.row) < ($1.member, $0.rank, $1.place.table, $1.place.row)
        }
        var lost: [Place: Bool] = [:]
        var start = 0
        while start < claims.count {
            let end = claims[start...].firstIndex { $0.member != claims[start].member } ?? claims.count
            decide(claims[start..<end], lost: &lost)
            start = end
        }
        // A row that describes one of two sides has not lost.
        if !lost.isEmpty {
            for (_, place) in joined { lost[place] = nil }
        }
        for (place, isMissing) in lost {
            if isMissing { missing.append(place) } else { ambiguous.append(place) }
        }
    }

    /// Decides who describes one member; `claims` is sorted by rank, the highest first. Each list has its own word.
    private mutating func decide(_ claims: ArraySlice<Claim>, lost: inout [Place: Bool]) {
        if claims.count == 1, let only = claims.first {
            joined.append((only.member, only.place))
            return
        }
        var seen: Set<Int32> = []
        let byTable = Dictionary(grouping: claims, by: \.place.table)
        for first in claims where seen.insert(first.place.table).inserted {
            for claim in byTable[first.place.table] ?? [] where claim.rank < first.rank {
                // A worse fit in the same list is another file of that name, if it says where it is.
                lost[claim.place] = !folders(claim).isEmpty
            }
            let best = (byTable[first.place.table] ?? []).filter { $0.rank == first.rank }
            if Set(best.map(key)).count == 1 {
                joined += best.map { ($0.member, $0.place) }
            } else {
                for claim in best { lost[claim.place] = false }
            }
        }
    }

    /// Gives rows whose name is in another place what no other row describes: a path from a dialer's disk is none in the
    /// archive. Where all of that name are described, the row's own is missing.
    private mutating func place() {
        struct Name: Hashable {
            var level: Substring
            var stem: String
        }
        let taken = Set(joined.map(\.member))
        var left: [Name: Int] = [:]
        var claims: [Int32: [Place]] = [:]
        for row in deferred {
            let level = tables[Int(row.place.table)].path.level
            let name = Name(level: level, stem: MemberIndex.stem(row.base))
            let count = left[name] ?? index.count(row.base, level: level, without: taken)
            left[name] = count
            if count == 0 || (row.isPath && listsWithPaths.contains(row.place.table)) {
                missing.append(row.place)
                continue
            }
            styles[Int(row.place.table)].learn(row.base)
            guard let members = row.members else {
                ambiguous.append(row.place)
                continue
            }
            for member in members where !taken.contains(Int32(clamping: member)) {
                claims[Int32(clamping: member), default: []].append(row.place)
            }
        }
        var lost: Set<Place> = []
        for (member, places) in claims.sorted(by: { $0.key < $1.key }) {
            let keys = Set(places.map { tables[Int($0.table)].reference(Int($0.row))?.key ?? "" })
            if keys.count == 1 {
                joined += places.map { (member, $0) }
            } else {
                lost.formUnion(places)
            }
        }
        ambiguous += lost
    }

    private func key(_ claim: Claim) -> String {
        tables[Int(claim.place.table)].reference(Int(claim.place.row))?.key ?? ""
    }

    private func folders(_ claim: Claim) -> [String] {
        tables[Int(claim.place.table)].reference(Int(claim.place.row))?.folders ?? []
    }
}

/// How a sidecar writes its files' names: by this, a row that names a file is told from one that does not.
private struct NameStyle {
    private var extensions: Set<String> = []
    private var shapes: Set<String> = []

    mutating func learn(_ base: String) {
        if let suffix = AudioName.fileExtension(base) {
            extensions.insert(suffix)
        } else if shapes.count < 1_000 {
            shapes.insert(Self.shape(base))
        }
    }

    /// What tables end with, in English and German.
    private static let totals = ["total", "sum", "count", "gesamt", "anzahl", "end", "ende", "records", "rows"]

    func isFile(_ base: String) -> Bool {
        if AudioName.isAudio(base) { return true }
        if let suffix = AudioName.fileExtension(base) { return extensions.contains(suffix) }
        let folded = base.lowercased()
        return shapes.contains(Self.shape(base)) && !Self.totals.contains(where: folded.hasPrefix)
    }

    /// A name with its letters and digits as runs; where it has no letters, the digits count.
    private static func shape(_ base: String) -> String {
        let hasLetters = base.utf8.contains { $0.isWord && !$0.isDigit }
        var shape: [UInt8] = []
        for byte in base.utf8 {
            let kind = byte.isDigit ? UInt8(ascii: "0") : byte.isWord ? UInt8(ascii: "a") : byte
            if shape.last != kind || (!hasLetters && kind == UInt8(ascii: "0")) { shape.append(kind) }
        }
        return String(decoding: shape, as: UTF8.self)
    }
}
