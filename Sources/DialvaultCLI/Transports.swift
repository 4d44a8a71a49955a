import Platform
import Synchronization

/// A run's connections: one transport for each file of certificates that is trusted besides the system's.
final class Transports: Sendable {
    private let made = Mutex<[String?: AsyncHTTPTransport]>([:])

    /// - Throws: `Failure` with code `configuration` when the file cannot be used.
    func trusting(_ caFile: String?) throws -> AsyncHTTPTransport {
        try made.withLock { made in
            if let transport = made[caFile] { return transport }
            var options = AsyncHTTPTransport.Options()
            options.userAgent = Software.agent
            options.caFile = caFile
            let transport = try AsyncHTTPTransport(options)
            made[caFile] = transport
            return transport
        }
    }

    /// Closes the connections; has to be called before the run ends.
    func shutdown() async throws {
        let transports = made.withLock { made in
            defer { made = [:] }
            return Array(made.values)
        }
        for transport in transports { try await transport.shutdown() }
    }
}
