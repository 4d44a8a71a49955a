import Recordings

/// One page of a list, as the server answers: `{items, pagination: {pages, total, current, max, next}, success}`.
///
/// `pages`, `total` and `current` can be absent, and a server can echo a wrong `current` (the vendor's SDK,
/// changelogs), so `current` is not looked at.
struct ListPage: Sendable {
    var items: [JSONValue]
    var pages: Int64?
    var total: Int64?
    /// Whether the answer says that it is a failure.
    var isUnsuccessful: Bool
    /// The platform's words on that.
    var message: String?

    /// Returns nil when the answer is no list.
    init?(_ answer: JSONValue) {
        isUnsuccessful = answer["success"].bool == false
        guard let items = answer["items"].list ?? (isUnsuccessful ? [] : nil) else { return nil }
        self.items = items
        // Below zero is no count.
        pages = answer["pagination"]["pages"].integer.flatMap { $0 >= 0 ? $0 : nil }
        total = answer["pagination"]["total"].integer.flatMap { $0 >= 0 ? $0 : nil }
        message = isUnsuccessful ? Failure.words(of: answer) : nil
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
    private var noted: [ListContradiction] = []
    /// Whether the rest was left unread, because it is sorted and lies farther and farther outside.
    private var isCutShort = false
    private var elsewhere: Set<String> = []
    /// Items that cannot be read, from the pages before this one, so that they are told from new ones.
    private var knownMalformed: Set<JSONValue> = []
    private var malformedIDs: Set<RecordingID> = []
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
            && contradictions.isEmpty
    }

    /// Where the list contradicts itself.
    var contradictions: [ListContradiction] {
        guard let total, total > Int64(seen), !isCutShort, !isTruncated else { return noted }
        return noted + [.short(total: total, listed: seen)]
    }

    mutating func take(_ page: ListPage) -> Next {
        pages += 1
        let promised = page.pages ?? Int64(promisedPages)
        promisedPages = page.pages.map { Int(clamping: $0) } ?? 0
        if page.isUnsuccessful { noted.append(.unsuccessful(page: pages, message: page.message)) }
        guard !page.items.isEmpty else {
            if total == nil { total = page.total }
            // A server may call its empty list one page.
            let isPromised = pages == 1 ? promised > 1 : promised >= Int64(pages)
            if isPromised, !hasAllThatIsCounted { noted.append(.emptyPage(page: pages, promised: promised)) }
            return .end
        }
        if let now = page.total {
            if let total, total != now { isDisturbed = true }
            total = now
        }
        let content = take(page.items)
        guard content.isNew else {
            // The same again: the server does not page, or not to here.
            if !hasAllThatIsCounted { noted.append(.repeatedPage(page: pages)) }
            return .end
        }
        if content.repeats { isDisturbed = true }
        if let interval, filtersIgnored, let oldest = content.oldest, let newest = content.newest {
            // Sorted all the way and past the interval: what follows is farther away.
            isCutShort =
                (rises == 0 && falls >= Self.proof && newest < interval.lowerBound)
                || (falls == 0 && rises >= Self.proof && oldest >= interval.upperBound)
            if isCutShort { return .end }
        }
        if pages >= pageLimit {
            isTruncated = true
            return .end
        }
        let isLast = page.pages.map { Int64(pages) >= $0 } ?? true
        return isLast && total == Int64(seen) ? .end : .more
    }

    /// Whether as many were seen as the platform counts.
    private var hasAllThatIsCounted: Bool { total == Int64(seen) && seen > 0 }

    /// What a page was made of.
    private struct PageContent {
        var oldest: Timestamp?
        var newest: Timestamp?
        /// Items that have an identity and were not seen before.
        var fresh = 0
        /// Whether an item was seen before.
        var repeats = false
        /// Items without an identity that were not on an earlier page.
        var unnamed: [JSONValue] = []

        /// Whether the page brings the reading forward. Items without an identity count only where there are no others:
        /// one that differs at each look would keep a server that does not page in business for ever.
        var isNew: Bool { fresh > 0 || (!repeats && !unnamed.isEmpty) }
    }

    private mutating func take(_ items: [JSONValue]) -> PageContent {
        var content = PageContent()
        for item in items {
            guard let date = take(item, &content) else { continue }
            content.oldest = min(content.oldest ?? date, date)
            content.newest = max(content.newest ?? date, date)
        }
        knownMalformed.formUnion(content.unnamed)
        return content
    }

    /// Sorts one item in. Returns its date when it has one.
    private mutating func take(_ value: JSONValue, _ content: inout PageContent) -> Timestamp? {
        switch read(value) {
        case .failure(let problem):
            if let id = problem.id {
                guard malformedIDs.insert(id).inserted else {
                    content.repeats = true
                    return nil
                }
                content.fresh += 1
            } else if knownMalformed.contains(value) {
                content.repeats = true
                return nil
            } else {
                content.unnamed.append(value)
            }
            malformed.append(problem)
            return nil
        case .success(let item):
            if found[item.identity] != nil || elsewhere.contains(item.identity) {
                content.repeats = true
            } else {
                content.fresh += 1
            }
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
        listing.contradictions = reading.contradictions
        let ids = Set(reading.found.keys)
        // A total that is simply wrong does not make a list move: the same items twice are believed.
        let isSettled = reading.isClean || (!reading.isDisturbed && !reading.isTruncated && ids == last)
        last = ids
        listing.isConsistent = isSettled
        listing.items = Self.sorted(isSettled ? reading.found : union)
        listing.undelivered = reading.contradictions.reduce(0) { most, contradiction in
            guard case .short(let total, _) = contradiction else { return most }
            return max(most, total - Int64(listing.items.count + listing.outside + listing.malformed.count))
        }
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
