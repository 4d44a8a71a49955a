import Foundation
import Recordings

/// `/_sim/…`: looking at the log and changing the account while it runs. Needs no credentials and is not logged.
extension SimulatedPlatform {
    func control(_ path: [String], _ incoming: Incoming) async -> Answer {
        do {
            switch (incoming.method, path.first, path.count) {
            case ("GET", "gates", 3) where path[2] == "reached":
                await gates.reached(path[1], times: incoming.query.integer("times") ?? 1)
            case ("POST", "gates", 3) where path[2] == "open": gates.open(path[1])
            case ("POST", "gates", 3) where path[2] == "close": gates.close(path[1])
            case ("POST", "reload", 1): try reload()
            case ("POST", "clock", 1): try setClock(incoming)
            case (_, "requests", 1), (_, "violations", 1): return try logAnswer(path[0], incoming)
            case (_, "faults", 1): return try faultsAnswer(incoming)
            case (_, "recordings", _): try changeRecordings(path, incoming)
            case ("PATCH", "account", 1):
                let settings = try body(incoming)
                try withState { state in
                    var account = state.account
                    try account.applySettings(settings)
                    state.account = account
                }
            case ("POST", "tokens", 2) where path[1] == "expire":
                let includingRefresh = incoming.query["refresh"] == "true"
                withState { $0.tokens.revokeAll(includingRefresh: includingRefresh) }
            default: return .notFound(incoming.pathText)
            }
            return .json(["success": true])
        } catch {
            return .error(400, "bad_request", "\(error)")
        }
    }

    /// - throws: ``Failure`` when there is no folder, or it does not describe an account any more.
    func reload() throws {
        guard let folder else { throw Failure(.usage, "the account was not read from a folder") }
        let account = try Account(folder: folder)
        withState { $0.account = account }
    }

    private func body(_ incoming: Incoming) throws -> JSONValue {
        try JSONValue(parsing: incoming.body, of: "the body")
    }

    private func logAnswer(_ name: String, _ incoming: Incoming) throws -> Answer {
        if incoming.method == "DELETE" {
            withState { $0.log.clear() }
            return .json(["success": true])
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let endpoint = incoming.query["endpoint"]
        let data =
            if name == "violations" {
                try encoder.encode(["items": withState { $0.log.violations }])
            } else {
                try encoder.encode([
                    "items": withState { $0.log.requests }
                        .filter { endpoint == nil || $0.endpoint.rawValue == endpoint }
                ])
            }
        return Answer(200, headers: [("Content-Type", "application/json")], body: .data(data))
    }

    private func faultsAnswer(_ incoming: Incoming) throws -> Answer {
        switch incoming.method {
        case "DELETE": withState { $0.script = FaultScript() }
        case "POST", "PUT":
            let value = try body(incoming)
            let faults = try (value.elements ?? [value]).map { try Fault($0) }
            withState { state in
                if incoming.method == "PUT" { state.script = FaultScript() }
                state.script.add(faults)
            }
        default: break
        }
        let armed = withState { $0.script.faults }
        let items = armed.map { entry -> JSONValue in
            var item: JSONValue = ["kind": .text(entry.fault.name), "met": .integer(Int64(entry.met))]
            item["endpoint"] = (entry.fault.endpoint?.rawValue).map { .text($0) }
            item["match"] = entry.fault.match.map { .text($0) }
            item["skip"] = .integer(Int64(entry.fault.skip))
            item["count"] = entry.fault.count.map { .integer(Int64($0)) }
            return item
        }
        return .json(["items": .array(items), "success": true])
    }

    /// `POST recordings` adds, `PATCH recordings/{id}` lays fields over, `DELETE recordings/{id}` removes.
    private func changeRecordings(_ path: [String], _ incoming: Incoming) throws {
        let audioFolder = folder?.appendingPathComponent("audio")
        switch (incoming.method, path.count) {
        case ("POST", 1):
            let value = try body(incoming)
            let recordings = try (value.elements ?? [value]).map {
                try Account.StoredRecording(item: $0, audioFolder: audioFolder)
            }
            withState { state in
                for recording in recordings { state.put(recording) }
            }
        case ("PATCH", 2):
            let change = try Account.StoredRecording(item: try body(incoming), audioFolder: audioFolder)
            try withState {
                try $0.updateRecording(
                    path[1],
                    fields: change.fields,
                    audio: change.audio,
                    audioName: change.audioName
                )
            }
        case ("DELETE", 2): withState { $0.account.recordings.removeAll { $0.id == path[1] } }
        default: throw Failure(.usage, "\(incoming.method) does not go with \(incoming.pathText)")
        }
    }

    private func setClock(_ incoming: Incoming) throws {
        let now = clock.wallMilliseconds
        try FieldReader.read(body(incoming), name: "clock") { reader in
            if let text = try reader.text("now") {
                guard let time = Timestamp(rfc3339: text) else {
                    throw Failure(.usage, "now must be an RFC 3339 time")
                }
                withState { $0.clockOffsetMilliseconds = time.millisecondsSinceEpoch - now }
            }
            if let seconds = try reader.integer("advance_seconds") {
                withState { $0.clockOffsetMilliseconds += seconds * 1000 }
            }
        }
    }
}

extension AccountState {
    /// Adds a recording; one with the same id is replaced.
    mutating func put(_ recording: Account.StoredRecording) {
        if let id = recording.id, let index = index(ofRecording: id) {
            account.recordings[index] = recording
        } else {
            account.recordings.append(recording)
        }
    }

    mutating func updateRecording(_ id: String, fields: JSONValue, audio: Content?, audioName: String?) throws {
        guard let index = index(ofRecording: id) else {
            throw Failure(.notFound, "there is no recording \(id)")
        }
        var recording = account.recordings[index]
        recording.fields = recording.fields.merging(fields)
        if let audio { recording.audio = audio }
        if let audioName { recording.audioName = audioName }
        account.recordings[index] = recording
    }
}
