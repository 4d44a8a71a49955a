package import Foundation
package import Recordings

/// A file as `GET /api/v2/files` lists it (OpenAPI file, manager, SDK 0.46).
package struct StoredFile: ListedItem, Codable {
    /// Without hyphens, in lower case.
    package var id: String
    package var filename: String?
    package var dateCreated: Timestamp?
    package var lastUpdated: Timestamp?
    package var size: Int64?
    package var contentType: String?
    /// Lower case: `created`, `storing`, `stored`, `failed`, `deleted`, `missing`.
    package var state: String?
    /// Lower case: `recording`, `prompt`, `backup`.
    package var type: String?

    package init(id: String) {
        self.id = id
    }

    package var identity: String { id }
    /// The list of files has no filter by time.
    package var listedAt: Timestamp? { nil }
}

extension StoredFile {
    static func read(_ item: JSONValue) -> Result<StoredFile, MalformedItem> {
        guard let id = item["id"].platformID else { return .failure(MalformedItem(detail: "the file has no id")) }
        var file = StoredFile(id: id)
        file.filename = item["filename"].string
        file.dateCreated = item["dateCreated"].timestamp
        file.lastUpdated = item["lastUpdated"].timestamp
        file.size = item["size"].integer.flatMap { $0 >= 0 ? $0 : nil }
        file.contentType = item["contentType"].string
        file.state = item["state"].string?.lowercased()
        file.type = item["type"].string?.lowercased()
        return .success(file)
    }
}

extension PlatformClient {
    /// The files that match a query, oldest first.
    ///
    /// - Parameter type: `recording`, `prompt` or `backup`; nil for all.
    /// - Throws: `Failure` with code `credentials`, `unreachable`, `badAnswer` or `notFound`.
    package func files(
        query: String,
        type: String? = nil,
        progress: Progress = .none
    ) async throws -> PagedListing<StoredFile> {
        var filters = [("q", query), ("sort", "dateCreated"), ("order", "asc")]
        if let type { filters.append(("type", type)) }
        do {
            return try await list("/api/v2/files", filters, in: nil, progress: progress, read: StoredFile.read)
        } catch let refusal as Refused {
            throw refusal.failure
        }
    }

    /// Where a stored file can be downloaded: it redirects to the file, which can lie on another host. For a
    /// ``Download`` with the account's credentials, which that host does not get.
    package func address(ofFile id: String) -> URL {
        address("/api/v2/files/\(formEncoded([(id, "")]).dropLast())/download")
    }

    /// Fetches many files as one ZIP, while nobody else on the account fetches audio.
    ///
    /// The naming of the members is not documented, and whether all files are in it is the caller's to see.
    ///
    /// - Parameter ids: ids of files (`ListedRecording.file.id`), not of recordings.
    /// - Throws: as ``audio(of:resuming:limit:progress:_:)``.
    package func archive(
        ofFiles ids: [String],
        limit: Int64 = 16 << 30,
        progress: Progress = .none,
        _ receive: (AudioEvent) async throws -> Void
    ) async throws -> AudioOutcome {
        let path = "/api/v2/files/bulk/download"
        // The same by GET and by POST; a long query is cut by some servers, and a POST cannot be redirected.
        let list = ids.joined(separator: ",")
        var request = WebRequest("GET", address(path, [("ids", list)]), headers: ["Accept": "application/zip, */*"])
        if list.utf8.count > 4000 {
            let body = try JSONEncoder().encode(["ids": ids])
            request = WebRequest(
                "POST",
                address(path),
                headers: ["Accept": "application/zip, */*", "Content-Type": "application/json"],
                body: Array(body)
            )
        }
        return try await stream(request, limit: limit, resuming: nil, progress: progress, receive)
    }
}
