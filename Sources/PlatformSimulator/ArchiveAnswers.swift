import Foundation

extension AccountState {
    /// `GET /archives/…`: a file of the account's archives, whole or in part.
    mutating func archive(_ path: [String], _ incoming: Incoming, wall: Int64) -> Answer {
        if let refusal = archiveRefusal(of: incoming, wall: wall) { return refusal }
        guard incoming.method == "GET" || incoming.method == "HEAD" else {
            return .error(405, "method_not_allowed", "use GET or HEAD")
        }
        let isSafe = path.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("/") && !$0.contains("\0") }
        let name = path.joined(separator: "/")
        guard isSafe, let content = archiveContent(name), content.facts() != nil else { return .notFound(name) }
        var answer = Answer.content(
            content,
            mediaType: Content.mediaType(ofName: name),
            conditions: incoming.conditions
        )
        if account.archiveAccess.sendsDigest, let digest = digest(of: content, name: name) { answer.setDigest(digest) }
        return answer
    }

    /// Large archives are hashed once; another size or modification time makes it be done again.
    private mutating func digest(of content: Content, name: String) -> Data? {
        guard let facts = content.facts() else { return nil }
        let key = "\(name) \(facts.etag)"
        if let known = digests[key] { return known }
        digests[key] = try? content.sha256()
        return digests[key]
    }

    private func archiveContent(_ name: String) -> Content? {
        account.archives[name] ?? account.archivesFolder.map { .file(path: "\($0)/\(name)") }
    }

    private func archiveRefusal(of incoming: Incoming, wall: Int64) -> Answer? {
        let access = account.archiveAccess
        if access.needsPlatformCredentials { return refusal(of: incoming, wall: wall) }
        if let basic = access.basic {
            let given = incoming.basicCredentials
            guard given?.username == basic.username, given?.password == basic.password else {
                var answer = Answer.error(401, "unauthorized", "user name and password are required")
                answer.set("WWW-Authenticate", "Basic realm=\"archives\"")
                return answer
            }
        }
        if let header = access.header, incoming.headers[header.name.lowercased()] != header.value {
            return .error(401, "unauthorized", "the header \(header.name) is missing or wrong")
        }
        return nil
    }
}
