import Foundation
import Recordings

/// What a caller has of an earlier try.
package struct Resumption: Codable, Hashable, Sendable {
    /// Bytes that are there already.
    package var offset: Int64
    /// What the answer said of which they are a part.
    package var validator: Validator

    package init(offset: Int64, validator: Validator) {
        self.offset = offset
        self.validator = validator
    }
}

/// What comes in while a file is fetched.
package enum FileEvent: Sendable {
    /// The bytes that follow start at the head's offset: 0 means from the beginning, whatever came before.
    ///
    /// Comes again when the connection was cut and the rest is fetched.
    case begin(FileHead)
    case bytes([UInt8])
}

/// What an answer says of a file before its bytes come.
package struct FileHead: Hashable, Sendable {
    /// Where the bytes that follow belong.
    package var offset: Int64
    /// The length of the whole file, when the server says it.
    package var totalBytes: Int64?
    /// In lower case, without parameters. Not to be trusted: the bytes decide.
    package var contentType: String?
    /// Whether the content type is one of text: an error page, most likely.
    package var claimsText: Bool
    /// What tells whether the server's file is still the same.
    package var validator: Validator?
    /// Whether the rest can be asked for when the bytes break off: with ``validator``, for a ``Resumption``.
    package var isResumable = true

    /// What a part of the file is noted with; nil when nothing can go on from a part.
    package var resumptionMark: Validator? { isResumable ? validator : nil }
}

/// Streams one file to its consumer, and goes on where the connection was cut.
struct FileStream {
    enum Outcome: Hashable, Sendable {
        /// All bytes came, as many as the server announced.
        case received(FileHead, bytes: Int64)
        /// Another status than those of a file.
        case status(FileRefusal)
        /// It did not come, after all retries.
        case troubled(FileTrouble)
        /// It did not come whole, after all retries; the detail is for people.
        case cut(detail: String, FileTrouble)
        /// What came cannot be used; the detail is for people.
        case failed(detail: String)
    }

    /// A try that brought this many bytes has shown that the way is open; the next trouble is counted from the start.
    private static let headway: Int64 = 1 << 20

    let request: WebRequest
    let exchange: Exchange
    let throttle: Throttle?
    /// More bytes than this are not taken.
    let limit: Int64
    let progress: Progress
    /// The fields of the answer that was read last.
    private(set) var headers: HeaderFields = [:]
    /// Bytes that came over the network, those that came twice counted twice.
    private(set) var transferred: Int64 = 0

    private var have: Int64
    private var validator: Validator?
    private var hasRestarted = false
    private var retries: Retries

    init(
        _ request: WebRequest,
        exchange: Exchange,
        throttle: Throttle?,
        limit: Int64,
        resuming: Resumption?,
        progress: Progress
    ) {
        self.request = request
        self.exchange = exchange
        self.throttle = throttle
        self.limit = limit
        self.progress = progress
        have = max(0, resuming?.offset ?? 0)
        validator = resuming?.validator
        retries = Retries(exchange.policy, isIdempotent: true, isExclusive: true)
    }

    mutating func run(_ receive: (FileEvent) async throws -> Void) async throws -> Outcome {
        while true {
            if validator == nil { have = 0 }
            var ranged = request
            if have > 0, let validator { ranged.headers.merge(validator.resuming(at: have)) }
            let reply: Exchange.Reply
            do {
                reply = try await exchange.attempt(ranged, &retries)
            } catch let trouble as FileTrouble {
                return .troubled(trouble)
            }
            var response = reply.response
            switch response.status {
            case 200, 206:
                guard let head = begin(response) else {
                    await response.discardBody()
                    if let outcome = restart() { return outcome }
                    continue
                }
                if let outcome = try await consume(head, reply, receive) { return outcome }
            case 416 where have > 0:
                await response.discardBody()
                if let head = complete(response) {
                    try await receive(.begin(head))
                    return .received(head, bytes: have)
                }
                if let outcome = restart() { return outcome }
            default: return .status(await FileRefusal(reply))
            }
        }
    }

    /// Reads the head; nil when a partial answer is not the part that was asked for.
    private mutating func begin(_ response: WebResponse) -> FileHead? {
        headers = response.headers
        var total = headers.contentLength
        if response.status == 206 {
            guard let range = headers["content-range"].flatMap(ContentRange.init), range.first == have, have > 0,
                ContentCoding.named(in: headers).isEmpty
            else { return nil }
            total = range.total ?? total.flatMap { $0 <= .max - have ? $0 + have : nil }
        } else {
            have = 0
            validator = Validator(headers, now: exchange.time.now())
        }
        let head = FileHead(
            offset: have,
            totalBytes: total,
            contentType: headers.mediaType,
            claimsText: headers.claimsText,
            validator: validator,
            isResumable: !response.isDecoded
        )
        if response.isDecoded { validator = nil }
        return head
    }

    /// A range behind the end is how a server says that all of the file is there already.
    private func complete(_ response: WebResponse) -> FileHead? {
        guard let range = response.headers["content-range"].flatMap(ContentRange.init), range.total == have else {
            return nil
        }
        return FileHead(offset: have, totalBytes: have, contentType: nil, claimsText: false, validator: validator)
    }

    /// Starts over without a range; only once, because a server that gets ranges wrong gets them wrong again.
    private mutating func restart() -> Outcome? {
        guard !hasRestarted else { return .failed(detail: "the server sends a part that was not asked for") }
        hasRestarted = true
        validator = nil
        have = 0
        return nil
    }

    /// Hands the bytes on. Returns nil when the rest has to be asked for.
    private mutating func consume(
        _ head: FileHead,
        _ reply: Exchange.Reply,
        _ receive: (FileEvent) async throws -> Void
    ) async throws -> Outcome? {
        try await receive(.begin(head))
        progress.report(have, head.totalBytes)
        do {
            for try await piece in reply.response.body {
                guard have + Int64(piece.count) <= limit else {
                    return .failed(detail: "the file is over \(limit) bytes")
                }
                try await throttle?.pass(piece.count)
                try await receive(.bytes(piece))
                have += Int64(piece.count)
                transferred += Int64(piece.count)
                progress.report(have, head.totalBytes)
            }
            if let total = head.totalBytes, total != have {
                throw TransportError(.cut, "\(have) of \(total) bytes came")
            }
            return .received(head, bytes: have)
        } catch let error as TransportError {
            if have - head.offset >= Self.headway { retries.madeHeadway() }
            switch retries.next(after: .network(error), chance: exchange.time.random()) {
            case .wait(let nanoseconds, _):
                try await exchange.time.sleep(nanoseconds: nanoseconds)
                return nil
            case .exhausted, .final, .tooLong:
                let trouble = FileTrouble(
                    .network(error.kind),
                    host: WebOrigin(reply.url)?.host ?? "",
                    isOwnHost: reply.isFromAuthority,
                    Failure(
                        .unreachable,
                        "\(reply.url.shown) breaks off: \(error.detail)",
                        advice: "Run it again later"
                    )
                )
                return .cut(detail: error.detail, trouble)
            }
        }
    }
}
