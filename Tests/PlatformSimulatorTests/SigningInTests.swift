import Foundation
import PlatformSimulator
import Recordings
import Testing

@Suite("Signing in")
struct SigningInTests {
    @Test("The password grant gives a bearer token that opens the API")
    func passwordGrant() async throws {
        try await withSimulator { simulator async throws in
            let grant = try await Client.signIn(simulator).json()
            #expect(grant["token_type"]?.text?.lowercased() == "bearer")
            #expect(grant["expires_in"]?.integer == 43200)
            #expect(grant["refresh_token"]?.text != nil)
            let listing = try await Client.send(
                simulator.recordingsURL,
                headers: Client.bearer(grant["access_token"]?.text)
            )
            #expect(listing.status == 200)
        }
    }

    @Test("A wrong password is answered with 401 and JSON")
    func wrongPassword() async throws {
        try await withSimulator { simulator async throws in
            let reply = try await Client.signIn(simulator, password: "wrong")
            #expect(reply.status == 401)
            #expect(try reply.json()["error"]?.text == "invalid_grant")
        }
    }

    @Test("Without credentials the API answers with 401 and JSON")
    func noCredentials() async throws {
        try await withSimulator { simulator async throws in
            let reply = try await Client.send(simulator.recordingsURL, headers: [:])
            #expect(reply.status == 401)
            #expect(reply.headers["content-type"] == "application/json")
            #expect(try reply.json()["message"]?.text != nil)
        }
    }

    @Test("A user without manager rights is answered with 403")
    func noManager() async throws {
        try await withSimulator { simulator async throws in
            let grant = try await Client.signIn(simulator, username: "agent@example.com", password: "battery staple")
            let token = try grant.json()["access_token"]?.text
            let reply = try await Client.send(simulator.recordingsURL, headers: Client.bearer(token))
            #expect(reply.status == 403)
        }
    }

    @Test("Access id and token open the API; a wrong token does not")
    func accessID() async throws {
        try await withSimulator { simulator async throws in
            #expect(try await Client.send(simulator.recordingsURL).status == 200)
            let wrong = ["X-Auth-Access-Id": "archive", "X-Auth-Access-Token": "wrong"]
            #expect(try await Client.send(simulator.recordingsURL, headers: wrong).status == 401)
        }
    }

    @Test("When the clock moves past its lifetime a token is over, and a refresh gives the next")
    func expiryAndRefresh() async throws {
        try await withSimulator { simulator async throws in
            let first = try await Client.signIn(simulator).json()
            simulator.advanceClock(bySeconds: 43200)
            let stale = Client.bearer(first["access_token"]?.text)
            #expect(try await Client.send(simulator.recordingsURL, headers: stale).status == 401)

            let form = "grant_type=refresh_token&refresh_token=\(first["refresh_token"]?.text ?? "")"
            let second = try await Client.token(simulator, form).json()
            let fresh = Client.bearer(second["access_token"]?.text)
            #expect(try await Client.send(simulator.recordingsURL, headers: fresh).status == 200)
            #expect(try await Client.token(simulator, form).status == 401)
        }
    }

    @Test("Two token requests at a time are a violation")
    func parallelGrants() async throws {
        try await withSimulator { simulator async throws in
            simulator.setFaults([Fault(.slowFirstByte(.gate("token")), at: .token, count: 1)])
            async let first = Client.signIn(simulator)
            await simulator.gateReached("token")
            #expect(try await Client.signIn(simulator).status == 200)
            simulator.openGate("token")
            #expect(try await first.status == 200)
            #expect(simulator.violations().map(\.kind) == [.parallelToken])
        }
    }
}
