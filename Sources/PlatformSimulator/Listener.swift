import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Recordings
import Synchronization

/// A port that is listened on.
struct Listener: Sendable {
    let port: Int
    private let task: Task<Void, any Error>

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - platform: asked for when the first request comes; it can be made when the ports are known.
    /// - throws: ``Failure`` with code `unreachable` when the port cannot be listened on.
    static func start(
        _ kind: LoggedRequest.Listener,
        host: String,
        port: Int,
        logger: Logger,
        platform: @escaping @Sendable () async -> SimulatedPlatform
    ) async throws -> Listener {
        let started = Starting()
        let application = Application(
            responder: PlatformResponder(listener: kind, platform: platform),
            server: .http1(configuration: .init(additionalChannelHandlers: [HangUpHandler()])),
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in started.succeed(channel.localAddress?.port ?? port) },
            logger: logger
        )
        let task = Task {
            do {
                try await application.runService(gracefulShutdownSignals: [])
            } catch {
                started.fail(error)
                throw error
            }
        }
        do {
            return Listener(port: try await started.port(), task: task)
        } catch {
            throw Failure(
                .unreachable,
                "\(host):\(port) cannot be listened on: \(error)",
                advice: "Name another port, or 0 for any that is free"
            )
        }
    }

    /// Closes the port and all connections, and returns when that is done.
    func stop() async {
        task.cancel()
        _ = await task.result
    }
}

/// The outcome of starting a server, which its callback and its task race to tell.
private final class Starting: Sendable {
    private enum State {
        case pending(CheckedContinuation<Int, any Error>?)
        case done(Result<Int, any Error>)
    }

    private let state = Mutex(State.pending(nil))

    func succeed(_ port: Int) { settle(.success(port)) }

    func fail(_ error: any Error) { settle(.failure(error)) }

    func port() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Int, any Error>? = state.withLock { state in
                if case .done(let result) = state { return result }
                state = .pending(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    private func settle(_ result: Result<Int, any Error>) {
        let waiting: CheckedContinuation<Int, any Error>? = state.withLock { state in
            guard case .pending(let waiting) = state else { return nil }
            state = .done(result)
            return waiting
        }
        waiting?.resume(with: result)
    }
}

/// Closes the connection when the client closes its side, so that a client that was killed is noticed at once.
private final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

private struct PlatformResponder: HTTPResponder {
    struct Context: InitializableFromSource {
        let channel: any NIOCore.Channel

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
        }
    }

    /// Forms and lists of ids are small.
    private static let bodyLimit = 8 * 1024 * 1024

    let listener: LoggedRequest.Listener
    let platform: @Sendable () async -> SimulatedPlatform

    func respond(to request: Request, context: Context) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let incoming = Incoming(
            request.method.rawValue,
            request.uri.string,
            headers: headers,
            body: Data(body.readableBytesView),
            listener: listener,
            remotePort: context.channel.remoteAddress?.port ?? 0
        )
        return try await platform().answer(incoming, connection: context.channel)
    }
}
