import Recordings

/// The recordings of a day whose audio could not be fetched when it was last asked for, kept in the work folder: the next
/// run asks for the others first, so that a few that never come hold up nothing.
struct LastInLine {
    private static let fileName = "api.last.json"

    private let work: WorkFiles
    private var ids: [RecordingID]

    init(_ work: WorkFiles) {
        self.work = work
        // What order they go in is no matter of right or wrong, so a damaged file is as good as none.
        ids = (try? work.value([RecordingID].self, in: Self.fileName)) ?? []
    }

    /// Those that are known to have come to nothing go last, the longest known first.
    func sorted<Item>(_ items: [Item], by id: (Item) -> RecordingID) -> [Item] {
        let places = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
        return items.enumerated()
            .sorted { left, right in
                (places[id(left.element)] ?? -1, left.offset) < (places[id(right.element)] ?? -1, right.offset)
            }
            .map(\.element)
    }

    /// Notes what became of one. It is written down at once: the run may end at any moment.
    mutating func note(_ id: RecordingID, isTroubled: Bool) throws {
        guard isTroubled || ids.contains(id) else { return }
        ids.removeAll { $0 == id }
        if isTroubled { ids.append(id) }
        try work.write(try JSONLines.line(ids), to: Self.fileName)
    }
}
