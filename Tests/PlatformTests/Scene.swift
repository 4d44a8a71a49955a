import Foundation
import Logging
import Platform
import PlatformSimulator
import Recordings

/// A simulated platform, and a client of it whose clock does not tick by itself.
struct Scene {
    /// The day 2018-04-05 in UTC.
    static let day = Timestamp(secondsSinceEpoch: 1_522_886_400)..<Timestamp(secondsSinceEpoch: 1_522_972_800)
    static let password = "correct horse battery staple"

    let simulator: PlatformSimulator
    let transport: AsyncHTTPTransport
    let folder: TemporaryFolder
    let time: TestTime

    /// Runs `work` on a platform that `arrange` has furnished, and closes everything behind it.
    static func run(
        time: TestTime = TestTime(),
        transport options: AsyncHTTPTransport.Options = .init(),
        _ arrange: (inout Account) -> Void = { _ in },
        _ work: (Scene) async throws -> Void
    ) async throws {
        var account = Account()
        account.users = [.init(username: "archive@example.com", password: password)]
        account.accessKeys = [.init(id: "archive", token: "the access token")]
        account.bearerTokens = ["the bearer token"]
        arrange(&account)
        let scene = Scene(
            simulator: try await PlatformSimulator.start(account: account),
            transport: try AsyncHTTPTransport(options),
            folder: try TemporaryFolder(),
            time: time
        )
        do {
            try await work(scene)
        } catch {
            await scene.close()
            throw error
        }
        await scene.close()
    }

    private func close() async {
        try? await transport.shutdown()
        await simulator.shutdown()
    }

    func url(_ path: String) -> URL {
        URL(string: simulator.baseURL + path) ?? URL(fileURLWithPath: path)
    }

    func client(
        _ credentials: Credentials = .password(username: "archive@example.com", password: Secret(password)),
        retry: RetryPolicy = RetryPolicy(),
        pageSize: Int = 100,
        tpslimit: Double = 1000,
        log: Logger? = nil
    ) throws -> PlatformClient {
        try PlatformClient(
            baseURL: url("/"),
            credentials: credentials,
            transport: transport,
            pace: try AccountPace(folder: folder.path, tpslimit: tpslimit, time: time),
            retry: retry,
            time: time,
            pageSize: pageSize,
            log: log ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func download(retry: RetryPolicy = RetryPolicy()) -> Download {
        Download(transport: transport, retry: retry, time: time)
    }

    /// The paths of the requests to an endpoint, in their order.
    func count(_ endpoint: Endpoint) -> Int { simulator.requests(to: endpoint).count }
}

extension Account {
    /// Adds recordings that start a minute apart on the day, `rec0` first.
    mutating func addRecordings(_ count: Int, audio: Content? = nil) {
        for number in 0..<count {
            recordings.append(
                .init(
                    id: "rec\(number)",
                    startedAt: Scene.day.lowerBound.advanced(byMilliseconds: Int64(number) * 60_000),
                    durationMilliseconds: 1000,
                    audio: audio
                )
            )
        }
    }
}

/// Bytes that do not repeat, the same each time (a linear congruential generator, Numerical Recipes' constants).
func noise(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}

/// Takes the events of a file, and puts its bytes together.
final class Collector {
    private(set) var bytes: [UInt8] = []
    private(set) var heads: [AudioHead] = []

    func take(_ event: AudioEvent) {
        switch event {
        case .begin(let head):
            heads.append(head)
            bytes.removeLast(bytes.count - Int(head.offset))
        case .bytes(let piece): bytes += piece
        }
    }

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }
}
