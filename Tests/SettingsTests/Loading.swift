import Recordings
import Settings
import Testing

/// A configuration from text alone: nothing outside is read. The time zone, which has to be given, is UTC where neither the
/// text nor the environment says another.
func load(
    _ text: String,
    environment: [String: String] = [:],
    flags: [String: String] = [:],
    mode: Int = 0o640
) throws -> LoadedConfiguration {
    try Configuration.load(
        ConfigurationRequest(
            file: "/conf/dialvault.yaml",
            environment: text.contains("timezone:")
                ? environment : environment.merging(["DIALVAULT_TIMEZONE": "UTC"]) { given, _ in given },
            currentDirectory: "/here",
            flags: flags
        ),
        files: ConfigurationFiles { path in
            path == "/conf/dialvault.yaml" ? .init(bytes: Array(text.utf8), mode: mode) : nil
        }
    )
}

/// What is wrong with a configuration, a line each; empty when nothing is.
func problems(
    of text: String,
    environment: [String: String] = [:],
    flags: [String: String] = [:]
) -> [String] {
    do {
        _ = try load(text, environment: environment, flags: flags)
        return []
    } catch let failure as Failure {
        guard failure.code == .configuration else { return ["wrong code \(failure.code)"] }
        return failure.message.split(separator: "\n").dropFirst().map { String($0.drop { $0 == " " }) }
    } catch {
        return ["not a Failure: \(error)"]
    }
}

/// A file with one `https` source named `power`, its further keys as given.
func source(_ keys: String) -> String {
    """
    vault: /v
    dialer:
      sources:
        - name: power
    \(keys.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
    """
}
