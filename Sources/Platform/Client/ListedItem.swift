package import Recordings

/// An item of one of the platform's lists.
package protocol ListedItem: Sendable, Hashable {
    /// What makes it one item, however often it is listed.
    var identity: String { get }
    /// The moment that puts it into an interval; nil for lists that have none.
    var listedAt: Timestamp? { get }
}

/// An item that cannot be read: what can be said of it.
package struct MalformedItem: Codable, Hashable, Sendable, Error {
    /// The item's id, when that much is readable.
    package var id: RecordingID?
    /// What is wrong, for people.
    package var detail: String

    package init(id: RecordingID? = nil, detail: String) {
        self.id = id
        self.detail = detail
    }
}

/// What the platform lists in an interval, and how far that can be trusted.
package struct PagedListing<Item: ListedItem>: Sendable, Hashable {
    /// Each item once, those in the half-open interval only, in the order of time and identity.
    package var items: [Item] = []
    package var malformed: [MalformedItem] = []
    /// Items that were dropped because they lie outside the interval.
    package var outside = 0
    /// Whether a whole reading went by without the list moving under it. If not, after three readings, ``items`` holds
    /// what was seen in any of them, and something may be missing.
    package var isConsistent = true
    /// Whether the server answers with items from far outside the interval, as if there were no filter.
    package var filtersIgnored = false
    /// Whether the reading ended at the bound on pages and not at the list's end.
    package var isTruncated = false
    /// How often the list was read.
    package var readings = 0
    package var requests = 0

    package init() {}
}

/// The recordings that the platform lists.
package typealias Listing = PagedListing<ListedRecording>
