package import Foundation

/// Sends one HTTP request and hands out its answer as it arrives.
///
/// An implementation never follows a redirect and never repeats a request: who may see the credentials, and how often
/// the platform is asked, is decided above it. What goes wrong on the way is thrown as ``TransportError``, in `send`
/// and while the body is read; cancellation as `CancellationError`.
package protocol HTTPTransport: Sendable {
    func send(_ request: WebRequest) async throws -> WebResponse
}

/// One request, complete with the headers that carry its credentials.
package struct WebRequest: Sendable {
    package var method: String
    package var url: URL
    package var headers: HeaderFields
    package var body: [UInt8]?

    package init(_ method: String = "GET", _ url: URL, headers: HeaderFields = [:], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// The head of an answer, and its body on the way.
package struct WebResponse: Sendable {
    package var status: Int
    package var headers: HeaderFields
    /// Has to be read, or dropped: dropping it ends the request and its connection.
    package var body: WebBody
    /// Whether a content coding was undone: then offsets in the file are none in what the server sends.
    package var isDecoded = false

    package init(status: Int, headers: HeaderFields = [:], body: WebBody = WebBody([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension WebResponse {
    /// Reads a body that nobody needs, so that its connection can be used again, and leaves an empty one; gives up after
    /// 64 KiB, without an error, because a new connection costs less than a long body.
    package mutating func discardBody() async {
        _ = try? await body.collect(upTo: 65_536)
        body = WebBody([])
    }
}

/// Bytes on the way, in pieces of the network's size; they are fetched as fast as they are read, and no faster.
///
/// It can be read once.
package struct WebBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    private let start: @Sendable () -> AsyncIterator

    /// - Parameter start: called when the reading starts, once.
    package init(_ start: @escaping @Sendable () -> AsyncIterator) {
        self.start = start
    }

    /// A body that is there already, in these pieces.
    package init(_ pieces: [[UInt8]]) {
        self.init {
            var rest = pieces[...]
            return AsyncIterator { rest.popFirst() }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { start() }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private let advance: () async throws -> [UInt8]?

        package init(_ advance: @escaping () async throws -> [UInt8]?) {
            self.advance = advance
        }

        package mutating func next() async throws -> [UInt8]? { try await advance() }
    }

    /// The whole body, at most `limit` bytes of it.
    ///
    /// - Throws: ``TransportError`` of kind `tooLarge` when there is more.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            guard bytes.count + piece.count <= limit else {
                throw TransportError(.tooLarge, "the answer is over \(limit) bytes")
            }
            bytes += piece
        }
        return bytes
    }
}

/// What went wrong between here and the server.
package struct TransportError: Error, Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// No connection: the name is unknown, nobody listens, the way is barred.
        case connect
        /// Nothing came for too long.
        case timeout
        /// The server's certificate is not trusted, or the two sides share no version of TLS.
        case security
        /// The connection ended before the answer did.
        case cut
        /// The answer is larger than it may be.
        case tooLarge
        /// The answer is not HTTP.
        case malformed
    }

    package let kind: Kind
    /// For people; holds no header and no body.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// Whether the same request may go better a moment later.
    package var isPassing: Bool {
        switch kind {
        case .connect, .timeout, .cut: true
        case .security, .tooLarge, .malformed: false
        }
    }
}
