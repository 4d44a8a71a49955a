import ArgumentParser
import Dispatch
import Foundation
import Logging
import PlatformSimulator
import Recordings

@main
struct PlatformSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "platform-sim",
        abstract: "A babelforce platform on loopback, for trying things without an account.",
        discussion: Manual.text
    )

    @Argument(help: "The folder that describes the account.", completion: .directory)
    var account: String

    @Option(help: "The port of the platform; 0 picks a free one.")
    var port = 0

    @Option(help: "The port of the storage host, to which downloads of stored files are redirected.")
    var storagePort = 0

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "A file that gets a line of JSON for every request.", completion: .file())
    var log: String?

    @Option(help: "A file with scripted faults, instead of the account's faults.json.", completion: .file())
    var faults: String?

    @Option(
        name: .customLong("rate-limit"),
        help: "Requests a second above which the platform answers 429, instead of the account's."
    )
    var rateLimit: Int?

    @Option(name: .customLong("latency-ms"), help: "Milliseconds before each answer, instead of the account's.")
    var latency: Int64?

    @Flag(name: .shortAndLong, help: "Tell on stderr what the server does.")
    var verbose = false

    func validate() throws {
        guard (0...65535).contains(port), (0...65535).contains(storagePort) else {
            throw ValidationError("A port lies between 0 and 65535.")
        }
        guard rateLimit.map({ $0 > 0 }) ?? true, latency.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("A rate limit is above 0, a latency not below.")
        }
    }

    func run() async throws {
        do {
            try await serve()
        } catch let failure as Failure {
            try? FileHandle.standardError.write(contentsOf: Data("platform-sim: \(failure)\n".utf8))
            throw ExitCode(1)
        }
    }

    private func serve() async throws {
        let folder = URL(fileURLWithPath: account, isDirectory: true)
        let simulator = try await PlatformSimulator.start(
            account: try readAccount(folder),
            folder: folder,
            options: options
        )
        let (signals, continuation) = AsyncStream<Void>.makeStream()
        let sources = Self.terminationSources { continuation.yield() }
        print(simulator.baseURL)
        fflush(nil)
        try? FileHandle.standardError.write(contentsOf: Data("platform-sim: storage on \(simulator.storageURL)\n".utf8))
        for await _ in signals { break }
        for source in sources { source.cancel() }
        await simulator.shutdown()
    }

    private func readAccount(_ folder: URL) throws -> Account {
        var account = try Account(folder: folder)
        if let rateLimit { account.rateLimit = Account.RateLimit(perSecond: rateLimit) }
        if let latency { account.latencyMilliseconds = latency }
        if let faults {
            guard let data = FileManager.default.contents(atPath: faults) else {
                throw Failure(.notFound, "\(faults) cannot be read", advice: "Name a file with a JSON array of faults")
            }
            guard let elements = try JSONValue(parsing: data, of: faults).elements else {
                throw Failure(.configuration, "\(faults) is not a JSON array")
            }
            account.faults = try elements.map { try Fault($0) }
        }
        return account
    }

    private var options: PlatformSimulator.Options {
        var options = PlatformSimulator.Options()
        options.host = host
        options.port = port
        options.storagePort = storagePort
        options.logFile = log
        var logger = Logger(label: "platform-sim") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .critical
        options.logger = logger
        return options
    }

    /// Sources for SIGTERM and SIGINT, whose default actions are switched off; they work as long as they are kept.
    private static func terminationSources(_ handler: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
    }
}
