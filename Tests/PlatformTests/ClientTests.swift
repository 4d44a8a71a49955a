import Foundation
import Platform
import PlatformSimulator
import Recordings
import Testing

@Suite("The client lists recordings")
struct ClientListingTests {
    @Test("a day of many pages is read page by page, in order")
    func pages() async throws {
        try await Scene.run {
            $0.addRecordings(25)
        } _: { scene in
            let listing = try await scene.client(pageSize: 10).recordings(in: Scene.day)
            #expect(listing.items.map(\.id.text) == (0..<25).map { "rec\($0)" })
            #expect(listing.isConsistent)
            #expect(!listing.filtersIgnored)
            #expect(listing.requests == 3)
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("an empty day takes one request")
    func empty() async throws {
        try await Scene.run { scene in
            let listing = try await scene.client().recordings(in: Scene.day)
            #expect(listing.items.isEmpty)
            #expect(listing.isConsistent)
            #expect(listing.requests == 1)
        }
    }

    @Test("what is not stored yet is listed too, and what starts at the next midnight is not")
    func states() async throws {
        try await Scene.run {
            $0.addRecordings(1)
            $0.recordings.append(.init(id: "aa", startedAt: Scene.day.lowerBound, fields: ["state": "recording"]))
            $0.recordings.append(.init(id: "bb", startedAt: Scene.day.upperBound))
            $0.recordings.append(.init(id: "cc", startedAt: Scene.day.lowerBound.advanced(byMilliseconds: -1)))
        } _: { scene in
            let listing = try await scene.client().recordings(in: Scene.day)
            #expect(listing.items.map(\.id.text) == ["aa", "rec0"])
            #expect(listing.items.first?.availability == .pending("recording"))
            #expect(listing.outside == 1)
            #expect(!listing.filtersIgnored)
        }
    }

    @Test("missing pagination and a wrong current page are survived")
    func pagination() async throws {
        try await Scene.run {
            $0.addRecordings(25)
        } _: { scene in
            for kind in [Fault.Kind.missingPagination(), .wrongCurrent(1)] {
                scene.simulator.setFaults([Fault(kind, at: .recordings)])
                let listing = try await scene.client(pageSize: 10).recordings(in: Scene.day)
                #expect(listing.items.count == 25)
            }
        }
    }

    @Test("a server that ignores the filters is noticed, and the day is whole all the same")
    func filters() async throws {
        try await Scene.run {
            $0.addRecordings(25)
            for number in 0..<300 {
                let offset: Int64 = number < 20 ? 90_000_000 : -3_600_000 * Int64(number)
                $0.recordings.append(
                    .init(id: "other\(number)", startedAt: Scene.day.lowerBound.advanced(byMilliseconds: offset))
                )
            }
        } _: { scene in
            scene.simulator.setFaults([Fault(.ignoreFilters, at: .recordings)])
            let listing = try await scene.client(pageSize: 10).recordings(in: Scene.day)
            #expect(listing.items.count == 25)
            #expect(listing.filtersIgnored)
            #expect(listing.isConsistent)
            // 20 newer ones, 25 of the day, and one page of older ones: not all 33 pages.
            #expect(listing.requests <= 6)
        }
    }

    @Test("pages that shift under the reader are read again; a list that never rests is reported")
    func shifting() async throws {
        try await Scene.run {
            $0.addRecordings(25)
        } _: { scene in
            scene.simulator.setFaults([Fault(.shiftingPages(by: 2), at: .recordings, count: 2)])
            let listing = try await scene.client(pageSize: 10).recordings(in: Scene.day)
            #expect(listing.items.count == 25)
            #expect(listing.isConsistent)
            #expect(listing.readings == 2)

            scene.simulator.setFaults([Fault(.shiftingPages(by: 2), at: .recordings)])
            let restless = try await scene.client(pageSize: 10).recordings(in: Scene.day)
            #expect(restless.readings == 3)
            #expect(!restless.isConsistent)
        }
    }

    @Test("a malformed item is one entry, and the rest is there")
    func malformed() async throws {
        try await Scene.run {
            $0.addRecordings(5)
        } _: { scene in
            scene.simulator.setFaults([Fault(.malformedItem(at: 2), at: .recordings)])
            let listing = try await scene.client().recordings(in: Scene.day)
            #expect(listing.items.count == 4)
            #expect(listing.malformed.count == 1)
            #expect(listing.malformed.first?.id?.text == "17")
            #expect(listing.isConsistent)
        }
    }

    @Test(
        "passing trouble is waited out",
        arguments: [
            Fault.Kind.status(429, retryAfter: .seconds(3)), .status(503, retryAfter: .seconds(3)), .status(502),
            .status(504), .hangUp, .html, .cutBody(afterBytes: 20),
        ]
    )
    func trouble(kind: Fault.Kind) async throws {
        try await Scene.run {
            $0.addRecordings(2)
        } _: { scene in
            scene.simulator.setFaults([Fault(kind, at: .recordings, count: 2)])
            let listing = try await scene.client().recordings(in: Scene.day)
            #expect(listing.items.count == 2)
            #expect(scene.count(.recordings) == 3)
            if case .status(_, retryAfter: .some) = kind { #expect(scene.time.sleptSeconds >= 6) }
        }
    }

    @Test("a Retry-After that is a date is kept")
    func date() async throws {
        let clock = SystemTime()
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.status(429, retryAfter: .date(inSeconds: 20)), at: .recordings, count: 1)]
            )
            // The simulator's clock goes on from here, while the test's stands still.
            scene.simulator.setClock(to: scene.time.now())
            let start = clock.now()
            _ = try await scene.client().recordings(in: Scene.day)
            let passed = Double(clock.now().millisecondsSinceEpoch - start.millisecondsSinceEpoch) / 1000
            #expect((15...(25 + passed)).contains(scene.time.sleptSeconds))
        }
    }

    @Test("a Retry-After beyond the longest wait ends as unreachable, and holds for the next run")
    func tooLong() async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.status(429, retryAfter: .seconds(3600)), at: .recordings, count: 1)])
            let first = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(first?.code == .unreachable)
            let second = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(second?.code == .unreachable)
            #expect(scene.count(.recordings) == 1)
        }
    }

    @Test("trouble that does not pass ends as unreachable after the retries", arguments: [429, 500, 502, 503])
    func lasting(status: Int) async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.status(status), at: .recordings)])
            let failure = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(failure?.code == .unreachable)
            #expect(scene.count(.recordings) == (status == 500 ? 1 : 3))
        }
    }

    @Test("a web page that lasts is a bad answer")
    func page() async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.html, at: .recordings)])
            let failure = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(failure?.code == .badAnswer)
            #expect(failure?.message.contains("text/html") == true)
        }
    }

    @Test("an answer that never comes ends by timeout")
    func silence() async throws {
        var options = AsyncHTTPTransport.Options()
        options.readTimeoutSeconds = 1
        try await Scene.run(transport: options) { scene in
            scene.simulator.setFaults([Fault(.slowFirstByte(.gate("never")), at: .recordings)])
            let failure = await #expect(throws: Failure.self) {
                try await scene.client(.bearer(Secret("the bearer token")), retry: RetryPolicy(retries: 1))
                    .recordings(in: Scene.day)
            }
            #expect(failure?.code == .unreachable)
            #expect(scene.count(.recordings) == 2)
        }
    }

    @Test("a cancelled task ends at once, and as cancelled")
    func cancelled() async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.slowFirstByte(.gate("never")), at: .recordings)])
            let client = try scene.client()
            let task = Task { try await client.recordings(in: Scene.day) }
            await scene.simulator.gateReached("never")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

@Suite("The client reads what belongs to recordings")
struct ClientOtherTests {
    @Test("the call log tells source, queue, agent and recordings")
    func callLog() async throws {
        try await Scene.run {
            $0.calls = [
                [
                    "id": "DE6C47FA-0534-43D6-A0E5-ADC871B18BD3", "dateCreated": "2018-04-05T08:11:05.000Z",
                    "type": "inbound", "source": "queue", "duration": 117, "conversationId": "c1",
                    "bridged": ["queueName": "Support", "queueId": "q1", "agent": "An Agent"],
                    "recordings": ["0ed866c1f8b44727827daaaf7e7b098c"],
                ],
                ["id": "other", "dateCreated": "2018-04-06T00:00:00.000Z"],
            ]
        } _: { scene in
            guard case .readable(let log) = try await scene.client().callLog(in: Scene.day) else {
                Issue.record("it cannot be read")
                return
            }
            let call = try #require(log.items.first)
            #expect(log.items.count == 1)
            #expect(call.id == "de6c47fa053443d6a0e5adc871b18bd3")
            #expect(call.source == "queue")
            #expect(call.queueName == "Support")
            #expect(call.agent?.name == "An Agent")
            #expect(call.direction == .inbound)
            #expect(call.duration == 117)
            #expect(call.recordings.map(\.text) == ["0ed866c1f8b44727827daaaf7e7b098c"])
        }
    }

    @Test("a call log that may not be read is no failure", arguments: [403, 404])
    func noCallLog(status: Int) async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([
                Fault(.status(status), at: .calls), Fault(.status(status), at: .retention),
            ])
            guard case .unreadable = try await scene.client().callLog(in: Scene.day) else {
                Issue.record("it was read")
                return
            }
            #expect(try await scene.client().retentionPeriods() == nil)
        }
    }

    @Test("the retention settings are read")
    func retention() async throws {
        try await Scene.run {
            $0.retention = ["defaultPeriod": 365, "recordingFiles": 90]
        } _: { scene in
            let periods = try #require(try await scene.client().retentionPeriods())
            #expect(periods.recordingFiles == 90)
            #expect(periods.defaultPeriod == 365)
            #expect(periods.calls == nil)
        }
    }

    @Test("a stored file is found by query, and downloaded from another host without credentials")
    func files() async throws {
        let bytes = noise(200_000)
        try await Scene.run {
            $0.files = [
                .init(
                    fields: ["id": "0af1", "filename": "dialer-2018-04-05.tar.gz", "type": "backup"],
                    content: .bytes(Data(bytes))
                ),
                .init(fields: ["id": "0af2", "filename": "dialer-2018-04-06.tar.gz"], content: .bytes(Data())),
            ]
        } _: { scene in
            let client = try scene.client()
            let listing = try await client.files(query: "dialer-2018-04-05", type: "backup")
            let file = try #require(listing.items.first)
            #expect(listing.items.count == 1)
            #expect(file.size == 200_000)
            let outcome = try await scene.download().fetch(
                .init(
                    url: client.address(ofFile: file.id),
                    destination: scene.folder.file("a"),
                    authorization: .platform(client)
                )
            )
            guard case .downloaded(let receipt) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(receipt.bytes == 200_000)
            #expect(scene.folder.contents("a") == bytes)
            #expect(scene.simulator.requests(to: .storedFile).map(\.credentials) == [.none])
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("many files come as one ZIP, by GET and, when there are very many, by POST")
    func bulk() async throws {
        try await Scene.run {
            $0.addRecordings(3, audio: .bytes(Data(noise(1000))))
        } _: { scene in
            let client = try scene.client()
            let ids = try await client.recordings(in: Scene.day).items.compactMap(\.file?.id)
            for list in [ids, ids + (0..<200).map { "00000000000000000000000000000\($0)" }] {
                let collector = Collector()
                let outcome = try await client.archive(ofFiles: list) { collector.take($0) }
                guard case .received = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                // A ZIP's first local header (APPNOTE.TXT, section 4.3.7).
                #expect(collector.bytes.prefix(4) == [0x50, 0x4B, 0x03, 0x04])
            }
            #expect(scene.simulator.requests(to: .filesBulk).map(\.method) == ["GET", "POST"])
        }
    }
}
