package import Recordings

/// Where a secret is to be had. Nothing is read or run before ``resolved(with:)``.
package struct SecretReference: Hashable, Sendable {
    /// The configuration's name of it: `api.password`, `dialer.sources[power].password`.
    package let key: String
    /// The environment's name of it: `DIALVAULT_API_PASSWORD`; with `_FILE` or `_COMMAND` behind it, the others.
    package let environmentName: String
    let origin: Origin?

    enum Origin: Hashable, Sendable {
        case value(Secret)
        /// An absolute path.
        case file(String)
        /// A command line for `/bin/sh -c`.
        case command(Secret)
    }

    init(key: String, environmentName: String, origin: Origin?) {
        self.key = key
        self.environmentName = environmentName
        self.origin = origin
    }

    /// Whether it is named at all; without, ``resolved(with:)`` throws.
    package var isGiven: Bool { origin != nil }
}

/// A secret at last, and what the operator should know about how it is kept.
package struct ResolvedSecret: Hashable, Sendable {
    package let secret: Secret
    /// A sentence without a full stop; nil when there is nothing to say.
    package let warning: String?
}

extension SecretReference {
    /// Reads the file or runs the command, and cuts one line end behind the value.
    ///
    /// - throws: ``Failure`` with `configuration` when it is not given, cannot be had, is empty, is longer than 64 KiB or
    ///   is no text. Neither the value nor the command appears in it.
    package func resolved(with effects: SecretEffects = .system) async throws -> ResolvedSecret {
        switch origin {
        case nil:
            throw Failure(
                .configuration,
                "\(key) is not given",
                advice: "Name a file with \(key)_file or a command with \(key)_command, or set \(environmentName)"
            )
        case .value(let secret):
            return ResolvedSecret(secret: secret, warning: nil)
        case .file(let path):
            let file = try attempt("the file that \(key)_file names, \(shown(path)), cannot be read") {
                try effects.readFile(path)
            }
            return ResolvedSecret(
                secret: try secret(from: file.bytes, origin: "The file \(shown(path)), which \(key)_file names,"),
                warning: file.isOpenToOthers
                    ? "\(key)_file: others may read \(shown(path)); take that away with chmod o= \(shown(path))" : nil
            )
        case .command(let line):
            let what = "the command that \(key)_command names failed"
            let output: SecretEffects.Output
            do {
                output = try await effects.runCommand(line.exposed)
            } catch {
                throw Self.failure(what, error)
            }
            return ResolvedSecret(
                secret: try secret(from: output.bytes, origin: "What \(key)_command prints"),
                warning: output.complaint.map { "the command that \(key)_command names said: \($0)" }
            )
        }
    }

    private func attempt<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw Self.failure(what, error)
        }
    }

    /// Only a ``Failure`` says why: any other error might quote what it was given.
    private static func failure(_ what: String, _ error: any Error) -> Failure {
        let cause = (error as? Failure).map { ": \($0.message)" } ?? ""
        return Failure(.configuration, what.prefix(1).uppercased() + what.dropFirst() + cause)
    }

    private func secret(from bytes: [UInt8], origin: String) throws -> Secret {
        guard bytes.count <= SecretEffects.maximumSize else {
            throw Failure(.configuration, "\(origin) is longer than \(SecretEffects.maximumSize) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.configuration, "\(origin) is not UTF-8 text")
        }
        var value = Substring(text).unicodeScalars
        if value.last == "\n" { value.removeLast() }
        if value.last == "\r" { value.removeLast() }
        guard !value.isEmpty else { throw Failure(.configuration, "\(origin) is empty") }
        guard value.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw Failure(
                .configuration,
                "\(origin) has more than one line, or control characters",
                advice: "Leave the secret alone in it, on one line"
            )
        }
        return Secret(String(value))
    }
}
