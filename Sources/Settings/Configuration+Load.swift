import Recordings

/// A configuration, and what goes with it.
package struct LoadedConfiguration: Hashable, Sendable {
    package let configuration: Configuration
    /// The file that it was read from, an absolute path.
    package let file: String
    /// What the operator should know and what stops nothing, a sentence each without a full stop.
    package let warnings: [String]
}

extension Configuration {
    /// Finds the file, reads it, and puts environment and flags over it. No secret is fetched.
    ///
    /// - throws: ``Failure`` with `configuration`. For a file that is wrong its message lists everything that is, one
    ///   problem a line, and never shows a secret, an URL or what could be one in the wrong place.
    package static func load(
        _ request: ConfigurationRequest,
        files: ConfigurationFiles = .system
    ) throws -> LoadedConfiguration {
        let file = try request.find(in: files)
        let reading = Reading(
            environment: request.environment,
            flags: request.flags,
            fileFolder: Paths.parent(of: file.path),
            currentFolder: request.currentDirectory
        )
        let configuration = read(file.text, reading)
        guard let configuration, reading.problems.isEmpty else {
            throw Self.failure(reading.problems, file: file.path)
        }
        if reading.hasSecretInFile, file.mode & 0o007 != 0 {
            reading.warn("others may read \(shown(file.path)), which holds a secret; take that away with chmod o=")
        }
        return LoadedConfiguration(configuration: configuration, file: file.path, warnings: reading.warnings)
    }

    private static func read(_ text: String, _ reading: Reading) -> Configuration? {
        let document: Node?
        do {
            document = try Document.read(text)
        } catch {
            reading.report(error.text, at: error.place)
            return nil
        }
        var entries: [Node.Entry] = []
        switch document?.content {
        case .map(let found): entries = found
        case nil, .null: break
        default:
            reading.report("the file must be a group of keys, such as `vault: /srv/vault`", at: .file)
            return nil
        }
        let root = Section(
            reading: reading,
            path: "",
            environmentPrefix: "DIALVAULT",
            position: nil,
            entries: entries
        )
        let configuration = Configuration(reading: root)
        reading.finish()
        return configuration
    }

    private static func failure(_ problems: [Problem], file: String) -> Failure {
        var lines: [String] = []
        for problem in problems.sorted(by: Problem.precedes) where lines.last != problem.line {
            lines.append(problem.line)
        }
        let count = lines.count == 1 ? "one mistake" : "\(lines.count) mistakes"
        return Failure(
            .configuration,
            "The configuration \(shown(file)) has \(count):\n  " + lines.joined(separator: "\n  ")
        )
    }
}
