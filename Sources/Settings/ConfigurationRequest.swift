import Recordings

/// Where a command's configuration comes from: flag over environment over file over default.
package struct ConfigurationRequest: Sendable {
    /// `--config`.
    package var file: String?
    /// The process's environment.
    package var environment: [String: String]
    /// The folder in which the command runs, absolute; relative paths in flags and variables start from it, those in
    /// the file from the file's own folder.
    package var currentDirectory: String
    /// Values of flags, by the key that each one overrides, as they were typed: `["vault": "/srv/vault"]`,
    /// `["api.tpslimit": "2"]`. Secrets are not taken: a flag stands in the process list.
    package var flags: [String: String]

    package init(
        file: String? = nil,
        environment: [String: String],
        currentDirectory: String,
        flags: [String: String] = [:]
    ) {
        self.file = file
        self.environment = environment
        self.currentDirectory = currentDirectory
        self.flags = flags
    }
}

extension ConfigurationRequest {
    /// Who named the file, when someone did: then no other place is looked at.
    private var named: (path: String, by: String)? {
        if let file { return (file, "--config") }
        if let path = variable("DIALVAULT_CONFIG") { return (path, "DIALVAULT_CONFIG") }
        return nil
    }

    /// The files that are looked for, in order; the first that exists is the one.
    package var candidates: [String] {
        if let named { return [Paths.joined(currentDirectory, relative: named.path)] }
        let places = [currentDirectory, configurationHome.map { Paths.joined($0, "dialvault") }, "/etc/dialvault"]
        return places.compactMap { $0.map { Paths.joined($0, "dialvault.yaml") } }
    }

    /// XDG Base Directory Specification 0.8: a relative path in `XDG_CONFIG_HOME` is to be ignored.
    private var configurationHome: String? {
        if let path = variable("XDG_CONFIG_HOME"), path.hasPrefix("/") { return path }
        return variable("HOME").map { Paths.joined($0, ".config") }
    }

    private func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The first of the candidates that exists, read.
    ///
    /// - throws: ``Failure`` with `configuration` when there is none, when one exists and cannot be read, or when it is no
    ///   UTF-8 text of at most ``ConfigurationFiles/maximumSize`` bytes.
    func find(in files: ConfigurationFiles) throws -> (path: String, text: String, mode: Int) {
        for path in candidates {
            let file: ConfigurationFiles.File?
            do {
                file = try files.read(path)
            } catch {
                let cause = (error as? Failure)?.message ?? "\(error)"
                throw Failure(.configuration, "The configuration file \(shown(path)) cannot be read: \(cause)")
            }
            guard let file else { continue }
            guard file.bytes.count <= ConfigurationFiles.maximumSize else {
                throw Failure(.configuration, "The configuration file \(shown(path)) is larger than 1 MiB")
            }
            guard let text = String(validating: file.bytes, as: UTF8.self) else {
                throw Failure(.configuration, "The configuration file \(shown(path)) is not UTF-8 text")
            }
            return (path, text, file.mode)
        }
        if let named {
            throw Failure(
                .configuration,
                "There is no configuration file \(shown(candidates[0])), which \(named.by) names",
                advice: "`dialvault init` writes one"
            )
        }
        throw Failure(
            .configuration,
            "There is no configuration file; looked for \(candidates.joined(separator: ", "))",
            advice: "`dialvault init` writes one; --config or DIALVAULT_CONFIG names another place"
        )
    }
}

/// How the configuration's file is read; tests put their own in.
package struct ConfigurationFiles: Sendable {
    /// Bytes of the largest file that is taken for a configuration.
    package static let maximumSize = 1 << 20

    /// The file at an absolute path, or nil when there is none. ``maximumSize`` bytes and one at most.
    package var read: @Sendable (_ path: String) throws -> File?

    package struct File: Sendable {
        package let bytes: [UInt8]
        /// The permission bits.
        package let mode: Int

        package init(bytes: [UInt8], mode: Int) {
            self.bytes = bytes
            self.mode = mode
        }
    }

    package init(read: @escaping @Sendable (_ path: String) throws -> File?) {
        self.read = read
    }

    package static let system = ConfigurationFiles { path in
        do {
            let (bytes, mode) = try FileContents.read(path, atMost: maximumSize + 1)
            return File(bytes: bytes, mode: mode)
        } catch let failure as Failure where failure.code == .notFound {
            return nil
        }
    }
}
