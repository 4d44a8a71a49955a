package import Foundation
import Recordings

extension Account {
    /// Reads an account from a folder.
    ///
    /// ```
    /// account.json       who may sign in, limits, how the platform behaves
    /// recordings.json    the recordings' items as on the wire; "audio" names a file under audio/ and is not served
    /// calls.json         the call log's items
    /// files.json         the stored files' items; "content" names a file in the folder and is not served
    /// faults.json        scripted faults, see ``Fault``
    /// audio/             the audio files
    /// archives/          served byte for byte below /archives/
    /// ```
    ///
    /// Only `account.json` must be there. Fields of an item that are not given are derived (`url`, `_url`, `state`,
    /// `file`, …); a field that is given, even null, is served as given; `"omit": ["agent"]` leaves fields out.
    ///
    /// - throws: ``Failure`` with code `configuration` or `notFound` that names the file and the key.
    package init(folder: URL) throws {
        self.init()
        let settings = folder.appendingPathComponent("account.json")
        guard FileManager.default.fileExists(atPath: settings.path) else {
            throw Failure(
                .notFound,
                "\(folder.path) holds no account.json",
                advice: "Name a folder that describes an account"
            )
        }
        try applySettings(JSONValue(parsing: Data(contentsOf: settings), of: settings.path))
        archivesFolder = folder.appendingPathComponent("archives").path
        let audio = folder.appendingPathComponent("audio")
        recordings = try Self.elements(of: "recordings.json", in: folder).map {
            try StoredRecording(item: $0, audioFolder: audio)
        }
        files = try Self.elements(of: "files.json", in: folder).map { try StoredFile(item: $0, folder: folder) }
        calls = try Self.elements(of: "calls.json", in: folder)
        faults = try Self.elements(of: "faults.json", in: folder).map { try Fault($0) }
    }

    private static func elements(of name: String, in folder: URL) throws -> [JSONValue] {
        let file = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        guard let elements = try JSONValue(parsing: Data(contentsOf: file), of: file.path).elements else {
            throw Failure(.configuration, "\(file.path) is not a JSON array")
        }
        return elements
    }

    /// Takes what an `account.json` gives; what it does not name stays.
    ///
    /// - throws: ``Failure`` with code `configuration` that names the key.
    mutating func applySettings(_ settings: JSONValue) throws {
        try FieldReader.read(settings, name: "account.json") { reader in
            try readCredentials(&reader)
            try readRules(&reader)
            try readArchiveAccess(&reader)
        }
    }

    private mutating func readCredentials(_ reader: inout FieldReader) throws {
        accountID = try reader.text("account_id") ?? accountID
        users =
            try reader.elements("users")?.map { user in
                try FieldReader.read(user, name: "account.json: users") { try User(&$0) }
            } ?? users
        accessKeys =
            try reader.elements("access")?.map { key in
                try FieldReader.read(key, name: "account.json: access") { try AccessKey(&$0) }
            } ?? accessKeys
        bearerTokens = try reader.texts("bearer_tokens") ?? bearerTokens
        retention = reader.value("retention") ?? retention
        latencyMilliseconds = try reader.integer("latency_ms") ?? latencyMilliseconds
    }

    private mutating func readRules(_ reader: inout FieldReader) throws {
        _ = try reader.object("token") { reader in
            token.lifetimeSeconds = try reader.integer("lifetime_seconds") ?? token.lifetimeSeconds
            token.isRefreshable = try reader.flag("refresh") ?? token.isRefreshable
        }
        rateLimit = try reader.object("rate_limit") { try RateLimit(&$0) } ?? rateLimit
        _ = try reader.object("audio") { reader in
            audio.parallel = try reader.integer("parallel").map { Int($0) } ?? audio.parallel
            audio.refusalStatus = try reader.integer("refusal_status").map { Int($0) } ?? audio.refusalStatus
        }
        _ = try reader.object("bulk") { reader in
            bulk.isEnabled = try reader.flag("enabled") ?? bulk.isEnabled
            bulk.method = try reader.choice("method") ?? bulk.method
            bulk.names = try reader.choice("names") ?? bulk.names
        }
        _ = try reader.object("page") { reader in
            page.defaultMax = try reader.integer("default_max").map { Int($0) } ?? page.defaultMax
            page.largestMax = try reader.integer("largest_max").map { Int($0) } ?? page.largestMax
            page.order = try reader.choice("order") ?? page.order
        }
    }

    private mutating func readArchiveAccess(_ reader: inout FieldReader) throws {
        archiveAccess =
            try reader.object("archives") { reader in
                var access = ArchiveAccess()
                if let username = try reader.text("username") {
                    access.basic = User(username: username, password: try reader.text("password") ?? "")
                }
                access.header = try reader.object("header") { reader in
                    guard let name = try reader.text("name") else { throw reader.missing("name") }
                    guard let value = try reader.text("value") else { throw reader.missing("value") }
                    return ArchiveAccess.Header(name: name, value: value)
                }
                access.needsPlatformCredentials = try reader.flag("platform_auth") ?? false
                access.sendsDigest = try reader.flag("digest") ?? false
                return access
            } ?? archiveAccess
    }
}

extension Account.User {
    fileprivate init(_ reader: inout FieldReader) throws {
        guard let username = try reader.text("username") else { throw reader.missing("username") }
        guard let password = try reader.text("password") else { throw reader.missing("password") }
        self.init(username: username, password: password, isManager: try reader.flag("manager") ?? true)
    }
}

extension Account.AccessKey {
    fileprivate init(_ reader: inout FieldReader) throws {
        guard let id = try reader.text("id") else { throw reader.missing("id") }
        guard let token = try reader.text("token") else { throw reader.missing("token") }
        self.init(id: id, token: token, isManager: try reader.flag("manager") ?? true)
    }
}

extension Account.RateLimit {
    init(_ reader: inout FieldReader) throws {
        guard let perSecond = try reader.integer("per_second") else { throw reader.missing("per_second") }
        self.init(
            perSecond: Int(perSecond),
            burst: Int(try reader.integer("burst") ?? 1),
            retryAfterSeconds: try reader.integer("retry_after_seconds") ?? 1
        )
    }
}

extension Account.StoredRecording {
    /// Reads an item of `recordings.json`.
    ///
    /// - Parameter audioFolder: where `audio` is looked up; nil when the account is in memory only.
    init(item: JSONValue, audioFolder: URL?) throws {
        guard case .object(var members) = item else {
            throw Failure(.configuration, "recordings.json holds an item that is no object")
        }
        let name = members.removeValue(forKey: "audio")?.text
        let omitted = members.removeValue(forKey: "omit")?.elements ?? []
        self.init(
            fields: .object(members),
            audio: name.flatMap { name in
                audioFolder.map { Content.file(path: $0.appendingPathComponent(name).path) }
            },
            audioName: name,
            omitted: Set(omitted.compactMap(\.text))
        )
        if let name, let audio, audio.facts() == nil {
            throw Failure(.configuration, "recordings.json names audio/\(name), which is not there")
        }
    }
}

extension Account.StoredFile {
    init(item: JSONValue, folder: URL?) throws {
        guard case .object(var members) = item, let id = members["id"]?.text else {
            throw Failure(.configuration, "files.json holds an item without an id")
        }
        let name = members.removeValue(forKey: "content")?.text
        self.init(
            fields: .object(members),
            content: name.flatMap { name in
                folder.map { Content.file(path: $0.appendingPathComponent(name).path) }
            },
            contentName: name
        )
        if let content, content.facts() == nil {
            throw Failure(.configuration, "files.json names a content for \(id) that is not there")
        }
    }
}
