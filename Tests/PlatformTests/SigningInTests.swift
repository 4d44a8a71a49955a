import Foundation
import Logging
import Platform
import PlatformSimulator
import Recordings
import Synchronization
import Testing

@Suite("Signing in")
struct SigningInTests {
    @Test("the password grant signs in once for many requests, several at a time")
    func password() async throws {
        try await Scene.run {
            $0.addRecordings(3)
        } _: { scene in
            let client = try scene.client()
            try await withThrowingTaskGroup(of: Listing.self) { group in
                for _ in 0..<8 { group.addTask { try await client.recordings(in: Scene.day) } }
                for try await listing in group { #expect(listing.items.count == 3) }
            }
            #expect(scene.count(.token) == 1)
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("access id and token, and a bearer token, need no signing in")
    func tokens() async throws {
        try await Scene.run { scene in
            _ = try await scene.client(.accessToken(id: "archive", token: Secret("the access token")))
                .recordings(in: Scene.day)
            _ = try await scene.client(.bearer(Secret("the bearer token"))).recordings(in: Scene.day)
            #expect(scene.simulator.requests().map(\.credentials) == [.accessID, .bearer])
        }
    }

    @Test("wrong credentials end as such, after one try, and say what to check")
    func wrong() async throws {
        try await Scene.run { scene in
            let all: [Credentials] = [
                .password(username: "archive@example.com", password: Secret("wrong secret")),
                .accessToken(id: "archive", token: Secret("wrong secret")), .bearer(Secret("wrong secret")),
            ]
            for credentials in all {
                scene.simulator.clearLog()
                let failure = await #expect(throws: Failure.self) {
                    try await scene.client(credentials).recordings(in: Scene.day)
                }
                #expect(failure?.code == .credentials)
                #expect(failure?.advice?.contains("Check") == true)
                #expect(failure?.description.contains("wrong secret") == false)
                #expect(scene.simulator.requests().count == 1)
            }
        }
    }

    @Test("a user without manager rights is refused as such")
    func noManager() async throws {
        try await Scene.run {
            $0.users = [.init(username: "archive@example.com", password: Scene.password, isManager: false)]
        } _: { scene in
            let failure = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(failure?.code == .credentials)
            #expect(failure?.advice?.contains("manager") == true)
        }
    }

    @Test("thirty seconds before it expires, a token is renewed with the refresh token")
    func renewed() async throws {
        try await Scene.run { scene in
            let client = try scene.client()
            _ = try await client.recordings(in: Scene.day)
            scene.time.advance(nanoseconds: (43_200 - 31) * 1_000_000_000)
            _ = try await client.recordings(in: Scene.day)
            #expect(scene.count(.token) == 1)
            scene.time.advance(nanoseconds: 2_000_000_000)
            _ = try await client.recordings(in: Scene.day)
            #expect(scene.count(.token) == 2)
            // Refresh tokens rotate: the second renewal needs the second one.
            scene.time.advance(nanoseconds: 43_200 * 1_000_000_000)
            _ = try await client.recordings(in: Scene.day)
            #expect(scene.simulator.requests(to: .token).map(\.status) == [200, 200, 200])
        }
    }

    @Test("a refused token is renewed once, without the caller noticing")
    func refused() async throws {
        try await Scene.run {
            $0.addRecordings(1)
        } _: { scene in
            let client = try scene.client()
            _ = try await client.recordings(in: Scene.day)
            scene.simulator.expireTokens()
            #expect(try await client.recordings(in: Scene.day).items.count == 1)
            #expect(scene.simulator.requests(to: .recordings).map(\.status) == [200, 401, 200])
            #expect(scene.count(.token) == 2)
        }
    }

    @Test("a refresh token that does not work gives way to a new grant")
    func refreshRefused() async throws {
        try await Scene.run { scene in
            let client = try scene.client()
            _ = try await client.recordings(in: Scene.day)
            scene.simulator.expireTokens(includingRefresh: true)
            _ = try await client.recordings(in: Scene.day)
            let statuses = scene.simulator.requests(to: .token).map { $0.status ?? 0 }
            #expect(statuses.count == 3)
            #expect(statuses.last == 200)
        }
    }

    @Test("many requests whose token is refused renew it once")
    func refusedTogether() async throws {
        try await Scene.run { scene in
            let client = try scene.client()
            _ = try await client.recordings(in: Scene.day)
            scene.simulator.expireTokens()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { _ = try await client.recordings(in: Scene.day) } }
                try await group.waitForAll()
            }
            #expect(scene.count(.token) == 2)
            #expect(!scene.simulator.violations().contains { $0.kind == .parallelToken })
        }
    }

    @Test("a token that is refused again and again is no endless loop")
    func refusedForEver() async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.expiredToken, at: .recordings)])
            let failure = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(failure?.code == .credentials)
            #expect(scene.count(.recordings) == 2)
        }
    }

    @Test("a sign-in that fails for a moment is tried again")
    func signInRetried() async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([
                Fault(.status(503, retryAfter: .seconds(9)), at: .token, count: 1),
                Fault(.hangUp, at: .token, count: 1),
            ])
            _ = try await scene.client().recordings(in: Scene.day)
            #expect(scene.time.sleptSeconds >= 9)
        }
    }

    @Test("a sign-in that is a web page says that the address is wrong")
    func signInPage() async throws {
        try await Scene.run { scene in
            scene.simulator.setFaults([Fault(.html, at: .token)])
            let failure = await #expect(throws: Failure.self) { try await scene.client().recordings(in: Scene.day) }
            #expect(failure?.code == .badAnswer)
            #expect(failure?.advice?.contains("base_url") == true)
        }
    }

    @Test(
        "nobody listening, and no such host, are unreachable",
        arguments: ["http://127.0.0.1:9", "https://x.invalid"]
    )
    func unreachable(address: String) async throws {
        try await Scene.run { scene in
            let client = try PlatformClient(
                baseURL: try #require(URL(string: address)),
                credentials: .bearer(Secret("t")),
                transport: scene.transport,
                pace: try AccountPace(folder: scene.folder.path, tpslimit: 100, time: scene.time),
                time: scene.time
            )
            let failure = await #expect(throws: Failure.self) { try await client.recordings(in: Scene.day) }
            #expect(failure?.code == .unreachable)
            #expect(scene.time.slept.isEmpty == false)
        }
    }

    @Test(
        "an address that would send credentials in the clear, or is none, is refused",
        arguments: [
            "http://services.example.com", "ftp://services.example.com", "services.example.com", "https://a@b.example",
        ]
    )
    func addresses(address: String) async throws {
        try await Scene.run { scene in
            let url = try #require(URL(string: address))
            let failure = #expect(throws: Failure.self) {
                try PlatformClient(
                    baseURL: url,
                    credentials: .bearer(Secret("t")),
                    transport: scene.transport,
                    pace: try AccountPace(folder: scene.folder.path, tpslimit: 100)
                )
            }
            #expect(failure?.code == .configuration)
        }
    }

    @Test("at the highest log level no secret is logged")
    func logged() async throws {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in lines }
        logger.logLevel = .trace
        try await Scene.run {
            $0.addRecordings(1)
        } _: { scene in
            scene.simulator.setFaults([Fault(.expiredToken, at: .recordings, count: 1)])
            _ = try await scene.client(log: logger).recordings(in: Scene.day)
            let failing = try scene.client(.bearer(Secret("a wrong bearer")), log: logger)
            let failure = await #expect(throws: Failure.self) { try await failing.recordings(in: Scene.day) }
            #expect(failure?.description.contains("a wrong bearer") == false)
        }
        let text = lines.all.joined(separator: "\n")
        #expect(!text.isEmpty)
        #expect(!text.contains(Scene.password))
        #expect(!text.contains("a wrong bearer"))
        #expect(!text.lowercased().contains("bearer "))
    }
}

/// Keeps what is logged.
private final class Lines: LogHandler {
    private let lines = Mutex<[String]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }

    var logLevel: Logger.Level {
        get { .trace }
        set { _ = newValue }
    }

    var all: [String] { lines.withLock(\.self) }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
