import Recordings

extension PlatformClient {
    /// So many pages are asked for before the first of them has been read, so that neither the way to the platform nor
    /// decoding leaves slots of the account's pace unused.
    private static var pagesAhead: Int { 3 }

    /// Reads a list to its end, again when it moved meanwhile, three times at most.
    ///
    /// - Parameter pageSize: items a page; the account's by default. A server may give fewer.
    /// - Throws: ``Refused`` or `Failure`.
    func list<Item: ListedItem>(
        _ path: String,
        _ filters: [(String, String)],
        in interval: Range<Timestamp>?,
        pageSize: Int? = nil,
        progress: Progress = .none,
        read: @escaping @Sendable (JSONValue) -> Result<Item, MalformedItem>
    ) async throws -> PagedListing<Item> {
        let filters = filters + [("max", String(pageSize ?? self.pageSize))]
        var readings = ListingReadings<Item>()
        while true {
            var reading = ListingReading(interval: interval, read: read)
            readings.count(request: try await readPages(of: path, filters, into: &reading, progress))
            if !readings.take(reading) { return readings.listing }
        }
    }

    /// Reads page after page until the reading is at its end. Returns how many were asked for.
    private func readPages<Item: ListedItem>(
        of path: String,
        _ filters: [(String, String)],
        into reading: inout ListingReading<Item>,
        _ progress: Progress
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: (Int, ListPage).self) { group in
            var asked = 0
            var arrived: [Int: ListPage] = [:]
            while true {
                // Pages are counted here, from 1 (OpenAPI file). Beyond the next one only those that the list has promised,
                // and none of a server that lists other days as well: most of those are never needed.
                let next = reading.pages + 1
                let promised = reading.filtersIgnored ? 0 : reading.promisedPages
                while asked < max(next, min(reading.pages + Self.pagesAhead, promised)) {
                    asked += 1
                    let number = asked
                    group.addTask { (number, try await page(number, of: path, filters)) }
                }
                while arrived[next] == nil, let (number, page) = try await group.next() { arrived[number] = page }
                guard let page = arrived.removeValue(forKey: next), reading.take(page) == .more else { break }
                progress.report(Int64(reading.seen), reading.total)
            }
            progress.report(Int64(reading.seen), reading.total)
            group.cancelAll()
            return asked
        }
    }

    private func page(_ number: Int, of path: String, _ filters: [(String, String)]) async throws -> ListPage {
        guard let page = ListPage(try await json(path, filters + [("page", String(number))])) else {
            throw Failure(
                .badAnswer,
                "\(address(path).shown) answers without a list of items",
                advice: "Check api.base_url"
            )
        }
        return page
    }
}
