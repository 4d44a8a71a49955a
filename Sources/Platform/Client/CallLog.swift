package import Recordings

/// A call as `GET /api/v2/calls/reporting` lists it (OpenAPI file, manager, SDK 0.46), as far as recordings profit.
package struct CallLogEntry: ListedItem, Codable {
    /// Without hyphens, in lower case, as are the other ids.
    package var id: String
    package var dateCreated: Timestamp
    package var parentID: String?
    package var sessionID: String?
    package var conversationID: String?
    package var dateEstablished: Timestamp?
    package var dateFinished: Timestamp?
    /// Lower case.
    package var state: String?
    package var direction: Recording.Direction?
    package var from: String?
    package var to: String?
    /// Lower case: `queue`, `webrtc`, `api`, `dialer`, `dial`, `transfer`, `test`, `conference`, or something new. It
    /// tells queue, click-to-call and dialer calls apart, which the list of recordings does not.
    package var source: String?
    /// Seconds.
    package var duration: Double?
    package var queueID: String?
    package var queueName: String?
    package var campaign: String?
    /// The agent on the other side, where one was bridged in.
    package var agent: Recording.Agent?
    package var recordings: [RecordingID] = []

    package init(id: String, dateCreated: Timestamp) {
        self.id = id
        self.dateCreated = dateCreated
    }

    package var identity: String { id }
    package var listedAt: Timestamp? { dateCreated }
}

extension CallLogEntry {
    static func read(_ item: JSONValue) -> Result<CallLogEntry, MalformedItem> {
        guard let id = item["id"].platformID else { return .failure(MalformedItem(detail: "the call has no id")) }
        guard let date = item["dateCreated"].timestamp else {
            return .failure(MalformedItem(detail: "the call has no dateCreated that can be read"))
        }
        var call = CallLogEntry(id: id, dateCreated: date)
        call.parentID = item["parentId"].platformID
        call.sessionID = item["sessionId"].platformID
        call.conversationID = item["conversationId"].platformID
        call.dateEstablished = item["dateEstablished"].timestamp
        call.dateFinished = item["dateFinished"].timestamp
        call.state = item["state"].string?.lowercased()
        call.direction = Recording.Direction(listed: item["type"])
        call.from = item["from"].string
        call.to = item["to"].string
        call.source = item["source"].string?.lowercased()
        call.duration = item["duration"].number
        let bridged = item["bridged"]
        call.queueID = bridged["queueId"].platformID
        call.queueName = bridged["queueName"].string
        call.agent = Recording.Agent(listed: bridged["agent"])
        // Not in the OpenAPI file; answers of accounts with a dialer may carry it, as an object or as a name.
        call.campaign =
            [item["campaign"], item["campaign"]["name"], item["campaignName"]].lazy.compactMap(\.string).first
        // Ids, or objects that have one.
        call.recordings = (item["recordings"].list ?? []).compactMap {
            ($0.string ?? $0["id"].string).flatMap(RecordingID.init)
        }
        return .success(call)
    }
}

/// The calls of an interval, where the account may read them.
package enum CallLog: Hashable, Sendable {
    case readable(PagedListing<CallLogEntry>)
    /// The account has no call log, or its user may not read it; the detail is for people.
    case unreadable(detail: String)
}

/// For how many days the platform keeps what (OpenAPI file, `settings/retention/periods`); nil where it does not say.
package struct RetentionPeriods: Codable, Hashable, Sendable {
    package var defaultPeriod: Int?
    package var recordingFiles: Int?
    package var calls: Int?

    package init(defaultPeriod: Int? = nil, recordingFiles: Int? = nil, calls: Int? = nil) {
        self.defaultPeriod = defaultPeriod
        self.recordingFiles = recordingFiles
        self.calls = calls
    }
}

extension PlatformClient {
    /// The call log is longer than the list of recordings: most calls have none.
    private static let callsPerPage = 500

    /// The calls that were created in an interval. A recording can start after its call, and so on the next day.
    ///
    /// - Throws: `Failure` with code `unreachable` or `badAnswer`, and `credentials` for 401 only: a user who may not
    ///   read the call log (403) can still read recordings.
    package func callLog(in interval: Range<Timestamp>, progress: Progress = .none) async throws -> CallLog {
        // Inclusive at both ends (OpenAPI file).
        let filters = [
            ("time.start", String(interval.lowerBound.secondsSinceEpoch)),
            ("time.end", String(interval.upperBound.secondsSinceEpoch)),
        ]
        do {
            return .readable(
                try await list(
                    "/api/v2/calls/reporting",
                    filters,
                    in: interval,
                    pageSize: max(pageSize, Self.callsPerPage),
                    progress: progress,
                    read: CallLogEntry.read
                )
            )
        } catch let refusal as Refused {
            guard refusal.status != 401 else { throw refusal.failure }
            return .unreadable(detail: "the platform answers with status \(refusal.status)")
        }
    }

    /// How long the platform keeps things; nil where the account does not have these settings or may not read them.
    ///
    /// It is asked once: what it says is good to know, and nothing to wait for.
    ///
    /// - Throws: `Failure` with code `unreachable`, `badAnswer`, or `credentials` for 401.
    package func retentionPeriods() async throws -> RetentionPeriods? {
        do {
            let item = try await json("/api/v2/settings/retention/periods", policy: RetryPolicy(retries: 0))["item"]
            func days(_ name: String) -> Int? {
                item["data"][name].integer.flatMap { (0...100_000).contains($0) ? Int($0) : nil }
            }
            return RetentionPeriods(
                defaultPeriod: days("defaultPeriod"),
                recordingFiles: days("recordingFiles"),
                calls: days("calls")
            )
        } catch let refusal as Refused {
            guard refusal.status != 401 else { throw refusal.failure }
            return nil
        }
    }
}
