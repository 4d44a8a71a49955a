import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import PlatformSimulator
import Recordings

/// A plain HTTP client that follows nothing and repeats nothing.
enum Client {
    struct Reply {
        var status: Int
        var headers: [String: String]
        var body: Data

        var text: String { String(decoding: body, as: UTF8.self) }

        func json() throws -> JSONValue { try JSONValue(parsing: body, of: "the answer") }

        func items() throws -> [JSONValue] { try json()["items"]?.elements ?? [] }

        func ids() throws -> [String] { try items().compactMap { $0["id"]?.text } }
    }

    private static let http = HTTPClient(
        eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
        configuration: .init(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
    )

    static func send(_ url: String, headers: [String: String] = accessHeaders) async throws -> Reply {
        try await send("GET", url, headers: headers)
    }

    static func send(
        _ method: String,
        _ url: String,
        headers: [String: String] = accessHeaders,
        body: String? = nil
    ) async throws -> Reply {
        let response = try await start(method, url, headers: headers, body: body)
        let bytes = try await response.body.collect(upTo: 64 * 1024 * 1024)
        return Reply(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
            body: Data(bytes.readableBytesView)
        )
    }

    /// Returns when the head is there.
    static func start(
        _ method: String,
        _ url: String,
        headers: [String: String] = accessHeaders,
        body: String? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        return try await http.execute(request, timeout: .seconds(60))
    }

    static let accessHeaders = ["X-Auth-Access-Id": "archive", "X-Auth-Access-Token": "tin opener"]

    /// Signs in and returns the answer of the token endpoint.
    static func signIn(
        _ simulator: PlatformSimulator,
        username: String = "archive@example.com",
        password: String = "correct horse"
    ) async throws -> Reply {
        try await token(
            simulator,
            "grant_type=password&username=\(username)&password=\(password.replacing(" ", with: "+"))"
        )
    }

    static func token(_ simulator: PlatformSimulator, _ form: String) async throws -> Reply {
        try await send(
            "POST",
            simulator.baseURL + "/oauth/token",
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: form
        )
    }

    static func bearer(_ token: String?) -> [String: String] {
        ["Authorization": "Bearer \(token ?? "")"]
    }
}

/// 2018-04-05T00:00:00Z in Unix seconds (`date -ud 2018-04-05 +%s`).
let dayStart: Int64 = 1_522_886_400

extension Account {
    /// An account with someone who may sign in and recordings a minute apart, `r01` at midnight and so on.
    static func sample(recordings count: Int = 3) -> Account {
        var account = Account()
        account.users = [
            User(username: "archive@example.com", password: "correct horse"),
            User(username: "agent@example.com", password: "battery staple", isManager: false),
        ]
        account.accessKeys = [AccessKey(id: "archive", token: "tin opener")]
        account.page.order = .ascending
        account.recordings = (1..<(count + 1)).map { number in
            .sample(id: "r" + (number < 10 ? "0" : "") + String(number), minute: Int64(number - 1))
        }
        return account
    }
}

extension Account.StoredRecording {
    /// 1,000 bytes that differ from recording to recording.
    static func sample(id: String, minute: Int64) -> Account.StoredRecording {
        Account.StoredRecording(
            id: id,
            startedAt: Timestamp(secondsSinceEpoch: dayStart + minute * 60),
            durationMilliseconds: 61_499,
            audio: .bytes(sampleBytes(id: id))
        )
    }

    static func sampleBytes(id: String) -> Data {
        Data(String(repeating: id + ".", count: 250).utf8.prefix(1000))
    }
}

/// Runs a simulator for the time of a test.
func withSimulator(
    _ account: Account = .sample(),
    options: PlatformSimulator.Options = .init(),
    _ body: (PlatformSimulator) async throws -> Void
) async throws {
    let simulator = try await PlatformSimulator.start(account: account, options: options)
    do {
        try await body(simulator)
    } catch {
        await simulator.shutdown()
        throw error
    }
    await simulator.shutdown()
}

extension PlatformSimulator {
    func audioURL(_ id: String) -> String {
        "\(baseURL)/recording/a4e00fbc-71a8-4704-ba19-17b55765d18f/\(id)/stream.wav"
    }

    var recordingsURL: String { baseURL + "/api/v2/recordings" }
}

/// A folder of its own, removed at the end.
func withTemporaryFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sim-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    do {
        try await body(folder)
    } catch {
        try? FileManager.default.removeItem(at: folder)
        throw error
    }
    try FileManager.default.removeItem(at: folder)
}
