import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Recordings

/// HTTP over async-http-client: certificates are always checked, redirects never followed, nothing repeated.
package final class AsyncHTTPTransport: HTTPTransport {
    package struct Options: Sendable {
        package var connectTimeoutSeconds = 15.0
        /// The longest silence in the middle of an answer, and before it.
        package var readTimeoutSeconds = 60.0
        /// A PEM file with certificates that are trusted besides the system's.
        package var caFile: String?
        package var userAgent = "dialvault"

        package init() {}
    }

    private let client: HTTPClient
    private let userAgent: String

    /// - Throws: `Failure` with code `configuration` when the file of certificates cannot be used.
    package init(_ options: Options = Options()) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let path = options.caFile {
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
            } catch {
                throw Failure(
                    .configuration,
                    "The file of trusted certificates \(path) cannot be read",
                    advice: "Name a PEM file that holds the certificate authority's certificate"
                )
            }
        }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(
            connect: .nanoseconds(Int64(options.connectTimeoutSeconds * 1e9)),
            read: .nanoseconds(Int64(options.readTimeoutSeconds * 1e9))
        )
        // Repeating is the retry policy's business, which counts and paces.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        userAgent = options.userAgent
    }

    /// Closes the connections; has to be called before the transport goes.
    package func shutdown() async throws {
        try await client.shutdown()
    }

    package func send(_ request: WebRequest) async throws -> WebResponse {
        var outgoing = HTTPClientRequest(url: request.url.absoluteString)
        outgoing.method = HTTPMethod(rawValue: request.method)
        outgoing.headers.add(name: "User-Agent", value: userAgent)
        for field in request.headers.pairs {
            outgoing.headers.add(name: field.name, value: field.value)
        }
        if let body = request.body { outgoing.body = .bytes(body) }
        let answer: HTTPClientResponse
        do {
            answer = try await client.execute(outgoing, deadline: .distantFuture)
        } catch {
            throw Self.named(error)
        }
        return WebResponse(
            status: Int(answer.status.code),
            headers: HeaderFields(answer.headers.lazy.map { (name: $0.name, value: $0.value) }),
            body: Self.body(of: answer)
        )
    }

    private static func body(of answer: HTTPClientResponse) -> WebBody {
        let body = answer.body
        return WebBody {
            var pieces = body.makeAsyncIterator()
            return WebBody.AsyncIterator {
                do {
                    return try await pieces.next(isolation: #isolation).map { Array($0.readableBytesView) }
                } catch {
                    throw named(error)
                }
            }
        }
    }

    private static func named(_ error: any Error) -> any Error {
        Task.isCancelled ? CancellationError() : TransportError(error)
    }
}

extension TransportError {
    fileprivate init(_ error: any Error) {
        switch error {
        case let error as TransportError: self = error
        case let error as HTTPClientError: self.init(error)
        case let error as NIOConnectionError:
            self.init(.connect, "no connection to \(error.host) port \(error.port)")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(.security, "the server's certificate is not trusted, or TLS failed")
        case is HTTPParserError:
            self.init(.cut, "the answer broke off")
        case let error as ChannelError where error.isConnectTimeout:
            self.init(.timeout, "no connection in time")
        case let error as IOError:
            self.init(.cut, "the connection failed (\(String(cString: strerror(error.errnoCode))))")
        default:
            self.init(.cut, "the connection failed (\(type(of: error)))")
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .readTimeout, .writeTimeout, .deadlineExceeded,
            .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout:
            self.init(.timeout, "no answer in time")
        case .remoteConnectionClosed, .uncleanShutdown:
            self.init(.cut, "the connection was closed before the answer was complete")
        case .invalidURL, .emptyHost, .emptyScheme:
            self.init(.malformed, "the URL cannot be used")
        default:
            self.init(.cut, "the request failed (\(error.shortDescription))")
        }
    }
}

extension ChannelError {
    fileprivate var isConnectTimeout: Bool {
        if case .connectTimeout = self { true } else { false }
    }
}
