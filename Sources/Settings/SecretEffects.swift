import Dispatch

/// How a secret is fetched from the world; tests put their own in.
package struct SecretEffects: Sendable {
    /// The longest secret, in bytes.
    package static let maximumSize = 65_536

    /// A file's bytes, ``maximumSize`` and one at most, and its mode.
    package var readFile: @Sendable (_ path: String) throws -> File
    /// What a command line prints. It throws unless the command ends well.
    package var runCommand: @Sendable (_ line: String) async throws -> Output

    /// What a command printed.
    package struct Output: Sendable {
        package let bytes: [UInt8]
        /// What it said on its error stream, without what looks like a secret; nil when that is nothing.
        package let complaint: String?

        package init(bytes: [UInt8], complaint: String? = nil) {
            self.bytes = bytes
            self.complaint = complaint
        }
    }

    package struct File: Sendable {
        package let bytes: [UInt8]
        /// The permission bits.
        package let mode: Int

        package init(bytes: [UInt8], mode: Int) {
            self.bytes = bytes
            self.mode = mode
        }

        package var isOpenToOthers: Bool { mode & 0o007 != 0 }
    }

    package init(
        readFile: @escaping @Sendable (_ path: String) throws -> File,
        runCommand: @escaping @Sendable (_ line: String) async throws -> Output
    ) {
        self.readFile = readFile
        self.runCommand = runCommand
    }

    /// The file system, and `/bin/sh -c` with nothing to read and 60 seconds of time, as a pipe has.
    package static let system = SecretEffects(
        readFile: { path in
            let (bytes, mode) = try FileContents.read(path, atMost: maximumSize + 1)
            return File(bytes: bytes, mode: mode)
        },
        runCommand: { line in
            try await ShellCommand(line: line, timeLimit: .seconds(60)).output(atMost: maximumSize + 1)
        }
    )
}
