/// What someone probably meant.
package enum Nearest {
    /// The candidate with the fewest single-letter changes to `word`, upper and lower case being the same; the first in
    /// the alphabet of several. Nil when even that one differs in more than half of its letters.
    package static func match(_ word: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars.prefix(maximumLength))
        var best: (distance: Int, name: String)?
        for candidate in candidates {
            let letters = Array(candidate.lowercased().unicodeScalars.prefix(maximumLength))
            let distance = editDistance(wanted, letters)
            guard distance * 2 <= max(wanted.count, letters.count) else { continue }
            if best.map({ (distance, candidate) < $0 }) ?? true { best = (distance, candidate) }
        }
        return best?.name
    }

    private static let maximumLength = 64

    /// Insertions, deletions, replacements and swaps of neighbours that make one word the other (the optimal string
    /// alignment distance).
    static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            current.reserveCapacity(right.count + 1)
            for column in 1...right.count {
                let cost = left[row - 1] == right[column - 1] ? 0 : 1
                var distance = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    distance = min(distance, beforePrevious[column - 2] + 1)
                }
                current.append(distance)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
