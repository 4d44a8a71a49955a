package import Recordings

/// A recording as `GET /api/v2/recordings` lists it.
///
/// Fields by the help centre's sample ("Call recordings via API") and the vendor's OpenAPI file (manager, SDK 0.46), which
/// do not agree: every field but the id and the date may be missing, null, or of another kind.
package struct ListedRecording: ListedItem, Codable {
    package var id: RecordingID
    /// When the recording started.
    package var dateCreated: Timestamp
    /// As given: milliseconds in the help centre's sample, seconds by the OpenAPI file. The audio decides.
    package var duration: Double?
    /// Where the audio is. Neither its host nor its ending can be counted on: the sample ends in `stream.wav` and is MP3.
    package var url: String?
    /// Lower case: `init`, `recording`, `stopped`, `stored`, `failed`, `deleted`, `missing`, or something new.
    package var state: String?
    package var file: File?
    package var call: Recording.Call?
    package var agent: Recording.Agent?
    package var tags: [String] = []

    package init(id: RecordingID, dateCreated: Timestamp) {
        self.id = id
        self.dateCreated = dateCreated
    }

    package var identity: String { id.text }
    package var listedAt: Timestamp? { dateCreated }

    /// The stored file behind a recording.
    package struct File: Codable, Hashable, Sendable {
        package var id: String?
        /// Lower case: `created`, `storing`, `stored`, `failed`, `deleted`, `missing`, or something new.
        package var state: String?
        package var name: String?
        package var size: Int64?
        package var contentType: String?

        package init() {}
    }
}

extension ListedRecording {
    package enum Availability: Hashable, Sendable {
        /// To be fetched: stored, or in a state that nobody has described.
        case stored
        /// Not yet; the state says why.
        case pending(String)
        case deleted
        /// The platform has no audio of it; the state says why.
        case failed(String)
    }

    /// What the states of the recording and of its file say together: the worse one counts.
    package var availability: Availability {
        let states = [state, file?.state].compactMap(\.self)
        if states.contains("deleted") { return .deleted }
        if let failed = states.first(where: { $0 == "failed" || $0 == "missing" }) { return .failed(failed) }
        let unfinished: Set = ["init", "recording", "stopped", "created", "storing"]
        if let pending = states.first(where: unfinished.contains) { return .pending(pending) }
        return .stored
    }
}

extension ListedRecording {
    /// Reads one item of the list.
    static func read(_ item: JSONValue) -> Result<ListedRecording, MalformedItem> {
        guard item.isObject else { return .failure(MalformedItem(detail: "the item is no object")) }
        guard let written = item["id"].string else { return .failure(MalformedItem(detail: "the item has no id")) }
        guard let id = RecordingID(written) else {
            return .failure(MalformedItem(detail: "the item's id cannot be one (\(written.utf8.count) bytes)"))
        }
        guard let date = item["dateCreated"].timestamp else {
            return .failure(MalformedItem(id: id, detail: "the item has no dateCreated that can be read"))
        }
        var recording = ListedRecording(id: id, dateCreated: date)
        recording.duration = item["duration"].number.flatMap { $0 >= 0 ? $0 : nil }
        recording.url = item["url"].string
        recording.state = item["state"].string?.lowercased()
        recording.file = File(item["file"])
        recording.call = Recording.Call(listed: item["call"])
        recording.agent = Recording.Agent(listed: item["agent"])
        recording.tags = (item["tags"].list ?? []).compactMap { $0.string ?? $0["name"].string }
        return .success(recording)
    }
}

extension ListedRecording.File {
    fileprivate init?(_ value: JSONValue) {
        guard value.isObject else { return nil }
        id = value["id"].platformID
        state = value["state"].string?.lowercased()
        name = value["name"].string
        size = value["size"].integer.flatMap { $0 >= 0 ? $0 : nil }
        contentType = value["contentType"].string
    }
}

extension Recording.Call {
    fileprivate init?(listed value: JSONValue) {
        self.init(
            id: value["id"].platformID,
            conversationID: value["conversationId"].platformID,
            direction: Recording.Direction(listed: value["type"]),
            from: value["from"].string,
            to: value["to"].string
        )
        guard self != Recording.Call() else { return nil }
    }
}

extension Recording.Agent {
    /// Reads `{id, name, number}`, or a name alone; nil when nothing is known.
    init?(listed value: JSONValue) {
        if let name = value.string {
            self.init(name: name)
        } else {
            self.init(id: value["id"].platformID, name: value["name"].string, number: value["number"].string)
        }
        guard self != Recording.Agent() else { return nil }
    }
}

extension Recording.Direction {
    /// Upper case in the help centre's sample, lower case in the OpenAPI file.
    init?(listed value: JSONValue) {
        guard let text = value.string?.lowercased() else { return nil }
        self.init(rawValue: text)
    }
}

extension JSONValue {
    /// An id as the vendor's SDKs write it, without hyphens and in lower case; the OpenAPI file calls ids UUIDs.
    var platformID: String? {
        string.map { RecordingID($0)?.text ?? $0 }
    }

    /// An RFC 3339 time, or Unix time in milliseconds or seconds.
    var timestamp: Timestamp? {
        if case .text(let text) = self, let time = Timestamp(rfc3339: text.trimmingSpaces) { return time }
        guard let value = integer, value > 0, value < 1 << 50 else { return nil }
        // In seconds 10^11 is the year 5138, in milliseconds March 1973.
        return value < 100_000_000_000 ? Timestamp(secondsSinceEpoch: value) : Timestamp(millisecondsSinceEpoch: value)
    }
}
