package import Recordings

/// Everything that the simulated platform knows of one account: who may sign in, what is recorded, what is stored,
/// and how the platform behaves.
///
/// A test builds it in code; ``init(folder:)`` reads it from disk.
package struct Account: Sendable {
    /// The part of audio URLs that names the account.
    package var accountID = "a4e00fbc-71a8-4704-ba19-17b55765d18f"
    package var users: [User] = []
    package var accessKeys: [AccessKey] = []
    /// Bearer tokens that never expire.
    package var bearerTokens: [String] = []
    /// What `/settings/retention/periods` gives as `data`.
    package var retention: JSONValue = ["defaultPeriod": 365, "recordingFiles": 180, "calls": 365]
    package var token = TokenRules()
    /// Nil: as many requests as come.
    package var rateLimit: RateLimit?
    package var audio = AudioRules()
    package var bulk = BulkRules()
    package var page = PageRules()
    /// Waited before the first byte of every answer of the platform.
    package var latencyMilliseconds: Int64 = 0
    package var archiveAccess = ArchiveAccess()

    package var recordings: [StoredRecording] = []
    /// Items of the call log, as on the wire.
    package var calls: [JSONValue] = []
    /// Stored files other than the recordings' own, which are listed by themselves.
    package var files: [StoredFile] = []
    package var faults: [Fault] = []
    /// Archives given in code, by their path below `/archives/`; they hide files of the folder.
    package var archives: [String: Content] = [:]
    /// The folder whose files are served below `/archives/`.
    package var archivesFolder: String?

    package init() {}
}

extension Account {
    package struct User: Hashable, Sendable {
        package var username: String
        package var password: String
        /// Whether the user may read the API; without, every call is answered with 403.
        package var isManager: Bool

        package init(username: String, password: String, isManager: Bool = true) {
            self.username = username
            self.password = password
            self.isManager = isManager
        }
    }

    package struct AccessKey: Hashable, Sendable {
        package var id: String
        package var token: String
        package var isManager: Bool

        package init(id: String, token: String, isManager: Bool = true) {
            self.id = id
            self.token = token
            self.isManager = isManager
        }
    }

    package struct TokenRules: Hashable, Sendable {
        /// 12 hours, as the help centre says.
        package var lifetimeSeconds: Int64 = 43200
        /// Whether a refresh token comes with each access token.
        package var isRefreshable = true
    }

    package struct RateLimit: Hashable, Sendable {
        package var perSecond: Int
        /// How many requests more than `perSecond` one second may hold before it is refused.
        package var burst: Int
        package var retryAfterSeconds: Int64

        package init(perSecond: Int, burst: Int = 1, retryAfterSeconds: Int64 = 1) {
            self.perSecond = perSecond
            self.burst = burst
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    package struct AudioRules: Hashable, Sendable {
        /// How many audio answers may be under way at a time.
        package var parallel = 1
        /// What one more is answered with: 429 or 403.
        package var refusalStatus = 429
    }

    package struct BulkRules: Hashable, Sendable {
        /// What members of the ZIP are called; the platform does not document it.
        package enum Names: String, Sendable, CaseIterable {
            /// The file's `name`.
            case filename
            /// The file's id and the extension of its name.
            case id
            /// `0001.mp3` and so on.
            case numbered
        }

        package var isEnabled = true
        package var method = ZipMethod.deflated
        package var names = Names.filename
    }

    package struct PageRules: Hashable, Sendable {
        package enum Order: String, Sendable, CaseIterable {
            case ascending = "asc"
            case descending = "desc"
        }

        /// The page size when the client names none.
        package var defaultMax = 20
        /// A larger `max` is cut to this.
        package var largestMax = 100
        /// The order of listings, by `dateCreated`.
        package var order = Order.descending
    }

    /// Who may read below `/archives/`; with nothing set, everybody.
    package struct ArchiveAccess: Hashable, Sendable {
        package var basic: User?
        package var header: Header?
        /// The account's own credentials are asked for.
        package var needsPlatformCredentials = false
        /// Whether a `Repr-Digest` (RFC 9530) goes with each archive.
        package var sendsDigest = false

        package struct Header: Hashable, Sendable {
            package var name: String
            package var value: String

            package init(name: String, value: String) {
                self.name = name
                self.value = value
            }
        }
    }

    /// A recording: the item as on the wire, as far as it is not derived, and its audio.
    package struct StoredRecording: Hashable, Sendable {
        /// Fields that are served as they are.
        package var fields: JSONValue
        package var audio: Content?
        /// The name of the audio file, for the extension and the type that are derived.
        package var audioName: String?
        /// Fields that are left out, derived or given.
        package var omitted: Set<String>
        package var isFlagged = false

        package init(
            fields: JSONValue,
            audio: Content? = nil,
            audioName: String? = nil,
            omitted: Set<String> = []
        ) {
            self.fields = fields
            self.audio = audio
            self.audioName = audioName
            self.omitted = omitted
        }

        /// - Parameters:
        ///   - startedAt: the item's `dateCreated`.
        ///   - durationMilliseconds: the item's `duration`.
        ///   - fields: more fields of the item, laid over the others.
        package init(
            id: String,
            startedAt: Timestamp,
            durationMilliseconds: Int64? = nil,
            audio: Content? = nil,
            audioName: String = "audio.mp3",
            fields: JSONValue = [:]
        ) {
            var item: JSONValue = ["id": .text(id), "dateCreated": .text(startedAt.description)]
            item["duration"] = durationMilliseconds.map { .integer($0) }
            self.init(fields: item.merging(fields), audio: audio, audioName: audioName)
        }

        package var id: String? { fields["id"]?.text }
    }

    /// A file of the platform's file store.
    package struct StoredFile: Hashable, Sendable {
        package var fields: JSONValue
        package var content: Content?
        package var contentName: String?

        package init(fields: JSONValue, content: Content?, contentName: String? = nil) {
            self.fields = fields
            self.content = content
            self.contentName = contentName
        }
    }
}
