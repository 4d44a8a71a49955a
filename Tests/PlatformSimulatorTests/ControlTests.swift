import Foundation
import PlatformSimulator
import Recordings
import Testing

@Suite("Controls below /_sim")
struct ControlTests {
    private func control(_ simulator: PlatformSimulator, _ method: String, _ path: String, _ body: String? = nil)
        async throws -> Client.Reply
    {
        try await Client.send(method, simulator.baseURL + "/_sim/" + path, headers: [:], body: body)
    }

    @Test("Faults are added, listed with how often they were met, replaced and removed")
    func faults() async throws {
        try await withSimulator { simulator async throws in
            let fault = #"{"endpoint":"recordings","kind":"status","status":500,"count":1}"#
            #expect(try await control(simulator, "POST", "faults", fault).status == 200)
            #expect(try await Client.send(simulator.recordingsURL).status == 500)
            #expect(try await Client.send(simulator.recordingsURL).status == 200)
            let listed = try await control(simulator, "GET", "faults").items()
            #expect(listed.map { $0["met"] } == [2])
            #expect(try await control(simulator, "PUT", "faults", #"[{"kind":"html"}]"#).items().count == 1)
            #expect(try await control(simulator, "DELETE", "faults").items().isEmpty)
        }
    }

    @Test("A fault of an unknown kind is refused with a sentence")
    func badFault() async throws {
        try await withSimulator { simulator async throws in
            let reply = try await control(simulator, "POST", "faults", #"{"kind":"explode"}"#)
            #expect(reply.status == 400)
            #expect(try reply.json()["message"]?.text?.contains("explode") == true)
        }
    }

    @Test("Recordings are added, changed and removed while it runs")
    func recordings() async throws {
        try await withSimulator(.sample(recordings: 1)) { simulator async throws in
            let late = #"{"id":"r09","dateCreated":"2018-04-05T09:00:00.000Z","state":"recording"}"#
            #expect(try await control(simulator, "POST", "recordings", late).status == 200)
            let stored = simulator.recordingsURL + "?filters.state=stored"
            #expect(try await Client.send(stored).ids() == ["r01"])
            #expect(try await control(simulator, "PATCH", "recordings/r09", #"{"state":"stored"}"#).status == 200)
            #expect(try await Client.send(stored).ids() == ["r01", "r09"])
            #expect(try await control(simulator, "DELETE", "recordings/r01").status == 200)
            #expect(try await Client.send(stored).ids() == ["r09"])
        }
    }

    @Test("The account's rules can be changed, and a wrong key is refused")
    func account() async throws {
        try await withSimulator { simulator async throws in
            #expect(try await control(simulator, "PATCH", "account", #"{"page":{"default_max":1}}"#).status == 200)
            #expect(try await Client.send(simulator.recordingsURL).items().count == 1)
            #expect(try await control(simulator, "PATCH", "account", #"{"pgae":{}}"#).status == 400)
        }
    }

    @Test("The clock is set, and tokens expire by it")
    func clock() async throws {
        try await withSimulator { simulator async throws in
            let token = Client.bearer(try await Client.signIn(simulator).json()["access_token"]?.text)
            #expect(try await control(simulator, "POST", "clock", #"{"advance_seconds":43200}"#).status == 200)
            #expect(try await Client.send(simulator.recordingsURL, headers: token).status == 401)
        }
    }

    @Test("Requests and violations are read and cleared; controls are not among them")
    func log() async throws {
        try await withSimulator { simulator async throws in
            _ = try await Client.send(simulator.recordingsURL)
            _ = try await Client.send(simulator.audioURL("r01"))
            #expect(try await control(simulator, "GET", "requests").items().count == 2)
            #expect(try await control(simulator, "GET", "requests?endpoint=audio").items().count == 1)
            #expect(try await control(simulator, "GET", "violations").items().isEmpty)
            #expect(try await control(simulator, "DELETE", "requests").status == 200)
            #expect(try await control(simulator, "GET", "requests").items().isEmpty)
        }
    }

    @Test("A gate is watched and opened from outside")
    func gate() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.slowFirstByte(.gate("g")), at: .recordings)])
            async let reply = Client.send(simulator.recordingsURL)
            #expect(try await control(simulator, "GET", "gates/g/reached").status == 200)
            #expect(try await control(simulator, "POST", "gates/g/open").status == 200)
            #expect(try await reply.status == 200)
        }
    }
}
