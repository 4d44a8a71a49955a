/// The parts of the platform that faults and the log can name.
package enum Endpoint: String, Hashable, Sendable, CaseIterable, Codable {
    case token
    case recordings
    case recording
    case recordingFlag = "recording-flag"
    case recordingsBulk = "recordings-bulk"
    case audio
    case files
    case fileDownload = "file-download"
    case filesBulk = "files-bulk"
    /// The storage host's side of a file download.
    case storedFile = "stored-file"
    case calls
    case callsCondensed = "calls-condensed"
    case retention
    case archive
    case unknown
}

/// What a path asks for.
enum Route: Hashable, Sendable {
    case token
    case recordings
    case recording(id: String)
    case recordingFlag(id: String)
    case recordingsBulk(action: String)
    case audio(account: String, id: String)
    case files
    case fileDownload(id: String)
    case filesBulk
    case storedFile(id: String)
    case calls
    case callsCondensed(variant: String)
    case retention
    case archive(path: [String])
    case control([String])
    case unknown

    /// - Parameter path: the segments of the path, percent-decoded.
    init(path: [String]) {
        switch path.first {
        case "_sim": self = .control(Array(path.dropFirst()))
        case "archives" where path.count > 1: self = .archive(path: Array(path.dropFirst()))
        case "api" where path.count > 2 && path[1] == "v2": self.init(apiPath: Array(path.dropFirst(2)))
        case "oauth" where path == ["oauth", "token"]: self = .token
        case "recording" where path.count == 4 && path[3].hasPrefix("stream."):
            self = .audio(account: path[1], id: path[2])
        case "stored" where path.count == 3: self = .storedFile(id: path[1])
        default: self = .unknown
        }
    }

    private init(apiPath path: [String]) {
        switch (path.first, path.count) {
        case ("recordings", 1): self = .recordings
        case ("recordings", 2): self = .recording(id: path[1])
        case ("recordings", 3) where path[1] == "bulk": self = .recordingsBulk(action: path[2])
        case ("recordings", 3) where path[2] == "flag": self = .recordingFlag(id: path[1])
        case ("files", 1): self = .files
        case ("files", 3) where path[1] == "bulk" && path[2] == "download": self = .filesBulk
        case ("files", 3) where path[2] == "download": self = .fileDownload(id: path[1])
        case ("calls", 2) where path[1] == "reporting": self = .calls
        case ("calls", 3)
        where path[1] == "reporting" && ["simple", "inbound", "outbound", "dialer"].contains(path[2]):
            self = .callsCondensed(variant: path[2])
        case ("settings", 3) where path == ["settings", "retention", "periods"]: self = .retention
        default: self = .unknown
        }
    }

    var endpoint: Endpoint {
        switch self {
        case .token: .token
        case .recordings: .recordings
        case .recording: .recording
        case .recordingFlag: .recordingFlag
        case .recordingsBulk: .recordingsBulk
        case .audio: .audio
        case .files: .files
        case .fileDownload: .fileDownload
        case .filesBulk: .filesBulk
        case .storedFile: .storedFile
        case .calls: .calls
        case .callsCondensed: .callsCondensed
        case .retention: .retention
        case .archive: .archive
        case .control, .unknown: .unknown
        }
    }

    /// Whether the account's credentials are asked for.
    var needsCredentials: Bool {
        switch self {
        case .token, .storedFile, .archive, .control, .unknown: false
        default: true
        }
    }

    /// Whether the account's rate limit counts it: what the platform itself answers.
    var isRateLimited: Bool {
        switch self {
        case .storedFile, .archive, .control: false
        default: true
        }
    }
}
