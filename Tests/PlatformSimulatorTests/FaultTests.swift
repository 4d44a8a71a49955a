import AsyncHTTPClient
import Foundation
import NIOHTTP1
import PlatformSimulator
import Recordings
import Testing

@Suite("Scripted faults")
struct FaultTests {
    @Test("A status comes as often as scripted, with Retry-After in seconds")
    func status() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.status(503, retryAfter: .seconds(7)), at: .recordings, count: 2)])
            for _ in 0..<2 {
                let reply = try await Client.send(simulator.recordingsURL)
                #expect(reply.status == 503)
                #expect(reply.headers["retry-after"] == "7")
                #expect(try reply.json()["code"]?.integer == 503)
            }
            #expect(try await Client.send(simulator.recordingsURL).status == 200)
            #expect(simulator.requests().map(\.faults) == [["status"], ["status"], []])
        }
    }

    @Test("Retry-After can be an HTTP date")
    func retryAfterDate() async throws {
        try await withSimulator { simulator async throws in
            let time = try #require(Timestamp(rfc3339: "1994-11-06T08:49:30Z"))
            simulator.setClock(to: time)
            simulator.setFaults([Fault(.status(429, retryAfter: .date(inSeconds: 7)), count: 1)])
            let reply = try await Client.send(simulator.recordingsURL)
            // The example of RFC 9110, section 5.6.7, or the second after it when the clock moved on meanwhile.
            let dates = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"]
            #expect(dates.contains(reply.headers["retry-after"] ?? ""))
        }
    }

    @Test("A web page with status 200 takes the place of audio")
    func html() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.html, at: .audio, count: 1)])
            let reply = try await Client.send(simulator.audioURL("r01"))
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"]?.hasPrefix("text/html") == true)
            #expect(reply.text.contains("<html>"))
        }
    }

    @Test("A cut body ends the connection after the bytes scripted, and the log says so")
    func cutBody() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.cutBody(afterBytes: 400), at: .audio, count: 1)])
            let response = try await Client.start("GET", simulator.audioURL("r01"))
            #expect(response.headers.first(name: "content-length") == "1000")
            await #expect(throws: (any Error).self) { try await response.body.collect(upTo: 10_000) }
            let logged = simulator.requests(to: .audio).first
            #expect(logged?.outcome == .cut)
            #expect(logged?.bytes == 400)
            #expect(try await Client.send(simulator.audioURL("r01")).body.count == 1000)
            #expect(simulator.violations().isEmpty)
        }
    }

    @Test("No answer at all is an error for the client")
    func hangUp() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.hangUp, at: .recordings, count: 1)])
            await #expect(throws: (any Error).self) { try await Client.send(simulator.recordingsURL) }
            #expect(try await Client.send(simulator.recordingsURL).status == 200)
        }
    }

    @Test("A declared length above the body's leaves the client without the rest")
    func wrongLength() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.wrongLength(by: 10), at: .audio, count: 1)])
            let response = try await Client.start("GET", simulator.audioURL("r01"))
            #expect(response.headers.first(name: "content-length") == "1010")
            await #expect(throws: (any Error).self) { try await response.body.collect(upTo: 10_000) }
        }
    }

    @Test("A declared length below the body's gives that many bytes")
    func shortLength() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.wrongLength(by: -10), at: .audio, count: 1)])
            let response = try await Client.start("GET", simulator.audioURL("r01"))
            #expect(response.headers.first(name: "content-length") == "990")
        }
    }

    @Test("A corrupted body differs in one bit")
    func corruptBody() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.corruptBody(at: 123), at: .audio, count: 1)])
            let spoilt = try await Client.send(simulator.audioURL("r01")).body
            let whole = Account.StoredRecording.sampleBytes(id: "r01")
            let differing = zip(spoilt, whole).enumerated().filter { $0.element.0 != $0.element.1 }
            #expect(differing.map(\.offset) == [123])
            #expect(differing.map { ($0.element.0 ^ $0.element.1).nonzeroBitCount } == [1])
        }
    }

    @Test("A wrong digest is sent in the header, and stands in a checksum file")
    func wrongDigest() async throws {
        let sum = String(repeating: "ab", count: 32) + "  a.zip\n"
        var account = Account.sample()
        account.archives = ["a.zip": .bytes(Data("archive".utf8)), "a.zip.sha256": .bytes(Data(sum.utf8))]
        try await withSimulator(account) { simulator async throws in
            simulator.setFaults([Fault(.wrongDigest, at: .archive, count: 2)])
            let archive = try await Client.send(simulator.baseURL + "/archives/a.zip", headers: [:])
            #expect(archive.headers["repr-digest"]?.hasPrefix("sha-256=:") == true)
            #expect(archive.text == "archive")
            let spoilt = try await Client.send(simulator.baseURL + "/archives/a.zip.sha256", headers: [:])
            #expect(spoilt.text.hasSuffix("  a.zip\n"))
            #expect(spoilt.text.count == sum.count)
            #expect(spoilt.text != sum)
            #expect(try await Client.send(simulator.baseURL + "/archives/a.zip.sha256", headers: [:]).text == sum)
        }
    }

    @Test("An expired token stays expired")
    func expiredToken() async throws {
        try await withSimulator { simulator async throws in
            let token = Client.bearer(try await Client.signIn(simulator).json()["access_token"]?.text)
            simulator.setFaults([Fault(.expiredToken, at: .audio, count: 1)])
            #expect(try await Client.send(simulator.audioURL("r01"), headers: token).status == 401)
            #expect(try await Client.send(simulator.audioURL("r01"), headers: token).status == 401)
            let next = Client.bearer(try await Client.signIn(simulator).json()["access_token"]?.text)
            #expect(try await Client.send(simulator.audioURL("r01"), headers: next).status == 200)
        }
    }

    @Test("Audio can be redirected to the storage host, which must get no credentials")
    func redirect() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.redirect(), at: .audio, count: 1)])
            let reply = try await Client.send(simulator.audioURL("r01"))
            #expect(reply.status == 302)
            let location = try #require(reply.headers["location"])
            #expect(location.hasPrefix(simulator.storageURL))
            let audio = try await Client.send(location, headers: [:])
            #expect(audio.body == Account.StoredRecording.sampleBytes(id: "r01"))
            #expect(simulator.violations().isEmpty)
        }
    }

    @Test("Nothing comes before the first byte's time")
    func slowFirstByte() async throws {
        let clock = ManualClock(start: Timestamp(secondsSinceEpoch: dayStart))
        var options = PlatformSimulator.Options()
        options.clock = clock
        var account = Account.sample()
        account.latencyMilliseconds = 50
        try await withSimulator(account, options: options) { simulator async throws in
            simulator.setFaults([Fault(.slowFirstByte(.milliseconds(3000)), at: .recordings, count: 1)])
            async let reply = Client.send(simulator.recordingsURL)
            await clock.sleepers(atLeast: 1)
            clock.advance(byMilliseconds: 50)
            await clock.sleepers(atLeast: 1)
            #expect(simulator.requests().first?.answeredNanoseconds == nil)
            clock.advance(byMilliseconds: 3000)
            #expect(try await reply.status == 200)
            #expect(simulator.requests().first?.answeredNanoseconds == 3_050_000_000)
        }
    }

    @Test("A gate holds a body after the bytes scripted")
    func gate() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.slowBody(chunkBytes: 300, .gate("half")), at: .audio, count: 1)])
            async let reply = Client.send(simulator.audioURL("r01"))
            await simulator.gateReached("half")
            #expect(simulator.requests(to: .audio).first?.bytes == 300)
            simulator.openGate("half")
            #expect(try await reply.body == Account.StoredRecording.sampleBytes(id: "r01"))
        }
    }
}

@Suite("Listings that cannot be trusted")
struct ListingFaultTests {
    @Test("Filters can be ignored")
    func ignoredFilters() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.ignoreFilters, at: .recordings, count: 1)])
            let url = simulator.recordingsURL + "?filters.time.start=1&filters.time.end=2"
            #expect(try await Client.send(url).ids() == ["r01", "r02", "r03"])
            #expect(try await Client.send(url).ids().isEmpty)
        }
    }

    @Test("Fields of the pagination can be missing, or say another page")
    func pagination() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([
                Fault(.missingPagination(), at: .recordings, match: "page=1"),
                Fault(.wrongCurrent(9), at: .recordings, match: "page=2"),
            ])
            let first = try await Client.send(simulator.recordingsURL + "?page=1&max=2").json()["pagination"]
            #expect(first?.members.map { $0.keys.sorted() } == ["max", "maxResults"])
            let second = try await Client.send(simulator.recordingsURL + "?page=2&max=2").json()["pagination"]
            #expect(second?["current"] == 9)
        }
    }

    @Test("Items move to later pages while a client reads")
    func shiftingPages() async throws {
        try await withSimulator(.sample(recordings: 5)) { simulator async throws in
            simulator.setFaults([Fault(.shiftingPages(by: 1), at: .recordings, count: 2)])
            let first = try await Client.send(simulator.recordingsURL + "?page=1&max=2")
            let second = try await Client.send(simulator.recordingsURL + "?page=2&max=2")
            #expect(try first.ids() == ["r02", "r03"])
            #expect(try second.ids() == ["r03", "r04"])
            #expect(try first.json()["pagination"]?["total"] == 4)
            #expect(try second.json()["pagination"]?["total"] == 5)
        }
    }

    @Test("An item can be malformed, and durations can be in seconds")
    func items() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([
                Fault(.malformedItem(at: 1, ["id": nil]), at: .recordings, count: 1),
                Fault(.durationInSeconds, at: .recordings, count: 1),
            ])
            let items = try await Client.send(simulator.recordingsURL).items()
            #expect(items.count == 3)
            #expect(items[1] == ["id": nil])
            // 61,499 ms
            #expect(items.map { $0["duration"] } == [61, nil, 61])
        }
    }

    @Test("A member of the bulk ZIP can be missing")
    func missingMember() async throws {
        var account = Account.sample()
        account.bulk.method = .stored
        try await withSimulator(account) { simulator async throws in
            let ids = try await Client.send(simulator.baseURL + "/api/v2/files").ids().joined(separator: ",")
            simulator.setFaults([Fault(.missingMember(at: 0), at: .filesBulk, count: 1)])
            let url = simulator.baseURL + "/api/v2/files/bulk/download?ids=\(ids)"
            let less = try await Client.send(url).text
            #expect(!less.contains("r01.mp3") && less.contains("r02.mp3"))
            #expect(try await Client.send(url).text.contains("r01.mp3"))
        }
    }
}
