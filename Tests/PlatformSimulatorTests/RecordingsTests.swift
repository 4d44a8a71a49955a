import Foundation
import PlatformSimulator
import Recordings
import Testing

@Suite("The recordings resource")
struct RecordingsTests {
    @Test("The help centre's sample comes out as the help centre shows it")
    func helpCentreSample() async throws {
        var account = Account.sample(recordings: 0)
        account.recordings = [
            Account.StoredRecording(
                id: "0ed866c1f8b44727827daaaf7e7b098c",
                startedAt: Timestamp(secondsSinceEpoch: 1_522_915_869),
                durationMilliseconds: 117_504,
                audio: .bytes(Data(count: 352_512)),
                fields: [
                    "lastUpdated": "2018-04-05T08:13:05.000Z",
                    "file": ["id": "1c0bac703b8344bdb329f44425511264"],
                    "call": [
                        "id": "de6c47fa053443d6a0e5adc871b18bd3",
                        "conversationId": "9712cb2b99f147d69bb810e87df46c47", "type": "OUTBOUND",
                        "from": "999189807045", "to": "999189807048",
                    ],
                    "agent": ["id": "f67c01ac4ef6487fa2a4420b3b713ed8", "name": "A", "number": "9991898070"],
                ]
            )
        ]
        try await withSimulator(account) { simulator async throws in
            let item = try await Client.send(simulator.recordingsURL).items().first
            let base = simulator.baseURL
            let expected = """
                {"_url":"\(base)/api/v2/recordings/0ed866c1f8b44727827daaaf7e7b098c",\
                "agent":{"id":"f67c01ac4ef6487fa2a4420b3b713ed8","name":"A","number":"9991898070"},\
                "call":{"conversationId":"9712cb2b99f147d69bb810e87df46c47","from":"999189807045",\
                "id":"de6c47fa053443d6a0e5adc871b18bd3","to":"999189807048","type":"OUTBOUND"},\
                "dateCreated":"2018-04-05T08:11:09.000Z","duration":117504,\
                "file":{"contentType":"audio/mpeg","id":"1c0bac703b8344bdb329f44425511264",\
                "name":"0ed866c1f8b44727827daaaf7e7b098c.mp3","size":352512,"state":"stored"},\
                "id":"0ed866c1f8b44727827daaaf7e7b098c","lastUpdated":"2018-04-05T08:13:05.000Z",\
                "state":"stored","tags":[],\
                "url":"\(base)/recording/a4e00fbc-71a8-4704-ba19-17b55765d18f/\
                0ed866c1f8b44727827daaaf7e7b098c/stream.wav"}
                """
            #expect(item?.serialized == expected)
        }
    }

    @Test("Pages are counted from 1, and the last has what is left")
    func pages() async throws {
        try await withSimulator(.sample(recordings: 5)) { simulator async throws in
            let first = try await Client.send(simulator.recordingsURL + "?page=1&max=2")
            #expect(try first.ids() == ["r01", "r02"])
            #expect(
                try first.json()["pagination"] == [
                    "pages": 3, "total": 5, "current": 1, "max": 2, "maxResults": 100, "next": 2,
                ]
            )
            let last = try await Client.send(simulator.recordingsURL + "?page=3&max=2")
            #expect(try last.ids() == ["r05"])
            #expect(try last.json()["pagination"]?["next"] == .null)
            #expect(try await Client.send(simulator.recordingsURL + "?page=4&max=2").ids().isEmpty)
        }
    }

    @Test("The time filters are inclusive at both ends")
    func timeFilters() async throws {
        try await withSimulator(.sample(recordings: 4)) { simulator async throws in
            let url =
                simulator.recordingsURL
                + "?filters.time.start=\(dayStart + 60)&filters.time.end=\(dayStart + 120)"
            #expect(try await Client.send(url).ids() == ["r02", "r03"])
        }
    }

    @Test("The state filter leaves out what is not stored yet, and lets it in when it is")
    func stateFilter() async throws {
        try await withSimulator(.sample(recordings: 2)) { simulator async throws in
            try simulator.updateRecording("r02", fields: ["state": "recording"])
            let url = simulator.recordingsURL + "?filters.state=stored"
            #expect(try await Client.send(url).ids() == ["r01"])
            try simulator.updateRecording("r02", fields: ["state": "stored"])
            #expect(try await Client.send(url).ids() == ["r01", "r02"])
        }
    }

    @Test("Any field can be overridden or left out")
    func oddFields() async throws {
        var account = Account.sample(recordings: 1)
        account.recordings[0].fields["agent"] = .null
        account.recordings[0].fields["file"] = ["size": "many"]
        account.recordings[0].omitted = ["tags", "url"]
        try await withSimulator(account) { simulator async throws in
            let item = try await Client.send(simulator.recordingsURL + "/r01").json()["item"]
            #expect(item?["agent"] == .null)
            #expect(item?["file"]?["size"] == "many")
            #expect(item?["file"]?["name"] == "r01.mp3")
            #expect(item?["tags"] == nil)
            #expect(item?["url"] == nil)
        }
    }

    @Test("Tags can be put, flags set, recordings deleted")
    func changes() async throws {
        try await withSimulator { simulator async throws in
            let url = simulator.recordingsURL
            let tagged = try await Client.send("PUT", url + "/r01", body: #"{"tags":["vip"]}"#)
            #expect(try tagged.json()["item"]?["tags"] == ["vip"])
            #expect(try await Client.send("POST", url + "/bulk/flag", body: #"{"ids":["r02"]}"#).status == 200)
            #expect(try await Client.send(url + "/r02/flag").json()["item"]?["flagged"] == true)
            #expect(try await Client.send("DELETE", url + "/r01").status == 200)
            #expect(try await Client.send(url + "/r01").status == 404)
            #expect(try await Client.send(url).ids() == ["r02", "r03"])
        }
    }

    @Test("The audio URL gives the bytes, whole or in part, to who signed in")
    func audio() async throws {
        try await withSimulator { simulator async throws in
            let bytes = Account.StoredRecording.sampleBytes(id: "r01")
            #expect(try await Client.send(simulator.audioURL("r01")).body == bytes)
            let part = try await Client.send(
                simulator.audioURL("r01"),
                headers: Client.accessHeaders.merging(["Range": "bytes=990-"]) { $1 }
            )
            #expect(part.status == 206)
            #expect(part.body == bytes.suffix(10))
            #expect(try await Client.send(simulator.audioURL("r01"), headers: [:]).status == 401)
            #expect(try await Client.send(simulator.audioURL("r99")).status == 404)
        }
    }

    @Test("A second audio request at the same time is refused and noted", arguments: [429, 403])
    func parallelAudio(status: Int) async throws {
        var account = Account.sample()
        account.audio.refusalStatus = status
        try await withSimulator(account) { simulator async throws in
            simulator.setFaults([Fault(.slowBody(chunkBytes: 100, .gate("audio")), at: .audio, count: 1)])
            async let first = Client.send(simulator.audioURL("r01"))
            await simulator.gateReached("audio")
            #expect(try await Client.send(simulator.audioURL("r02")).status == status)
            simulator.openGate("audio")
            #expect(try await first.body.count == 1000)
            #expect(try await Client.send(simulator.audioURL("r02")).status == 200)
            #expect(simulator.violations().map(\.kind) == [.parallelAudio])
        }
    }

    @Test("Audio files one after the other, each on a new connection, are never taken for parallel")
    func sequentialAudio() async throws {
        try await withSimulator { simulator async throws in
            let headers = Client.accessHeaders.merging(["Connection": "close"]) { $1 }
            for number in 0..<200 {
                let id = "r0\(number % 3 + 1)"
                #expect(try await Client.send(simulator.audioURL(id), headers: headers).status == 200)
            }
            #expect(simulator.violations().isEmpty)
            let log = simulator.requests(to: .audio)
            #expect(log.count == 200)
            #expect(zip(log, log.dropFirst()).allSatisfy { ($0.endedNanoseconds ?? .max) <= $1.receivedNanoseconds })
        }
    }

    @Test("When a client goes away in the middle of an audio file, the next may have one")
    func abandonedAudio() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.slowBody(chunkBytes: 100, .gate("audio")), at: .audio, count: 1)])
            let abandoned = Task { try await Client.send(simulator.audioURL("r01")) }
            await simulator.gateReached("audio")
            abandoned.cancel()
            _ = await abandoned.result
            await simulator.requestsEnded(1, at: .audio)
            #expect(simulator.requests(to: .audio).first?.outcome == .aborted)
            #expect(try await Client.send(simulator.audioURL("r02")).status == 200)
            #expect(simulator.violations().isEmpty)
        }
    }
}
