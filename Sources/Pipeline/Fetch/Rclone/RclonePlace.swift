import Settings

/// Where a pattern's files lie: the folder that is named outright, and what is below it.
struct RclonePlace: Hashable, Sendable {
    /// Empty for the remote itself; without slashes at its ends.
    let folder: String
    /// The rest of the pattern.
    let pattern: String
    private let globs: [Glob]

    /// - Parameter text: a pattern of a day, its tokens filled in. Nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: "/").map(String.init)
        let isPlain = { (part: String) in !part.contains { "*?[".contains($0) } }
        let folders = parts.dropLast().prefix(while: isPlain)
        let rest = parts.dropFirst(folders.count)
        let globs = rest.compactMap { Glob($0) }
        guard !rest.isEmpty, globs.count == rest.count else { return nil }
        folder = folders.joined(separator: "/")
        pattern = rest.joined(separator: "/")
        self.globs = globs
    }

    /// Whether a path below ``folder`` is meant.
    func matches(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == globs.count && zip(globs, parts).allSatisfy { $0.matches(String($1)) }
    }

    /// How `rclone lsjson` lists what can match, and the unfinished files beside it.
    var flags: [String] {
        // Without a filter every file of a large drop would cost a request for its time on some remotes. rclone's own
        // wildcards differ from ours in sets and dots, so its answer is only a first sieve.
        let filter = pattern.split(separator: "/").map { Self.filter(String($0)) }.joined(separator: "/")
        return [
            "--recursive", "--files-only", "--no-mimetype", "--max-depth=\(globs.count)", "--include=/\(filter)*",
        ]
    }

    /// A pattern in rclone's syntax ("Filtering"): what is a wildcard there only is escaped, a set is any character.
    private static func filter(_ part: String) -> String {
        var result = ""
        var rest = Substring(part)
        while let character = rest.popFirst() {
            switch character {
            case "*", "?": result.append(character)
            case "[":
                // A bracket behind the opening one, or behind its "!", belongs to the set (POSIX.1-2017, XCU 2.13.1).
                if rest.first == "!" { rest.removeFirst() }
                _ = rest.popFirst()
                while let inside = rest.popFirst(), inside != "]" {}
                result.append("?")
            case "\\", "{", "}", "]": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }

    /// A path of `remote`, as rclone takes it.
    static func address(_ remote: String, _ path: String) -> String {
        if path.isEmpty { return remote }
        return remote.hasSuffix(":") || remote.hasSuffix("/") ? remote + path : "\(remote)/\(path)"
    }

    /// A path below ``folder`` as one below the remote.
    func whole(_ path: String) -> String { folder.isEmpty ? path : "\(folder)/\(path)" }
}
