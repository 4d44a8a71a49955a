import Recordings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct `Merging a day` {
    private let day = Samples.day

    private func dialer(
        _ recordings: [Recording],
        archive: UInt8 = 7,
        exceptions: [Exception] = [],
        state: SourceState = .complete,
        source: String = "outbound"
    ) -> DayPart {
        var part = PartSource(name: source, kind: .directory, state: state)
        if part.hasAnswered {
            part.archives = [.init(name: "\(source).tar.gz", sizeBytes: 1, sha256: Samples.digest(archive))]
        }
        part.members = recordings.flatMap(\.sources).count + exceptions.count { $0.reason.concernsMember }
        return DayPart(sources: [part], recordings: recordings, exceptions: exceptions)
    }

    private func api(_ recordings: [Recording], exceptions: [Exception] = [], state: SourceState = .complete) -> DayPart
    {
        DayPart(
            sources: [PartSource(name: "api", kind: .api, state: state, members: recordings.count + exceptions.count)],
            recordings: recordings,
            exceptions: exceptions
        )
    }

    private func file(
        _ name: String,
        _ bytes: UInt8,
        archive: UInt8 = 7,
        at start: String = "2018-04-05T08:11:09Z",
        from origin: StartOrigin = .filename,
        id: String? = nil,
        source: String = "outbound"
    ) -> Recording {
        Samples.recording(
            id ?? "dlr-\(name)",
            Samples.digest(bytes),
            at: start,
            from: origin,
            sources: [Samples.delivery(name, archive: archive, source: source)]
        )
    }

    private func published(_ result: DayMerge.Result) -> DayMerge.PublishedPart {
        .init(sources: result.sources, recordings: result.recordings, exceptions: result.exceptions)
    }

    private func expectAccounts(_ result: DayMerge.Result, _ place: SourceLocation = #_sourceLocation) {
        for source in result.sources {
            #expect(
                source.members == source.published + source.duplicates + source.moved + source.exceptions,
                sourceLocation: place
            )
        }
    }

    @Test func `joins a dialer file to the API recording that has its bytes and its time`() throws {
        let result = DayMerge(
            day: day,
            parts: [
                dialer([file("x", 1, at: "2018-04-05T08:16:09Z")]), api([Samples.recording("a", Samples.digest(1))]),
            ]
        ).merged()
        #expect(result.recordings.map(\.recordingID) == [Samples.id("a")])
        #expect(result.recordings[0].sources.map(\.sourceName) == ["api", "outbound"])
        let outbound = try #require(result.sources.first { $0.name == "outbound" })
        #expect((outbound.published, outbound.duplicates) == (0, 1))
        expectAccounts(result)
    }

    @Test func `keeps equal bytes apart that lie more than five minutes apart`() throws {
        let result = DayMerge(
            day: day,
            parts: [
                dialer([file("x", 1, at: "2018-04-05T08:16:10Z")]), api([Samples.recording("a", Samples.digest(1))]),
            ]
        ).merged()
        #expect(result.recordings.count == 2)
        expectAccounts(result)
    }

    @Test func `joins a dialer file of unknown start by its bytes alone`() throws {
        let result = DayMerge(
            day: day,
            parts: [
                dialer([file("x", 1, at: "2018-04-04T22:00:00Z", from: .day)]),
                api([Samples.recording("a", Samples.digest(1))]),
            ]
        ).merged()
        #expect(result.recordings.count == 1)
    }

    @Test func `joins nothing where the match is not one to one`() throws {
        let two = [Samples.recording("a", Samples.digest(1)), Samples.recording("b", Samples.digest(1))]
        let result = DayMerge(day: day, parts: [dialer([file("x", 1)]), api(two)]).merged()
        #expect(result.recordings.count == 3)
        let files = [file("x", 1), file("y", 1)]
        let other = DayMerge(
            day: day,
            parts: [dialer(files), api([Samples.recording("a", Samples.digest(1))])]
        ).merged()
        #expect(other.recordings.count == 3)
        expectAccounts(other)
    }

    @Test func `publishes the same file of two archives once`() throws {
        let parts = [
            dialer([file("x", 1)]), dialer([file("x", 1, archive: 8, source: "power")], archive: 8, source: "power"),
        ]
        let result = DayMerge(day: day, parts: parts).merged()
        #expect(result.recordings.count == 1)
        #expect(result.sources.map(\.published) == [1, 0])
        #expect(result.sources.map(\.duplicates) == [0, 1])
    }

    @Test func `names the loser where one id has two contents, whichever came first`() throws {
        let winner = Samples.recording("a", Samples.digest(1))
        let loser = file("x", 2, id: "a")
        let together = DayMerge(day: day, parts: [dialer([loser]), api([winner])]).merged()
        #expect(together.recordings == [winner])
        #expect(together.exceptions.map(\.reason) == [.conflict])
        #expect(together.exceptions[0].sha256 == Samples.digest(2))
        expectAccounts(together)

        let first = DayMerge(day: day, parts: [dialer([loser])]).merged()
        let late = DayMerge(
            day: day,
            published: published(first),
            parts: [dialer([loser]), api([winner])]
        ).merged()
        #expect(late.recordings == together.recordings)
        #expect(late.exceptions == together.exceptions)
    }

    @Test func `gives the same whether its parts came together or one after the other`() throws {
        let files = [file("x", 1), file("y", 2, at: "2018-04-05T10:00:00Z"), file("z", 3, id: "b")]
        let items = [Samples.recording("a", Samples.digest(1)), Samples.recording("b", Samples.digest(4))]
        let together = DayMerge(day: day, parts: [dialer(files), api(items)]).merged()
        for order in [[dialer(files), api(items)], [api(items), dialer(files)]] {
            let first = DayMerge(day: day, parts: [order[0]]).merged()
            // Only the second part is there now; of the first the bag alone knows.
            let second = DayMerge(day: day, published: published(first), parts: [order[1]]).merged()
            #expect(second.recordings == together.recordings)
            #expect(second.sources == together.sources)
            #expect(Set(second.exceptions) == Set(together.exceptions))
        }
    }

    @Test func `again changes nothing`() throws {
        let parts = [dialer([file("x", 1), file("y", 2)]), api([Samples.recording("a", Samples.digest(1))])]
        let first = DayMerge(day: day, parts: parts).merged()
        let second = DayMerge(day: day, published: published(first), parts: parts).merged()
        #expect(second.recordings == first.recordings)
        #expect(second.sources == first.sources)
    }

    @Test func `keeps what is published when a source cannot be asked`() throws {
        let first = DayMerge(
            day: day,
            parts: [dialer([file("x", 1)]), api([Samples.recording("a", Samples.digest(2))])]
        ).merged()
        let second = DayMerge(
            day: day,
            published: published(first),
            parts: [dialer([], state: .notReady), api([], state: .failed)]
        ).merged()
        #expect(second.recordings == first.recordings)
        #expect(second.sources == first.sources)
    }

    @Test func `adds a second archive to what the first brought`() throws {
        let first = DayMerge(day: day, parts: [dialer([file("x", 1)])]).merged()
        let second = DayMerge(
            day: day,
            published: published(first),
            parts: [dialer([file("y", 2, archive: 8)], archive: 8)]
        ).merged()
        #expect(second.recordings.count == 2)
        #expect(second.sources[0].archives.map(\.sha256) == [Samples.digest(7), Samples.digest(8)])
        #expect((second.sources[0].members, second.sources[0].published) == (2, 2))
    }

    @Test func `hands recordings of a neighbouring day on, and counts them as moved`() throws {
        var moved = file("late", 3, at: "2018-04-05T22:00:10Z")
        moved.day = day.advanced(by: 1)
        let result = DayMerge(day: day, parts: [dialer([file("x", 1), moved])]).merged()
        #expect(result.recordings.count == 1)
        #expect(result.movedOut == [moved])
        #expect(result.sources[0].moved == 1)
        expectAccounts(result)

        let neighbour = DayMerge(
            day: moved.day,
            parts: [DayPart(sources: [PartSource(name: "outbound", kind: .directory, state: .notAttempted)])],
            movedIn: [moved]
        ).merged()
        #expect(neighbour.recordings == [moved])
        #expect(neighbour.sources[0].members == 0)
        #expect(neighbour.sources[0].state == .notAttempted)
    }

    @Test func `calls a source partial while something of it is missing, and complete when it came`() throws {
        var pending = Exception(day: day, source: "api", reason: .pending, detail: "the platform says: storing")
        pending.recordingID = Samples.id("a")
        let first = DayMerge(day: day, parts: [api([], exceptions: [pending])]).merged()
        #expect(first.sources[0].state == .partial)
        let second = DayMerge(
            day: day,
            published: published(first),
            parts: [api([Samples.recording("a", Samples.digest(1))])]
        ).merged()
        #expect(second.exceptions.isEmpty)
        #expect(second.sources[0].state == .complete)
    }

    @Test func `says that an item is deleted which was pending and is listed no longer`() throws {
        var pending = Exception(day: day, source: "api", reason: .pending, detail: "the platform says: storing")
        pending.recordingID = Samples.id("a")
        let first = DayMerge(day: day, parts: [api([], exceptions: [pending])]).merged()
        let second = DayMerge(day: day, published: published(first), parts: [api([])]).merged()
        #expect(second.exceptions.map(\.reason) == [.deletedUpstream])
        expectAccounts(second)
    }

    @Test func `calls no source settled whose account does not add up, and says what is missing`() {
        var part = dialer([file("x", 1)])
        part.sources[0].members = 2
        let result = DayMerge(day: day, parts: [part]).merged()
        #expect(result.sources[0].state == .partial)
        #expect(result.sources[0].detail == "the archives have 2 members, and 1 are accounted for")
        #expect(result.recordings.count == 1)
    }

    @Test func `prefers whole audio to the same audio out of a suspect archive`() throws {
        var suspect = file("x", 1)
        suspect.verdict = .degraded
        suspect.defects = [Defect(.archiveCRC, "…")]
        let parts = [
            dialer([suspect]), dialer([file("x", 1, archive: 8, source: "power")], archive: 8, source: "power"),
        ]
        let result = DayMerge(day: day, parts: parts).merged()
        #expect(result.recordings.map(\.verdict) == [.verified])
        #expect(result.recordings[0].sources.count == 2)
    }

    @Test func `keeps both when the API gives other bytes for a recording, and says so from then on`() throws {
        let first = DayMerge(day: day, parts: [api([Samples.recording("a", Samples.digest(1))])]).merged()
        let parts = [api([Samples.recording("a", Samples.digest(2))])]
        let second = DayMerge(day: day, published: published(first), parts: parts).merged()
        #expect(second.recordings.map(\.sha256) == [Samples.digest(2)])
        #expect(second.exceptions.map(\.reason) == [.conflict])
        #expect(second.exceptions.map(\.sha256) == [Samples.digest(1)])
        let third = DayMerge(day: day, published: published(second), parts: parts).merged()
        #expect(third.exceptions == second.exceptions)
        #expect(third.sources == second.sources)
    }

    @Test func `does not put damaged audio in the place of whole audio`() throws {
        let first = DayMerge(day: day, parts: [api([Samples.recording("a", Samples.digest(1))])]).merged()
        var damaged = Samples.recording("a", Samples.digest(2))
        damaged.verdict = .degraded
        damaged.defects = [Defect(.truncated, "cut")]
        let second = DayMerge(day: day, published: published(first), parts: [api([damaged])]).merged()
        #expect(second.recordings.map(\.sha256) == [Samples.digest(1)])
        #expect(second.exceptions.map(\.sha256) == [Samples.digest(2)])
        let third = DayMerge(day: day, published: published(second), parts: [api([damaged])]).merged()
        #expect(third.exceptions == second.exceptions)
    }
}
