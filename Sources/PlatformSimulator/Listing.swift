import Recordings

/// One page of a listing, with the faults that listings can have.
struct Listing<Element> {
    /// All that match, in the order of the listing.
    var elements: [Element]
    var query: Query
    var rules: Account.PageRules
    var hits: [FaultScript.Hit]

    /// - Parameter item: the element as it goes over the wire; only called for those on the page.
    func answer(_ item: (Element) -> JSONValue) -> Answer {
        let elements = self.elements.dropFirst(hiddenCount)
        let current = changes.contains(where: \.isAlwaysFirst) ? 1 : max(1, query.integer("page") ?? 1)
        let size = min(rules.largestMax, max(1, query.integer("max") ?? rules.defaultMax))
        let pages = (elements.count + size - 1) / size
        // A page far behind the end must not overflow.
        let start = min(elements.count, (min(current, pages + 1) - 1) * size)
        var items = elements.dropFirst(start).prefix(size).map(item)
        var pagination: JSONValue = [
            "pages": .integer(Int64(pages)), "total": .integer(Int64(elements.count)),
            "current": .integer(Int64(current)), "max": .integer(Int64(size)),
            "maxResults": .integer(Int64(rules.largestMax)),
        ]
        pagination["next"] = current < pages ? .integer(Int64(current + 1)) : .null
        for hit in hits { Self.apply(hit.fault.kind, items: &items, pagination: &pagination) }
        var answer: JSONValue = ["items": .array(items), "pagination": pagination, "success": true]
        for change in changes {
            answer["items"] = .array(Array(items.prefix(change.keep ?? items.count)))
            answer["pagination"] = pagination.merging(change.pagination)
            answer["success"] = .flag(change.success)
            answer["message"] = change.message.map { .text($0) }
        }
        return .json(answer)
    }

    private var changes: [Fault.Page] {
        hits.compactMap { hit in
            if case .listing(let page) = hit.fault.kind { page } else { nil }
        }
    }

    /// With every other listing that is hit, beginning with the first, the newest items are not there yet.
    private var hiddenCount: Int {
        hits.reduce(0) { hidden, hit in
            guard case .shiftingPages(let count) = hit.fault.kind, hit.occurrence % 2 == 1 else { return hidden }
            return hidden + count
        }
    }

    private static func apply(_ kind: Fault.Kind, items: inout [JSONValue], pagination: inout JSONValue) {
        switch kind {
        case .missingPagination(let fields):
            for field in fields { pagination[field] = nil }
        case .wrongCurrent(let value): pagination["current"] = .integer(value)
        case .malformedItem(let index, let value):
            if items.indices.contains(index) { items[index] = value }
        case .durationInSeconds:
            for index in items.indices {
                guard let duration = items[index]["duration"]?.integer else { continue }
                items[index]["duration"] = .integer((duration + 500) / 1000)
            }
        default: break
        }
    }
}

extension [FaultScript.Hit] {
    var ignoreFilters: Bool { contains { $0.fault.kind == .ignoreFilters } }
}

/// The platform's time filters: Unix seconds, inclusive at both ends.
struct TimeFilter: Hashable, Sendable {
    var start: Int64?
    var end: Int64?

    /// - Parameter prefixes: what stands before `time.start` and `time.end`.
    init(_ query: Query, prefixes: [String]) {
        start = prefixes.lazy.compactMap { query["\($0)time.start"] }.first.flatMap { Int64($0) }
        end = prefixes.lazy.compactMap { query["\($0)time.end"] }.first.flatMap { Int64($0) }
    }

    /// An item whose time cannot be read is let through: that is for the client to see.
    func admits(_ dateCreated: JSONValue?) -> Bool {
        guard start != nil || end != nil else { return true }
        guard let time = dateCreated?.text.flatMap({ Timestamp(rfc3339: $0) }) else { return true }
        let milliseconds = time.millisecondsSinceEpoch
        return milliseconds >= (start ?? Int64.min / 1000) * 1000 && milliseconds <= (end ?? Int64.max / 1000) * 1000
    }
}
