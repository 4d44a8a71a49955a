import Recordings

/// One page of a list, as the server answers: `{items, pagination: {pages, total, current, max, next}, success}`.
///
/// `pages`, `total` and `current` can be absent, and a server can echo a wrong `current` (the vendor's SDK,
/// changelogs), so `current` is not looked at.
struct ListPage: Sendable {
    var items: [JSONValue]
    var pages: Int64?
    var total: Int64?

    /// Returns nil when the answer is no list.
    init?(_ answer: JSONValue) {
        guard let items = answer["items"].list else { return nil }
        self.items = items
        pages = answer["pagination"]["pages"].integer
        total = answer["pagination"]["total"].integer
    }
}

/// One reading of a list, page by page: a value that says when it is at the end, and whether the list moved meanwhile.
struct ListingReading<Item: ListedItem>: Sendable {
    enum Next: Hashable, Sendable {
        case more
        /// Everything was seen, or nothing more can be.
        case end
    }

    /// A filter by whole seconds may be inclusive at both ends (the OpenAPI file says so of the call log): what lies this
    /// close outside is no sign of a server that ignores the filter.
    private static var slack: Int64 { 1000 }

    /// So many steps in one direction, and none in the other, are no chance: the list is sorted.
    private static var proof: Int { 12 }

    let interval: Range<Timestamp>?
    private let read: @Sendable (JSONValue) -> Result<Item, MalformedItem>
    private(set) var found: [String: Item] = [:]
    private(set) var malformed: [MalformedItem] = []
    private(set) var filtersIgnored = false
    /// Whether an id came twice, or the total changed: the list moved, and something may have slipped by.
    private(set) var isDisturbed = false
    private(set) var pages = 0
    /// How many pages the list said last that it has; 0 where it does not say.
    private(set) var promisedPages = 0
    private(set) var isTruncated = false
    private(set) var total: Int64?
    private var elsewhere: Set<String> = []
    private var lastSeen: Timestamp?
    /// How often an item was older, and how often newer, than the one before it.
    private var falls = 0
    private var rises = 0
    private let pageLimit: Int

    init(
        interval: Range<Timestamp>?,
        pageLimit: Int = 20_000,
        read: @escaping @Sendable (JSONValue) -> Result<Item, MalformedItem>
    ) {
        self.interval = interval
        self.pageLimit = pageLimit
        self.read = read
    }

    /// Items seen, wherever they lie.
    var seen: Int { found.count + elsewhere.count + malformed.count }
    var outside: Int { elsewhere.count }

    /// Whether the reading is, taken alone, what the server has.
    var isClean: Bool {
        !isDisturbed && !isTruncated && (total == nil || total == Int64(seen) || filtersIgnored)
    }

    mutating func take(_ page: ListPage) -> Next {
        pages += 1
        promisedPages = page.pages.map { Int(clamping: $0) } ?? 0
        guard !page.items.isEmpty else { return .end }
        if let now = page.total {
            if let total, total != now { isDisturbed = true }
            total = now
        }
        let before = seen
        var oldest: Timestamp?
        var newest: Timestamp?
        for item in page.items {
            guard let date = take(item) else { continue }
            oldest = min(oldest ?? date, date)
            newest = max(newest ?? date, date)
        }
        // The same again: the server does not page, or not to here.
        if seen == before { return .end }
        if let interval, filtersIgnored, let oldest, let newest {
            // Sorted all the way and past the interval: what follows is farther away.
            if rises == 0, falls >= Self.proof, newest < interval.lowerBound { return .end }
            if falls == 0, rises >= Self.proof, oldest >= interval.upperBound { return .end }
        }
        if pages >= pageLimit {
            isTruncated = true
            return .end
        }
        let isLast = page.pages.map { Int64(pages) >= $0 } ?? true
        return isLast && total == Int64(seen) ? .end : .more
    }

    /// Sorts one item in. Returns its date when it has one.
    private mutating func take(_ value: JSONValue) -> Timestamp? {
        switch read(value) {
        case .failure(let problem):
            malformed.append(problem)
            return nil
        case .success(let item):
            if found[item.identity] != nil || elsewhere.contains(item.identity) { isDisturbed = true }
            guard let interval, let date = item.listedAt else {
                found[item.identity] = item
                return nil
            }
            if let lastSeen {
                if date > lastSeen { rises += 1 }
                if date < lastSeen { falls += 1 }
            }
            lastSeen = date
            if interval.contains(date) {
                found[item.identity] = item
            } else {
                elsewhere.insert(item.identity)
                if date < interval.lowerBound.advanced(byMilliseconds: -Self.slack)
                    || date > interval.upperBound.advanced(byMilliseconds: Self.slack)
                {
                    filtersIgnored = true
                }
            }
            return date
        }
    }
}

/// Several readings of one list, until one can be trusted.
struct ListingReadings<Item: ListedItem>: Sendable {
    /// More than this is a list that does not come to rest.
    static var limit: Int { 3 }

    private(set) var listing = PagedListing<Item>()
    private var union: [String: Item] = [:]
    private var last: Set<String>?

    /// Takes a finished reading. Returns whether another is needed.
    mutating func take(_ reading: ListingReading<Item>) -> Bool {
        listing.readings += 1
        union.merge(reading.found) { _, later in later }
        listing.malformed = reading.malformed
        listing.outside = reading.outside
        listing.filtersIgnored = reading.filtersIgnored || listing.filtersIgnored
        listing.isTruncated = reading.isTruncated
        let ids = Set(reading.found.keys)
        // A total that is simply wrong does not make a list move: the same items twice are believed.
        let isSettled = reading.isClean || (!reading.isDisturbed && !reading.isTruncated && ids == last)
        last = ids
        listing.isConsistent = isSettled
        listing.items = Self.sorted(isSettled ? reading.found : union)
        return !isSettled && !reading.isTruncated && listing.readings < Self.limit
    }

    mutating func count(request: Int) {
        listing.requests += request
    }

    private static func sorted(_ items: [String: Item]) -> [Item] {
        let epoch = Timestamp(millisecondsSinceEpoch: 0)
        return items.values.sorted {
            ($0.listedAt ?? epoch, $0.identity) < ($1.listedAt ?? epoch, $1.identity)
        }
    }
}
