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
    /// Where what the platform says of its list and what it lists do not agree, so that something may be missing.
    package var contradictions: [ListContradiction] = []
    /// How many items the platform's own total counts beyond those that it lists.
    package var undelivered: Int64 = 0
    /// How often the list was read.
    package var readings = 0
    package var requests = 0

    package init() {}

    /// Whether nothing speaks against ``items`` being all that the platform has, apart from items that cannot be read.
    package var isWhole: Bool { isConsistent && !isTruncated && contradictions.isEmpty }
}

/// Something that a list says of itself and that its items do not bear out.
package enum ListContradiction: Hashable, Sendable {
    /// An answer says `success: false`; with the platform's words, where it has any.
    case unsuccessful(page: Int, message: String?)
    /// A page is empty, and the platform says that the list has so many.
    case emptyPage(page: Int, promised: Int64)
    /// A page lists nothing that was not listed before.
    case repeatedPage(page: Int)
    /// The platform counts more than it lists.
    case short(total: Int64, listed: Int)
}

extension ListContradiction: CustomStringConvertible {
    /// What the platform said, as the end of a message.
    package var description: String {
        switch self {
        case .unsuccessful(let page, let message):
            "the platform answers page \(page) with success: false" + (message.map { " (\($0))" } ?? "")
        case .emptyPage(let page, let promised):
            "the platform says that the list has \(promised) pages, and page \(page) is empty"
        case .repeatedPage(let page): "page \(page) of the platform's list brings nothing new, and is taken for its end"
        case .short(let total, let listed):
            "the platform says that there are \(total), and lists \(listed)"
        }
    }
}

/// The recordings that the platform lists.
package typealias Listing = PagedListing<ListedRecording>
