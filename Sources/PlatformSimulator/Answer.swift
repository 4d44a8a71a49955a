import Foundation
import Recordings

/// An answer as a value: made by the platform, bent by faults, and then written to the network.
struct Answer: Sendable {
    enum Body: Sendable {
        case data(Data)
        case content(Content, offset: Int64, length: Int64)
        /// Its length is not known before it is written.
        case zip([ZipEntry], ZipMethod)
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: Body
    /// The connection is closed without an answer.
    var hangsUp = false
    /// The connection is closed after that many bytes of the body.
    var cutAfterBytes: Int64?
    var lengthError: Int64 = 0
    /// Positions of bytes that are sent with a bit flipped.
    var corruptBytes: [Int64] = []
    var pause: (chunkBytes: Int, delay: Fault.Delay)?

    init(_ status: Int, headers: [(name: String, value: String)] = [], body: Body = .data(Data())) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The length of the body; nil when it is not known before.
    var length: Int64? {
        switch body {
        case .data(let data): Int64(data.count)
        case .content(_, _, let length): length
        case .zip: nil
        }
    }

    /// Whether the body is in memory and goes out in one piece.
    var isPlain: Bool {
        guard case .data = body else { return false }
        return cutAfterBytes == nil && lengthError == 0 && corruptBytes.isEmpty && pause == nil
    }

    mutating func set(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append((name, value))
    }
}

extension Answer {
    static func json(_ value: JSONValue, status: Int = 200) -> Answer {
        Answer(status, headers: [("Content-Type", "application/json")], body: .data(Data(value.serialized.utf8)))
    }

    /// An error in the platform's form: some of `code`, `message`, `error`, `detail`.
    static func error(_ status: Int, _ error: String, _ message: String) -> Answer {
        json(["code": .integer(Int64(status)), "error": .text(error), "message": .text(message)], status: status)
    }

    static func notFound(_ what: String) -> Answer {
        error(404, "not_found", "\(what) does not exist")
    }

    static func redirect(to url: String) -> Answer {
        Answer(302, headers: [("Location", url)])
    }

    static var html: Answer {
        let page = """
            <!DOCTYPE html>
            <html><head><title>Maintenance</title></head>
            <body><h1>We will be back soon</h1><p>The service is being maintained.</p></body></html>

            """
        return Answer(200, headers: [("Content-Type", "text/html; charset=utf-8")], body: .data(Data(page.utf8)))
    }
}

// MARK: - Contents, with ranges

extension Answer {
    /// What a client says about the part that it wants.
    struct Conditions: Hashable, Sendable {
        var range: String?
        var ifRange: String?
        var ifNoneMatch: String?
    }

    /// A content with validators, whole or the part asked for (RFC 9110, sections 13 and 14).
    static func content(_ content: Content, mediaType: String, conditions: Conditions) -> Answer {
        guard let facts = content.facts() else { return .notFound("the file") }
        let modified = httpDate(facts.modified)
        var headers = [
            (name: "Content-Type", value: mediaType), ("ETag", facts.etag), ("Last-Modified", modified),
            ("Accept-Ranges", "bytes"),
        ]
        if conditions.ifNoneMatch == facts.etag { return Answer(304, headers: headers) }
        let isCurrent = conditions.ifRange.map { $0 == facts.etag || $0 == modified } ?? true
        switch ByteRange(header: isCurrent ? conditions.range : nil, size: facts.size) {
        case .whole:
            return Answer(200, headers: headers, body: .content(content, offset: 0, length: facts.size))
        case .part(let offset, let length):
            headers.append(("Content-Range", "bytes \(offset)-\(offset + length - 1)/\(facts.size)"))
            return Answer(206, headers: headers, body: .content(content, offset: offset, length: length))
        case .unsatisfiable:
            return Answer(416, headers: [("Content-Range", "bytes */\(facts.size)")])
        }
    }

    /// IMF-fixdate (RFC 9110, section 5.6.7): `Thu, 05 Apr 2018 08:11:09 GMT`.
    static func httpDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}

// MARK: - Faults

extension Answer {
    /// The answer as the faults leave it; those about listings have done their work before.
    func bent(by hits: [FaultScript.Hit]) -> Answer {
        var answer = self
        for hit in hits {
            switch hit.fault.kind {
            case .slowBody(let chunkBytes, let delay): answer.pause = (chunkBytes, delay)
            case .cutBody(let bytes): answer.cutAfterBytes = bytes
            case .wrongLength(let difference): answer.lengthError = difference
            case .corruptBody(let position): answer.corruptBytes.append(position)
            case .wrongDigest: answer.spoilDigest()
            default: break
            }
        }
        return answer
    }

    /// RFC 9530, section 3: the digest is base64 between colons.
    mutating func setDigest(_ sha256: Data) {
        set("Repr-Digest", "sha-256=:\(sha256.base64EncodedString()):")
    }

    private mutating func spoilDigest() {
        let isChecksumFile = headers.contains { $0.name == "Content-Type" && $0.value == "text/plain" }
        guard isChecksumFile, case .content(let content, _, let length) = body,
            var reader = try? ContentReader(content, offset: 0, length: length), let data = try? reader.next()
        else {
            setDigest(Data(repeating: 0x5a, count: 32))
            return
        }
        // Each of the first 64 hex digits becomes another.
        var bytes = Array(data)
        for index in bytes.indices.prefix(64) {
            bytes[index] = bytes[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        }
        body = .data(Data(bytes))
    }
}

/// Reads an answer's body in pieces.
enum BodyReader {
    case data(Data?)
    case content(ContentReader)
    case zip(ZipStream)

    init(_ body: Answer.Body) throws {
        switch body {
        case .data(let data): self = .data(data.isEmpty ? nil : data)
        case .content(let content, let offset, let length):
            self = .content(try ContentReader(content, offset: offset, length: length))
        case .zip(let entries, let method): self = .zip(try ZipStream(entries, method: method))
        }
    }

    mutating func next() throws -> Data? {
        switch self {
        case .data(let data):
            self = .data(nil)
            return data
        case .content(var reader):
            defer { self = .content(reader) }
            return try reader.next()
        case .zip(var stream):
            defer { self = .zip(stream) }
            var piece = try stream.next()
            while let data = piece, data.isEmpty { piece = try stream.next() }
            return piece
        }
    }
}
