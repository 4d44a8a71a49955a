import Foundation
import Recordings

extension AccountState {
    /// `GET /api/v2/recordings`.
    func recordings(_ query: Query, hits: [FaultScript.Hit]) -> Answer {
        var found = account.recordings
        if !hits.ignoreFilters {
            let time = TimeFilter(query, prefixes: ["filters."])
            let state = query["filters.state"]
            found = found.filter { recording in
                time.admits(recording.fields["dateCreated"])
                    && (state.map { $0 == recording.fields["state"]?.text ?? "stored" } ?? true)
            }
        }
        if account.page.order == .descending { found.reverse() }
        return Listing(elements: found, query: query, rules: account.page, hits: hits).answer(writer.item(of:))
    }

    /// `GET`, `PUT {tags}` and `DELETE /api/v2/recordings/{id}`.
    mutating func recording(id: String, _ incoming: Incoming, wall: Int64) -> Answer {
        guard let index = index(ofRecording: id) else { return .notFound("recording \(id)") }
        switch incoming.method {
        case "GET", "HEAD": break
        case "PUT":
            guard let tags = incoming.json()?["tags"], tags.elements != nil else {
                return .error(400, "bad_request", "tags are missing")
            }
            account.recordings[index].fields["tags"] = tags
            account.recordings[index].fields["lastUpdated"] =
                .text(Timestamp(millisecondsSinceEpoch: wall).description)
        case "DELETE":
            account.recordings.remove(at: index)
            return .json(["success": true])
        default: return .error(405, "method_not_allowed", "use GET, PUT or DELETE")
        }
        return .json(["item": writer.item(of: account.recordings[index]), "success": true])
    }

    /// `GET|PUT|POST|DELETE /api/v2/recordings/{id}/flag`.
    mutating func recordingFlag(id: String, _ incoming: Incoming) -> Answer {
        guard let index = index(ofRecording: id) else { return .notFound("recording \(id)") }
        switch incoming.method {
        case "PUT", "POST": account.recordings[index].isFlagged = true
        case "DELETE": account.recordings[index].isFlagged = false
        default: break
        }
        return .json(["item": ["flagged": .flag(account.recordings[index].isFlagged)], "success": true])
    }

    /// `POST /api/v2/recordings/bulk/{flag|unflag|delete}`.
    mutating func recordingsBulk(_ action: String, _ incoming: Incoming) -> Answer {
        guard incoming.method == "POST" else { return .error(405, "method_not_allowed", "use POST") }
        guard let ids = incoming.json()?["ids"]?.elements?.compactMap(\.text) else {
            return .error(400, "bad_request", "ids are missing")
        }
        let indices = account.recordings.indices.filter { account.recordings[$0].id.map(ids.contains) ?? false }
        switch action {
        case "flag", "unflag":
            for index in indices { account.recordings[index].isFlagged = action == "flag" }
        case "delete":
            account.recordings.removeAll { $0.id.map(ids.contains) ?? false }
        default: return .notFound("the action \(action)")
        }
        return .json(["success": true])
    }

    /// `GET /recording/{account}/{id}/stream.wav`.
    func audio(owner: String, id: String, _ incoming: Incoming) -> Answer {
        guard owner == account.accountID, let index = index(ofRecording: id),
            let audio = account.recordings[index].audio
        else { return .notFound("the audio of recording \(id)") }
        let item = writer.item(of: account.recordings[index])
        return .content(
            audio,
            mediaType: item["file"]?["contentType"]?.text ?? "audio/mpeg",
            conditions: incoming.conditions
        )
    }

    func index(ofRecording id: String) -> Int? {
        account.recordings.firstIndex { $0.id == id }
    }
}
