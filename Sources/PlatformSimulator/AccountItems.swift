import Crypto
import Foundation
import Recordings

/// The items as they go over the wire: what the account gives, and what is derived from it.
struct ItemWriter: Sendable {
    let baseURL: String
    let accountID: String

    func item(of recording: Account.StoredRecording) -> JSONValue {
        var item = recording.fields
        let id = recording.id ?? ""
        derive("dateCreated", from: "1970-01-01T00:00:00.000Z", in: &item)
        derive("lastUpdated", from: item["dateCreated"] ?? .null, in: &item)
        derive("url", from: .text("\(baseURL)/recording/\(accountID)/\(id)/stream.wav"), in: &item)
        derive("_url", from: .text("\(baseURL)/api/v2/recordings/\(id)"), in: &item)
        derive("state", from: "stored", in: &item)
        derive("tags", from: [], in: &item)
        if let audio = recording.audio {
            let file = Self.derivedFile(id: id, audio: audio, name: recording.audioName ?? "audio.mp3")
            item["file"] = recording.fields["file"].map { file.merging($0) } ?? file
        }
        for field in recording.omitted { item[field] = nil }
        return item
    }

    func item(of file: Account.StoredFile) -> JSONValue {
        var item = file.fields
        let id = item["id"]?.text ?? ""
        let name = file.contentName.flatMap { $0.split(separator: "/").last }.map(String.init) ?? id
        derive("filename", from: .text(name), in: &item)
        derive("state", from: "stored", in: &item)
        derive("type", from: "backup", in: &item)
        derive("dateCreated", from: "1970-01-01T00:00:00.000Z", in: &item)
        derive("lastUpdated", from: item["dateCreated"] ?? .null, in: &item)
        derive("path", from: item["filename"] ?? .null, in: &item)
        derive("url", from: .text("\(baseURL)/api/v2/files/\(id)/download"), in: &item)
        if let size = file.content?.size { derive("size", from: .integer(size), in: &item) }
        derive("contentType", from: .text(Content.mediaType(ofName: item["filename"]?.text ?? "")), in: &item)
        return item
    }

    /// The stored file behind a recording; nil when it has none.
    func file(of recording: Account.StoredRecording) -> Account.StoredFile? {
        let item = item(of: recording)
        guard let file = item["file"], let id = file["id"] else { return nil }
        var fields: JSONValue = ["id": id, "type": "recording"]
        fields["filename"] = file["name"]
        fields["state"] = file["state"]
        fields["size"] = file["size"]
        fields["contentType"] = file["contentType"]
        fields["dateCreated"] = item["dateCreated"]
        fields["lastUpdated"] = item["lastUpdated"]
        return Account.StoredFile(fields: fields, content: recording.audio, contentName: recording.audioName)
    }

    private func derive(_ key: String, from value: JSONValue, in item: inout JSONValue) {
        if item[key] == nil { item[key] = value }
    }

    /// The file's id is made from the recording's, so that it stays the same however often the folder is read.
    private static func derivedFile(id: String, audio: Content, name: String) -> JSONValue {
        let digest = SHA256.hash(data: Data("file \(id)".utf8))
        let fileID = digest.prefix(16).map { byte in
            byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        let parts = name.split(separator: ".")
        let ending = parts.count > 1 ? parts.last.map { ".\($0)" } ?? "" : ""
        var file: JSONValue = [
            "id": .text(fileID.joined()), "state": "stored", "name": .text(id + ending),
            "contentType": .text(Content.mediaType(ofName: name)),
        ]
        file["size"] = audio.size.map { .integer($0) }
        return file
    }
}
