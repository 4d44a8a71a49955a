import Foundation
package import Recordings

/// One request as the simulator saw it. It never holds a credential, only of which kind one came with it.
package struct LoggedRequest: Codable, Hashable, Sendable {
    package enum Listener: String, Codable, Sendable {
        case platform
        /// The other host, to which file downloads are redirected.
        case storage
    }

    package enum Credentials: String, Codable, Sendable {
        case none
        case bearer
        case accessID = "access-id"
        case basic
        /// The header that the account asks of who reads its archives.
        case archiveHeader = "archive-header"
    }

    package enum Outcome: String, Codable, Sendable {
        case complete
        /// The connection was closed early because a fault says so.
        case cut
        /// The client went away, or reading the file failed.
        case aborted
    }

    /// Counts from 1 in the order of arrival.
    package var number: Int
    package var listener: Listener
    package var endpoint: Endpoint
    package var method: String
    package var path: String
    /// With the values of secrets replaced.
    package var query: String?
    package var range: String?
    package var credentials: Credentials
    package var remotePort: Int
    package var receivedAt: Timestamp
    /// Of `CLOCK_MONOTONIC`, as are the other two.
    package var receivedNanoseconds: Int64
    /// When the answer's head was ready to go out.
    package var answeredNanoseconds: Int64?
    /// Before the last bytes were handed to the network, so that what a client does after the answer comes later.
    package var endedNanoseconds: Int64?
    package var status: Int?
    /// The bytes of the body.
    package var bytes: Int64 = 0
    package var faults: [String] = []
    /// Nil while the answer is under way.
    package var outcome: Outcome?

    private enum CodingKeys: String, CodingKey {
        case number, listener, endpoint, method, path, query, range, credentials
        case remotePort = "remote_port"
        case receivedAt = "received_at"
        case receivedNanoseconds = "received_ns"
        case answeredNanoseconds = "answered_ns"
        case endedNanoseconds = "ended_ns"
        case status, bytes, faults, outcome
    }
}

/// Something that a well-behaved client never does.
package struct Violation: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// An audio request while another was being answered.
        case parallelAudio = "parallel-audio"
        /// A token request while another was being answered.
        case parallelToken = "parallel-token"
        /// More requests in a second than the rate limit allows.
        case rateLimit = "rate-limit"
        /// The account's credentials where nobody asked for them: on the storage host, or with an open archive.
        case credentialsElsewhere = "credentials-elsewhere"
        /// A secret in a URL.
        case credentialsInURL = "credentials-in-url"
    }

    package var kind: Kind
    /// The number of the request.
    package var request: Int
    package var detail: String
}

/// All requests and violations since the start, or since the log was cleared.
struct RequestLog: Sendable {
    private(set) var violations: [Violation] = []
    private var entries: [Int: LoggedRequest] = [:]
    private var lastNumber = 0

    /// In the order of arrival.
    var requests: [LoggedRequest] { entries.values.sorted { $0.number < $1.number } }

    /// - Returns: the request's number.
    mutating func begin(_ request: LoggedRequest) -> Int {
        lastNumber += 1
        var entry = request
        entry.number = lastNumber
        entries[lastNumber] = entry
        return lastNumber
    }

    mutating func report(_ kind: Violation.Kind, request: Int, _ detail: String) {
        violations.append(Violation(kind: kind, request: request, detail: detail))
    }

    mutating func update(_ number: Int, _ change: (inout LoggedRequest) -> Void) {
        guard var entry = entries[number] else { return }
        change(&entry)
        entries[number] = entry
    }

    /// - Returns: the entry, when the request had not ended before.
    mutating func end(
        _ number: Int,
        outcome: LoggedRequest.Outcome,
        bytes: Int64?,
        at nanoseconds: Int64
    ) -> LoggedRequest? {
        guard var entry = entries[number], entry.outcome == nil else { return nil }
        entry.outcome = outcome
        entry.endedNanoseconds = nanoseconds
        if let bytes { entry.bytes = bytes }
        entries[number] = entry
        return entry
    }

    /// Forgets what has ended; what is under way stays.
    mutating func clear() {
        entries = entries.filter { $0.value.outcome == nil }
        violations = []
    }
}

/// A file with a line of JSON for every request that has ended.
final class LogFile: Sendable {
    private let handle: FileHandle

    /// - throws: ``Failure`` with code `fileSystem` when the file cannot be written.
    init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw Failure(.fileSystem, "\(path) cannot be written", advice: "Name a log file in a folder that exists")
        }
        _ = try handle.seekToEnd()
        self.handle = handle
    }

    /// One write call a line, so that lines never mix.
    func append(_ request: LoggedRequest) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(request) else { return }
        line.append(UInt8(ascii: "\n"))
        try? handle.write(contentsOf: line)
    }
}
