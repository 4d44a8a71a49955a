package import CallMetadata
package import Foundation
package import Recordings

/// What the operator decided: one vault, one account, and where its recordings come from.
///
/// The values are complete and in range; whatever was wrong with the file, the environment or a flag has been thrown
/// before one of these exists. Secrets are references until ``SecretReference/resolved(with:)`` fetches them.
package struct Configuration: Hashable, Sendable {
    /// The folder of the vault, an absolute path. Without a default.
    package var vault: String
    /// The account's time zone: it decides which day a recording belongs to. Without a default.
    package var timezone: TimeZone
    /// The zone's IANA name as it was written; Foundation's own identifier of `UTC` is `GMT`.
    package var timezoneName: String
    /// Whether the group may read the vault: 0750 and 0440, else 0700 and 0400. Default true.
    package var groupReadable: Bool
    package var api: API
    package var dialer: Dialer
    package var retention: Retention
    /// Days before today that a run without days looks at again for late arrivals, 0 to 366. Default 3.
    package var lookbackDays: Int
    package var select: Selection
    package var limits: Limits
}

extension Configuration {
    /// The platform's API: queue and click-to-call recordings.
    package struct API: Hashable, Sendable {
        /// Default true.
        package var enabled: Bool
        /// Without a slash at its end. Default `https://services.babelforce.com`.
        package var baseURL: URL
        /// A PEM file with certificates that are trusted besides the system's; an absolute path.
        package var caFile: String?
        /// Nil when no credentials are configured at all.
        package var signIn: SignIn?
        /// Requests a second, for all processes on the account together; 0.001 to 1000. Default 1.
        package var tpslimit: Double
        /// Items a page, 1 to 1000. Default 100.
        package var pageSize: Int
        /// Default ``Download/single``.
        package var download: Download
        /// Recordings a bulk download, 1 to 1000. Default 50.
        package var bulkSize: Int
    }

    /// How audio is fetched.
    package enum Download: String, Hashable, Sendable, CaseIterable {
        /// One file at a time.
        case single
        /// A ZIP of many from the files API, falling back to ``single``.
        case bulk
    }

    /// How the account is proved.
    package enum SignIn: Hashable, Sendable {
        /// OAuth password grant.
        case password(username: String, password: SecretReference)
        /// The headers `X-Auth-Access-Id` and `X-Auth-Access-Token`.
        case accessToken(id: String, token: SecretReference)
        /// A token held already.
        case bearer(SecretReference)
    }

    /// The predictive dialer's archives.
    package struct Dialer: Hashable, Sendable {
        /// In the order of the file, with different names. Default none.
        package var sources: [DialerSource]
        /// Default ``OnMissing/notReady``.
        package var onMissing: OnMissing
        /// Local time on the day after, from which on a missing archive is reported as late. Default 06:00.
        package var readyBy: TimeOfDay
        /// Regular expressions with named groups, tried on a member's base name before the built-in presets.
        package var filenamePatterns: [String]
        /// Which of a sidecar's columns holds what; found by its usual names where none is given.
        package var sidecarColumns: SidecarColumns
    }

    /// What it means that a day's archive is not there.
    package enum OnMissing: String, Hashable, Sendable, CaseIterable {
        /// It will come: the day stays open.
        case notReady = "not-ready"
        /// There were no calls.
        case empty
    }

    /// How long the platform keeps what it has, in days from the recording's day, 1 to 36500.
    package struct Retention: Hashable, Sendable {
        /// Default 30.
        package var dialerDays: Int
        /// Default 180.
        package var apiDays: Int
    }

    /// What is archived, on both sides; an empty list lets everything through, `*` in a value stands for any text.
    package struct Selection: Hashable, Sendable {
        package var directions: Set<Recording.Direction>
        package var agents: [String]
        package var queues: [String]
        package var campaigns: [String]
        package var tags: [String]
        package var numbers: [String]
        /// Shorter recordings are left out; milliseconds, 0 for none.
        package var minimumDurationMs: Int64

        /// Whether everything is archived.
        package var isEmpty: Bool {
            directions.isEmpty && agents.isEmpty && queues.isEmpty && campaigns.isEmpty && tags.isEmpty
                && numbers.isEmpty && minimumDurationMs == 0
        }
    }

    /// What one archive may demand before it is refused.
    package struct Limits: Hashable, Sendable {
        /// Bytes of an archive unpacked, 1 to 1 PiB. Default 200 GiB.
        package var archiveBytes: Int64
        /// Bytes of one member unpacked, 1 to 1 PiB. Default 2 GiB.
        package var memberBytes: Int64
        /// Entries of an archive, 1 to 1,000,000,000. Default 2,000,000.
        package var members: Int
        /// Bytes out for each byte in, 1 to 1,000,000. Default 200.
        package var ratio: Int
        /// Archives inside archives that are opened, 0 to 8. Default 1.
        package var nesting: Int
        /// Whether RAR archives are read. Default false: what reads them is not to be trusted with just anything.
        package var allowsRAR: Bool
    }
}

extension Configuration.API {
    /// The way of signing in, for a command that needs it.
    ///
    /// - throws: ``Failure`` with `configuration` when no credentials are configured. That is no error of the file:
    ///   commands that do not talk to the platform do without.
    package func requiredSignIn() throws(Failure) -> Configuration.SignIn {
        guard let signIn else {
            throw Failure(
                .configuration,
                "The configuration has no credentials for the API",
                advice: "Give api.username with api.password_file, api.access_id with api.access_token_file, or"
                    + " api.bearer_token_file; or set api.enabled to false"
            )
        }
        return signIn
    }
}

/// Where one kind of daily archive lies.
package struct DialerSource: Hashable, Sendable {
    /// 1 to 64 of `A`–`Z`, `a`–`z`, `0`–`9`, `.`, `_`, `-`; never `api`. It names the source in the manifest.
    package var name: String
    package var access: Access
    /// Of its encrypted archives; nil when none is configured.
    package var passphrase: SecretReference?
    /// Patterns of members that are known to be irrelevant, such as `*.log`: they leave nothing open.
    package var ignore: [String]

    package enum Access: Hashable, Sendable {
        case directory(Directory)
        case https(HTTPS)
        case rclone(Rclone)
        case files(Files)
    }

    /// A folder into which the archives are dropped.
    package struct Directory: Hashable, Sendable {
        /// An absolute path.
        package var path: String
        /// The archives' file names: date tokens and wildcards.
        package var pattern: DatePattern
    }

    /// One archive a day at a URL.
    package struct HTTPS: Hashable, Sendable {
        package var url: DatePattern
        /// Where the archive's SHA-256 stands; `{url}` in it is the archive's URL.
        package var checksumURL: DatePattern?
        /// A PEM file with certificates that are trusted besides the system's; an absolute path.
        package var caFile: String?
        package var signIn: SignIn

        package enum SignIn: Hashable, Sendable {
            case none
            case basic(username: String, password: SecretReference)
            case header(name: String, value: SecretReference)
            /// The credentials of `api`.
            case platform
        }
    }

    /// Any remote that rclone reaches.
    package struct Rclone: Hashable, Sendable {
        /// `remote:path`, as rclone writes it.
        package var remote: String
        /// Paths below the remote: date tokens and wildcards.
        package var pattern: DatePattern
    }

    /// The platform's own files API.
    package struct Files: Hashable, Sendable {
        package var query: DatePattern
    }
}
