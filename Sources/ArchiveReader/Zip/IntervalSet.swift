/// Which parts of a file are accounted for: half-open ranges that neither overlap nor touch.
struct IntervalSet {
    private(set) var ranges: [Range<Int64>] = []
    /// Beyond this many pieces the set is given up: no writer leaves so many gaps.
    private(set) var isOverfull = false

    private static let mostRanges = 1 << 16

    /// The place of the first range that ends behind `offset`.
    private func index(endingBehind offset: Int64) -> Int {
        // Entries mostly come in the order of the file.
        if let last = ranges.last, last.upperBound <= offset { return ranges.count }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func overlaps(_ range: Range<Int64>) -> Bool {
        let place = index(endingBehind: range.lowerBound)
        return place < ranges.count && ranges[place].lowerBound < range.upperBound
    }

    mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty, !isOverfull else { return }
        // From here on, everything that overlaps or touches is merged.
        var first = index(endingBehind: range.lowerBound)
        if first > 0, ranges[first - 1].upperBound == range.lowerBound { first -= 1 }
        var merged = range
        var last = first
        while last < ranges.count, ranges[last].lowerBound <= merged.upperBound {
            let lower = min(merged.lowerBound, ranges[last].lowerBound)
            merged = lower..<max(merged.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: CollectionOfOne(merged))
        isOverfull = ranges.count > Self.mostRanges
    }

    /// What lies between the ranges, and before and behind them, up to `end`.
    func gaps(upTo end: Int64) -> [Range<Int64>] {
        var gaps: [Range<Int64>] = []
        var place: Int64 = 0
        for range in ranges where range.lowerBound < end {
            if place < range.lowerBound { gaps.append(place..<range.lowerBound) }
            place = max(place, range.upperBound)
        }
        if place < end { gaps.append(place..<end) }
        return gaps
    }
}
