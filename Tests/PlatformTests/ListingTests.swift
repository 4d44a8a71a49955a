import Recordings
import Testing

@testable import Platform

/// The day 2018-04-05 in UTC.
private let day = Timestamp(secondsSinceEpoch: 1_522_886_400)..<Timestamp(secondsSinceEpoch: 1_522_972_800)

private func item(_ number: Int, at offset: Int64) -> JSONValue {
    .object([
        "id": .text("rec\(number)"),
        "dateCreated": .text(Timestamp(secondsSinceEpoch: 1_522_886_400 + offset).description),
    ])
}

private func page(
    _ items: [JSONValue],
    total: Int64? = nil,
    pages: Int64? = nil
) throws -> ListPage {
    var pagination: [String: JSONValue] = ["current": .integer(99)]
    pagination["total"] = total.map { .integer($0) }
    pagination["pages"] = pages.map { .integer($0) }
    return try #require(ListPage(.object(["items": .list(items), "pagination": .object(pagination)])))
}

private func reading(_ pages: ListPage..., limit: Int = 100) -> (ListingReading<ListedRecording>, Int) {
    var reading = ListingReading(interval: day, pageLimit: limit, read: ListedRecording.read)
    var taken = 0
    for page in pages {
        taken += 1
        if reading.take(page) == .end { break }
    }
    return (reading, taken)
}

@Suite("Reading a list page by page")
struct ListingReadingTests {
    @Test("total and pages end a list without an empty page")
    func ends() throws {
        let (result, taken) = reading(
            try page([item(1, at: 10), item(2, at: 20)], total: 3, pages: 2),
            try page([item(3, at: 30)], total: 3, pages: 2),
            try page([])
        )
        #expect(taken == 2)
        #expect(result.found.count == 3)
        #expect(result.isClean)
    }

    @Test("without pagination an empty page ends it")
    func noPagination() throws {
        let (result, taken) = reading(
            try page([item(1, at: 10)]),
            try page([item(2, at: 20)]),
            try page([]),
            try page([item(9, at: 1)])
        )
        #expect(taken == 3)
        #expect(result.found.count == 2)
        #expect(result.isClean)
    }

    @Test("a total that promises more than comes is noticed at the empty page")
    func missing() throws {
        let (result, _) = reading(try page([item(1, at: 10)], total: 2, pages: 1), try page([], total: 2))
        #expect(!result.isClean)
    }

    @Test("an id that comes twice, and a total that changes, are signs of a list that moves")
    func moving() throws {
        #expect(
            reading(try page([item(1, at: 10)]), try page([item(1, at: 10), item(2, at: 9)]), try page([])).0
                .isDisturbed
        )
        #expect(
            reading(try page([item(1, at: 10)], total: 2), try page([item(2, at: 10)], total: 3), try page([])).0
                .isDisturbed
        )
    }

    @Test("a server that always sends the same page is left")
    func samePage() throws {
        let same = try page([item(1, at: 10), item(2, at: 20)])
        let (result, taken) = reading(same, same, same)
        #expect(taken == 2)
        #expect(!result.isClean)
    }

    @Test("a server that does not page is left for its bytes, whatever one item without an id says anew each time")
    func endless() throws {
        func odd(_ number: Int) throws -> ListPage {
            try page([item(1, at: 10), .object(["seen": .integer(Int64(number))])])
        }
        let (result, taken) = reading(try odd(1), try odd(2), try odd(3), try odd(4))
        #expect(taken == 2)
        #expect(result.contradictions == [.repeatedPage(page: 2)])
    }

    @Test("what a list says of itself and does not bear out is kept")
    func contradictions() throws {
        #expect(reading(try page([], total: 5, pages: 1)).0.contradictions == [.short(total: 5, listed: 0)])
        #expect(reading(try page([], pages: 4)).0.contradictions == [.emptyPage(page: 1, promised: 4)])
        #expect(reading(try page([], total: 0, pages: 1)).0.contradictions.isEmpty)
        #expect(reading(try page([item(1, at: 1)], total: 1, pages: 2), try page([])).0.contradictions.isEmpty)
        #expect(
            reading(try page([item(1, at: 1)], pages: 2), try page([])).0.contradictions
                == [.emptyPage(page: 2, promised: 2)]
        )
        #expect(
            reading(try page([item(1, at: 1)], total: .max, pages: .max), try page([])).0.contradictions.count == 2
        )
    }

    @Test("the interval is half open: what starts at its end belongs to the next day, and is no ignored filter")
    func halfOpen() throws {
        let (result, _) = reading(try page([item(1, at: 0), item(2, at: 86_400), item(3, at: 86_399)]), try page([]))
        #expect(result.found.keys.sorted() == ["rec1", "rec3"])
        #expect(result.outside == 1)
        #expect(!result.filtersIgnored)
    }

    /// Items a thousand seconds apart, from `first` seconds into the day on, earlier and earlier or later and later.
    private func run(_ numbers: Range<Int>, from first: Int64, by step: Int64) -> [JSONValue] {
        numbers.map { item($0, at: first + Int64($0 - numbers.lowerBound) * step) }
    }

    @Test("newest first and without filters, it reads on to the interval and no further than it must")
    func ignoredDescending() throws {
        let (result, taken) = reading(
            try page(run(0..<10, from: 100_000, by: -1000), total: 1000),
            try page(run(10..<20, from: 80_000, by: -1000), total: 1000),
            try page(run(20..<30, from: -10, by: -1000), total: 1000),
            try page(run(30..<40, from: -20_000, by: -1000), total: 1000)
        )
        #expect(taken == 3)
        #expect(result.found.count == 10)
        #expect(result.filtersIgnored)
        #expect(result.isClean)
        #expect(result.outside == 20)
    }

    @Test("oldest first and without filters, it ends behind the interval")
    func ignoredAscending() throws {
        let (result, taken) = reading(
            try page(run(0..<10, from: -5000, by: 1000)),
            try page(run(10..<20, from: 90_000, by: 1000)),
            try page(run(20..<30, from: 110_000, by: 1000))
        )
        #expect(taken == 2)
        #expect(result.found.count == 5)
        #expect(result.filtersIgnored)
    }

    @Test("a few items in a row do not make a sorted list")
    func chance() throws {
        let (result, taken) = reading(
            try page([item(1, at: 90_000), item(2, at: 91_000)]),
            try page([item(3, at: 10)]),
            try page([])
        )
        #expect(taken == 3)
        #expect(result.found.count == 1)
    }

    @Test("unsorted and without filters, it reads everything")
    func ignoredUnsorted() throws {
        let (result, taken) = reading(
            try page([item(1, at: -200), item(2, at: 90_000), item(3, at: -300)]),
            try page([item(4, at: -500), item(5, at: -400)]),
            try page([item(6, at: 10)]),
            try page([])
        )
        #expect(taken == 4)
        #expect(result.found.count == 1)
    }

    @Test("a list without an end is left at the bound, and that is said")
    func bound() throws {
        var endless = ListingReading(interval: day, pageLimit: 50, read: ListedRecording.read)
        var number = 0
        while endless.take(try page([item(number, at: Int64(number))])) == .more { number += 1 }
        #expect(endless.isTruncated)
        #expect(endless.pages == 50)
        #expect(!endless.isClean)
    }

    @Test("one malformed item is an entry, and not the end")
    func malformed() throws {
        let broken: [JSONValue] = [
            .text("?"), .object([:]), .object(["id": .text("REC-7")]), .object(["id": .text("../x")]),
        ]
        let (result, _) = reading(try page(broken + [item(1, at: 10)], total: 5, pages: 1), try page([]))
        #expect(result.found.count == 1)
        #expect(result.malformed.count == 4)
        #expect(result.malformed.compactMap(\.id?.text) == ["rec7"])
        #expect(result.isClean)
    }
}

@Suite("Several readings of one list")
struct ListingReadingsTests {
    private func finish(_ readings: (ListingReading<ListedRecording>, Int)...) -> (Listing, asked: Int) {
        var all = ListingReadings<ListedRecording>()
        var asked = 0
        for reading in readings {
            asked += 1
            if !all.take(reading.0) { break }
        }
        return (all.listing, asked)
    }

    @Test("a clean reading is enough")
    func one() throws {
        let clean = reading(try page([item(2, at: 20), item(1, at: 10)], total: 2, pages: 1))
        let (listing, asked) = finish(clean, clean)
        #expect(asked == 1)
        #expect(listing.isConsistent)
        #expect(listing.items.map(\.id.text) == ["rec1", "rec2"])
    }

    @Test("a list that moved is read again, and the clean reading counts")
    func again() throws {
        let moved = reading(
            try page([item(1, at: 10)], total: 2),
            try page([item(1, at: 10)], total: 3),
            try page([], total: 3)
        )
        let clean = reading(try page([item(1, at: 10), item(2, at: 20)], total: 2, pages: 1))
        let (listing, asked) = finish(moved, clean)
        #expect(asked == 2)
        #expect(listing.isConsistent)
        #expect(listing.items.count == 2)
    }

    @Test("after three readings of a moving list, all that was seen is listed, and it is said")
    func three() throws {
        func moved(_ number: Int) throws -> (ListingReading<ListedRecording>, Int) {
            reading(
                try page([item(number, at: 10)], total: 5),
                try page([item(9, at: 20)], total: 6),
                try page([], total: 6)
            )
        }
        let (listing, asked) = finish(try moved(1), try moved(2), try moved(3), try moved(4))
        #expect(asked == 3)
        #expect(!listing.isConsistent)
        #expect(listing.items.map(\.id.text) == ["rec1", "rec2", "rec3", "rec9"])
    }

    @Test("a total that is simply wrong is believed no more when two readings agree")
    func wrongTotal() throws {
        let wrong = reading(try page([item(1, at: 10)], total: 7, pages: 1), try page([], total: 7))
        let (listing, asked) = finish(wrong, wrong, wrong)
        #expect(asked == 2)
        #expect(listing.isConsistent)
    }
}

@Suite("One listed recording")
struct ListedRecordingTests {
    /// The help centre's sample item, its agent's name replaced.
    private let sample = """
        { "id": "0ed866c1f8b44727827daaaf7e7b098c",
          "dateCreated": "2018-04-05T08:11:09.000Z", "lastUpdated": "2018-04-05T08:13:05.000Z",
          "duration": 117504,
          "url": "https://services.babelforce.com/recording/a4e00fbc/0ed866c1f8b44727827daaaf7e7b098c/stream.wav",
          "tags": [],
          "file": { "id": "1c0bac703b8344bdb329f44425511264", "state": "stored",
                    "name": "0ed866c1f8b44727827daaaf7e7b098c.mp3", "size": 352512, "contentType": "audio/mpeg" },
          "state": "stored",
          "call": { "id": "de6c47fa053443d6a0e5adc871b18bd3", "conversationId": "9712cb2b99f147d69bb810e87df46c47",
                    "type": "OUTBOUND", "from": "999189807045", "to": "999189807048" },
          "agent": { "id": "f67c01ac4ef6487fa2a4420b3b713ed8", "name": "An Agent", "number": "9991898070" },
          "_url": "https://services.babelforce.com/api/v2/recordings/0ed866c1f8b44727827daaaf7e7b098c" }
        """

    private func read(_ text: String) throws -> ListedRecording {
        let bytes = Array(text.utf8)
        let value = try #require(JSONValue(bytes))
        return try ListedRecording.read(value).get()
    }

    @Test("the help centre's sample is read whole")
    func helpCentre() throws {
        let recording = try read(sample)
        #expect(recording.id.text == "0ed866c1f8b44727827daaaf7e7b098c")
        #expect(recording.dateCreated.description == "2018-04-05T08:11:09.000Z")
        #expect(recording.duration == 117_504)
        #expect(recording.file?.size == 352_512)
        #expect(recording.file?.id == "1c0bac703b8344bdb329f44425511264")
        #expect(recording.file?.contentType == "audio/mpeg")
        #expect(recording.call?.direction == .outbound)
        #expect(recording.call?.from == "999189807045")
        #expect(recording.call?.conversationID == "9712cb2b99f147d69bb810e87df46c47")
        #expect(
            recording.agent
                == Recording.Agent(
                    id: "f67c01ac4ef6487fa2a4420b3b713ed8",
                    name: "An Agent",
                    number: "9991898070"
                )
        )
        #expect(recording.tags == [])
        #expect(recording.availability == .stored)
    }

    @Test("the specification's form is read too: UUIDs, lower case, numbers as text, nulls")
    func specification() throws {
        let recording = try read(
            """
            {"id": "0ED866C1-F8B4-4727-827D-AAAF7E7B098C", "dateCreated": "2018-04-05T10:11:09+02:00",
             "duration": "117.5", "url": null, "tags": ["a", {"name": "b"}, 7, null], "agent": null,
             "file": {"size": "352512", "state": "STORED"}, "call": {"type": "inbound", "from": 999189807045}}
            """
        )
        #expect(recording.id.text == "0ed866c1f8b44727827daaaf7e7b098c")
        #expect(recording.dateCreated.description == "2018-04-05T08:11:09.000Z")
        #expect(recording.duration == 117.5)
        #expect(recording.url == nil)
        #expect(recording.file?.size == 352_512)
        #expect(recording.call?.direction == .inbound)
        #expect(recording.call?.from == "999189807045")
        #expect(recording.agent == nil)
        #expect(recording.tags == ["a", "b", "7"])
    }

    @Test(
        "the worse of the two states counts",
        arguments: [
            ("stored", "stored", ListedRecording.Availability.stored), ("stored", "storing", .pending("storing")),
            ("recording", nil, .pending("recording")), ("stopped", "stored", .pending("stopped")),
            ("stored", "missing", .failed("missing")), ("failed", "stored", .failed("failed")),
            ("deleted", "missing", .deleted), (nil, nil, .stored), ("archived", nil, .stored),
        ] as [(String?, String?, ListedRecording.Availability)]
    )
    func availability(state: String?, file: String?, expected: ListedRecording.Availability) throws {
        var recording = ListedRecording(id: try #require(RecordingID("a1")), dateCreated: day.lowerBound)
        recording.state = state
        recording.file = ListedRecording.File()
        recording.file?.state = file
        #expect(recording.availability == expected)
    }
}
