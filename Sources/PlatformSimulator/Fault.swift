import Foundation
import Recordings

/// A thing that goes wrong, where and how often.
///
/// In JSON: `{"endpoint": "recordings", "match": "page=2", "skip": 0, "count": 1, "kind": "status", "status": 503}`.
/// `endpoint` absent means any, `match` is a part of path and query, `skip` requests go well first, `count` are hit
/// (absent: all). Several faults can hit the same request.
package struct Fault: Hashable, Sendable {
    package var endpoint: Endpoint?
    package var match: String?
    package var skip: Int
    package var count: Int?
    package var kind: Kind

    package init(
        _ kind: Kind,
        at endpoint: Endpoint? = nil,
        match: String? = nil,
        skip: Int = 0,
        count: Int? = nil
    ) {
        self.kind = kind
        self.endpoint = endpoint
        self.match = match
        self.skip = skip
        self.count = count
    }

    package enum Kind: Hashable, Sendable {
        /// `status`: an error in the platform's form, with `retry_after` (seconds, as a number or, with
        /// `"retry_after_form": "date"`, as an HTTP date).
        case status(Int, retryAfter: RetryAfter? = nil)
        /// `html`: a web page with status 200 instead of the answer.
        case html
        /// `slow-first-byte`: nothing for a while (`ms` or `gate`).
        case slowFirstByte(Delay)
        /// `slow-body`: a pause after every `chunk_bytes` bytes of the body (`ms` or `gate`).
        case slowBody(chunkBytes: Int, Delay)
        /// `cut-body`: the connection is closed after `after_bytes` bytes of the body.
        case cutBody(afterBytes: Int64)
        /// `hang-up`: the connection is closed without an answer.
        case hangUp
        /// `wrong-length`: `Content-Length` is off `by` bytes; the connection is closed after the body.
        case wrongLength(by: Int64)
        /// `corrupt-body`: a bit of the byte at `at` is flipped.
        case corruptBody(at: Int64)
        /// `wrong-digest`: a `Repr-Digest` of other bytes; in a `.sha256` file, another digest.
        case wrongDigest
        /// `expired-token`: the token that comes with the request is over, for this and all later requests.
        case expiredToken
        /// `redirect`: 302 to the same path on the storage host, or to the URL in `to`.
        case redirect(to: String? = nil)
        /// `ignore-filters`: a listing of everything, whatever was asked for.
        case ignoreFilters
        /// `missing-pagination`: `fields` are absent; the default is pages, total, current and next.
        case missingPagination([String] = ["pages", "total", "current", "next"])
        /// `wrong-current`: `current` says `value`.
        case wrongCurrent(Int64)
        /// `shifting-pages`: with every other listing, beginning with the first that is hit, the first `by` items are
        /// not there yet; so what follows moves to later pages while a client reads.
        case shiftingPages(by: Int)
        /// `malformed-item`: the item at `at` of the page is replaced by `value`.
        case malformedItem(at: Int, JSONValue = ["id": 17, "dateCreated": "yesterday", "call": "none"])
        /// `duration-in-seconds`: durations are divided by 1000 and rounded.
        case durationInSeconds
        /// `missing-member`: the member at `at` of a bulk ZIP is left out.
        case missingMember(at: Int)
        /// `listing`: a page that does not say of itself what it is: of its items the first `keep` are left, `pagination`
        /// is laid over its own, `success` and `message` are as given; with `"same_page": true` every page is the first.
        case listing(Page)
        /// `answer`: any answer at all: `status`, `headers`, and `body`, as text or as `body_base64`.
        case answer(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
    }

    package struct Page: Hashable, Sendable {
        package var keep: Int?
        package var pagination: JSONValue
        package var success: Bool
        package var message: String?
        package var isAlwaysFirst: Bool

        package init(
            keep: Int? = nil,
            pagination: JSONValue = [:],
            success: Bool = true,
            message: String? = nil,
            isAlwaysFirst: Bool = false
        ) {
            self.keep = keep
            self.pagination = pagination
            self.success = success
            self.message = message
            self.isAlwaysFirst = isAlwaysFirst
        }
    }

    package enum RetryAfter: Hashable, Sendable {
        case seconds(Int64)
        /// As an HTTP date (RFC 9110, section 5.6.7) that many seconds from now.
        case date(inSeconds: Int64)
    }

    package enum Delay: Hashable, Sendable {
        case milliseconds(Int64)
        /// Until the gate of that name is opened.
        case gate(String)
    }

    /// The name in JSON and in the log.
    package var name: String {
        switch kind {
        case .status: "status"
        case .html: "html"
        case .slowFirstByte: "slow-first-byte"
        case .slowBody: "slow-body"
        case .cutBody: "cut-body"
        case .hangUp: "hang-up"
        case .wrongLength: "wrong-length"
        case .corruptBody: "corrupt-body"
        case .wrongDigest: "wrong-digest"
        case .expiredToken: "expired-token"
        case .redirect: "redirect"
        case .ignoreFilters: "ignore-filters"
        case .missingPagination: "missing-pagination"
        case .wrongCurrent: "wrong-current"
        case .shiftingPages: "shifting-pages"
        case .malformedItem: "malformed-item"
        case .durationInSeconds: "duration-in-seconds"
        case .missingMember: "missing-member"
        case .listing: "listing"
        case .answer: "answer"
        }
    }
}

// MARK: - JSON

extension Fault {
    /// - throws: ``Failure`` with code `configuration` that names what is wrong.
    package init(_ value: JSONValue) throws {
        self = try FieldReader.read(value, name: "a fault") { reader in
            let endpoint: Endpoint? = try reader.choice("endpoint")
            return Fault(
                try Kind(&reader),
                at: endpoint,
                match: try reader.text("match"),
                skip: Int(try reader.integer("skip") ?? 0),
                count: try reader.integer("count").map { Int($0) }
            )
        }
    }
}

extension Fault.Kind {
    fileprivate init(_ reader: inout FieldReader) throws {
        let name = try reader.text("kind") ?? ""
        switch name {
        case "status":
            guard let status = try reader.integer("status") else { throw reader.missing("status") }
            self = .status(Int(status), retryAfter: try Fault.RetryAfter(&reader))
        case "html": self = .html
        case "slow-first-byte": self = .slowFirstByte(try Fault.Delay(&reader))
        case "slow-body":
            let chunk = Int(try reader.integer("chunk_bytes") ?? 1024)
            self = .slowBody(chunkBytes: max(1, chunk), try Fault.Delay(&reader))
        case "cut-body": self = .cutBody(afterBytes: try reader.integer("after_bytes") ?? 0)
        case "hang-up": self = .hangUp
        case "wrong-length": self = .wrongLength(by: try reader.integer("by") ?? 1)
        case "corrupt-body": self = .corruptBody(at: try reader.integer("at") ?? 0)
        case "wrong-digest": self = .wrongDigest
        case "expired-token": self = .expiredToken
        case "redirect": self = .redirect(to: try reader.text("to"))
        case "ignore-filters": self = .ignoreFilters
        case "missing-pagination":
            self = try reader.texts("fields").map { .missingPagination($0) } ?? .missingPagination()
        case "wrong-current": self = .wrongCurrent(try reader.integer("value") ?? 1)
        case "shifting-pages": self = .shiftingPages(by: Int(try reader.integer("by") ?? 1))
        case "malformed-item":
            let index = Int(try reader.integer("at") ?? 0)
            self = reader.value("value").map { .malformedItem(at: index, $0) } ?? .malformedItem(at: index)
        case "duration-in-seconds": self = .durationInSeconds
        case "missing-member": self = .missingMember(at: Int(try reader.integer("at") ?? 0))
        case "listing": self = .listing(try Fault.Page(&reader))
        case "answer":
            let encoded = try reader.text("body_base64").flatMap { Data(base64Encoded: $0) }
            let fields = reader.value("headers")?.members ?? [:]
            self = .answer(
                status: Int(try reader.integer("status") ?? 200),
                headers: fields.compactMapValues(\.text),
                body: try encoded.map { Array($0) } ?? Array((reader.text("body") ?? "").utf8)
            )
        default:
            throw Failure(
                .configuration,
                "\(reader.name) has no known kind: \(name)",
                advice: "The kinds are listed by platform-sim --help"
            )
        }
    }
}

extension Fault.Page {
    fileprivate init(_ reader: inout FieldReader) throws {
        self.init(
            keep: try reader.integer("keep").map { Int($0) },
            pagination: reader.value("pagination") ?? [:],
            success: try reader.flag("success") ?? true,
            message: try reader.text("message"),
            isAlwaysFirst: try reader.flag("same_page") ?? false
        )
    }
}

extension Fault.RetryAfter {
    fileprivate init?(_ reader: inout FieldReader) throws {
        let form = try reader.text("retry_after_form")
        guard let seconds = try reader.integer("retry_after") else { return nil }
        self = form == "date" ? .date(inSeconds: seconds) : .seconds(seconds)
    }
}

extension Fault.Delay {
    fileprivate init(_ reader: inout FieldReader) throws {
        if let gate = try reader.text("gate") {
            self = .gate(gate)
        } else if let milliseconds = try reader.integer("ms") {
            self = .milliseconds(milliseconds)
        } else {
            throw reader.missing("ms or gate")
        }
    }
}

// MARK: - Counting

/// The faults that are armed, and how often each was met.
struct FaultScript: Sendable {
    private(set) var faults: [(fault: Fault, met: Int)]

    init(_ faults: [Fault] = []) {
        self.faults = faults.map { ($0, 0) }
    }

    mutating func add(_ more: [Fault]) {
        faults += more.map { ($0, 0) }
    }

    /// A fault that hits a request, and for the how manieth time, from 1.
    struct Hit: Hashable, Sendable {
        var fault: Fault
        var occurrence: Int
    }

    /// Counts a request and returns what hits it.
    ///
    /// - Parameter target: path and query.
    mutating func meet(_ endpoint: Endpoint, target: String) -> [Hit] {
        var hits: [Hit] = []
        for index in faults.indices {
            let fault = faults[index].fault
            guard fault.endpoint == nil || fault.endpoint == endpoint else { continue }
            if let match = fault.match, !target.contains(match) { continue }
            faults[index].met += 1
            let occurrence = faults[index].met - fault.skip
            guard occurrence > 0, fault.count.map({ occurrence <= $0 }) ?? true else { continue }
            hits.append(Hit(fault: fault, occurrence: occurrence))
        }
        return hits
    }
}
