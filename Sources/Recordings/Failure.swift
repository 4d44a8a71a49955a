/// The error that every part of Dialvault throws: a code to match on, and what a person needs to know.
package struct Failure: Error, Hashable, Codable, Sendable {
    /// What kind of failure it is. The command line maps each to an exit code.
    package enum Code: String, Codable, Sendable {
        /// The command was called wrongly.
        case usage
        /// The configuration is wrong.
        case configuration
        /// The platform, or an archive's server, refuses the credentials.
        case credentials
        /// A source cannot be reached, or answers that it cannot serve now.
        case unreachable
        /// A source is there, but the day's archive is not, yet.
        case notReady
        /// Another run holds the day, or the vault.
        case locked
        /// The run was interrupted; nothing is wrong.
        case interrupted
        /// The disk is full, or a quota is.
        case diskFull
        /// The operating system refused to read or write.
        case fileSystem
        /// A file of the vault or of the work folder does not hold what it should.
        case corrupt
        /// What was published does not read back as it was published. Nothing is built on it.
        case damaged
        /// The platform answered with something that it never should.
        case badAnswer
        /// What was asked for does not exist.
        case notFound
    }

    package let code: Code
    /// What happened, and to what: one sentence without a full stop.
    package let message: String
    /// What a person can do now: one sentence without a full stop.
    package let advice: String?

    package init(_ code: Code, _ message: String, advice: String? = nil) {
        self.code = code
        self.message = message
        self.advice = advice
    }
}

extension Failure: CustomStringConvertible {
    package var description: String {
        guard let advice else { return message }
        return "\(message). \(advice)"
    }
}
