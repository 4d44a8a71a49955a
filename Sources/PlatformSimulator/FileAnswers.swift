import Foundation

extension AccountState {
    /// `GET /api/v2/files`.
    func files(_ query: Query, hits: [FaultScript.Hit]) -> Answer {
        var found = (account.files + account.recordings.compactMap(writer.file(of:))).map(writer.item(of:))
        if !hits.ignoreFilters {
            found = found.filter { item in
                func has(_ name: String) -> Bool { query[name].map { item[name]?.text == $0 } ?? true }
                let name = item["filename"]?.text ?? ""
                return has("type") && has("state") && has("filename") && (query["q"].map(name.contains) ?? true)
            }
        }
        let key = query["sort"] == "id" ? "id" : "dateCreated"
        found.sort { ($0[key]?.text ?? "", $0["id"]?.text ?? "") < ($1[key]?.text ?? "", $1["id"]?.text ?? "") }
        if (query["order"] ?? account.page.order.rawValue) == "desc" { found.reverse() }
        return Listing(elements: found, query: query, rules: account.page, hits: hits).answer { $0 }
    }

    /// `GET /api/v2/files/{id}/download`: a signed URL on the storage host, good for five minutes.
    func fileDownload(id: String, wall: Int64) -> Answer {
        guard let file = file(id: id), file.content?.facts() != nil else { return .notFound("file \(id)") }
        let expires = wall / 1000 + 300
        let name = writer.item(of: file)["filename"]?.text ?? id
        let escaped = name.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._"))
        )
        return .redirect(
            to: "\(storageURL)/stored/\(id)/\(escaped ?? id)?expires=\(expires)"
                + "&signature=\(signature(id: id, expires: expires))"
        )
    }

    /// `GET /stored/{id}/{name}` on the storage host.
    func storedFile(id: String, _ incoming: Incoming, wall: Int64) -> Answer {
        guard let expires = incoming.query["expires"].flatMap({ Int64($0) }), expires >= wall / 1000,
            incoming.query["signature"] == signature(id: id, expires: expires)
        else { return .error(403, "access_denied", "the signature is wrong or over") }
        guard let file = file(id: id), let content = file.content else { return .notFound("file \(id)") }
        let type = writer.item(of: file)["contentType"]?.text ?? "application/octet-stream"
        return .content(content, mediaType: type, conditions: incoming.conditions)
    }

    /// `GET|POST /api/v2/files/bulk/download`: one ZIP; ids without a file are left out.
    func filesBulk(_ incoming: Incoming, hits: [FaultScript.Hit]) -> Answer {
        guard account.bulk.isEnabled else { return .notFound(incoming.pathText) }
        let ids: [String]
        if incoming.method == "POST" {
            ids = incoming.json()?["ids"]?.elements?.compactMap(\.text) ?? []
        } else {
            ids = (incoming.query["ids"] ?? "").split(separator: ",").map(String.init)
        }
        guard !ids.isEmpty else { return .error(400, "bad_request", "ids are missing") }
        let byID = Dictionary(
            (account.files + account.recordings.compactMap(writer.file(of:))).compactMap { file in
                file.fields["id"]?.text.map { ($0, file) }
            },
            uniquingKeysWith: { first, _ in first }
        )
        var entries: [ZipEntry] = []
        for id in ids {
            guard let file = byID[id], let content = file.content, content.facts() != nil else { continue }
            entries.append(ZipEntry(name: memberName(of: file, position: entries.count + 1), content: content))
        }
        for case .missingMember(let index) in hits.map(\.fault.kind) where entries.indices.contains(index) {
            entries.remove(at: index)
        }
        guard !entries.isEmpty else { return .notFound("any of the files") }
        return Answer(
            200,
            headers: [
                ("Content-Type", "application/zip"), ("Content-Disposition", "attachment; filename=\"files.zip\""),
            ],
            body: .zip(entries, account.bulk.method)
        )
    }

    private func memberName(of file: Account.StoredFile, position: Int) -> String {
        let item = writer.item(of: file)
        let name = item["filename"]?.text ?? "file"
        let parts = name.split(separator: ".")
        let ending = parts.count > 1 ? parts.last.map { ".\($0)" } ?? "" : ""
        switch account.bulk.names {
        case .filename: return name
        case .id: return (item["id"]?.text ?? name) + ending
        case .numbered:
            let digits = String(position)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ending
        }
    }

    private func file(id: String) -> Account.StoredFile? {
        account.files.first { $0.fields["id"]?.text == id }
            ?? account.recordings.lazy.compactMap(writer.file(of:)).first { $0.fields["id"]?.text == id }
    }
}
