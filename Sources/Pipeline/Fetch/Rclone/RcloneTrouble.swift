import Foundation
import Recordings

/// Why rclone did not do what it was asked to.
struct RcloneTrouble: Error, Hashable {
    enum Kind: Hashable {
        /// The folder or file is not there.
        case notFound
        /// The remote wants other credentials.
        case refused
        /// rclone's own configuration is wrong.
        case configuration
        /// A moment later it may go better.
        case passing
        /// More tries would not help.
        case final
    }

    let kind: Kind
    /// rclone's words, for people.
    let said: String

    init(_ kind: Kind, _ said: String) {
        self.kind = kind
        self.said = said
    }

    static let notInstalled = RcloneTrouble(
        .configuration,
        "there is no rclone on the PATH; install it with apt-get install rclone, or from https://rclone.org/install"
    )

    /// Nil when it went well.
    init?(_ ending: TiedProcess.Ending) {
        let said = Self.words(of: ending.errors)
        switch ending.code {
        case 0: return nil
        // rclone's documentation, "Exit code". 1 and 2 stand for everything that has no code of its own, a wrong password
        // and a host that does not answer among them, so that only its words tell.
        case 3, 4: self.init(.notFound, said)
        case 5: self.init(.passing, said)
        case 6, 7, 8: self.init(.final, said)
        case 127: self.init(.configuration, "rclone cannot be started")
        case 128...: self.init(.passing, "signal \(ending.code - 128) ended it")
        default: self.init(Self.kind(of: ending.errors), said)
        }
    }

    private static func kind(of errors: String) -> Kind {
        let text = errors.lowercased()
        if configurationSigns.contains(where: text.contains) { return .configuration }
        if refusalSigns.contains(where: text.contains) { return .refused }
        // The status of an answer, or FTP's reply code for a wrong password, where they stand as a number alone.
        if text.contains(#/(^|[^\d.:])(401|403|530)([^\d.:]|:? |$)/#) { return .refused }
        return .passing
    }

    /// As the backends of rclone 1.53 to 1.70 write it.
    private static let refusalSigns = [
        "unable to authenticate", "unauthorized", "forbidden", "accessdenied", "access denied", "permission denied",
        "invalidaccesskeyid", "signaturedoesnotmatch", "authorizationfailure", "authenticationfailed",
        "authentication failed", "login incorrect", "invalid_grant", "invalid credentials", "logon failure",
    ]

    private static let configurationSigns = [
        "didn't find section in config file", "didn't find backend called", "failed to load config file",
        "unable to decrypt configuration", "unknown flag", "invalid argument", "couldn't connect to ssh-agent",
        "failed to read private key", "couldn't decode password", "failed to configure",
    ]

    /// The last thing that rclone wrote, without its time, and without a URL's query, which can hold a signature.
    private static func words(of errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init)
        guard var line = lines.last(where: { $0.contains("Failed to") || $0.contains("rror") }) ?? lines.last else {
            return "it gave no reason"
        }
        line = line.replacing(#/^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d /#, with: "")
        if let last = line.range(of: "last error was: ") { line = String(line[last.upperBound...]) }
        line = line.replacing(#/\?[^\s"]*/#, with: "?…").replacing(#///[^/\s"@]*@/#, with: "//…@")
        return String(line.prefix(300))
    }

    /// - Parameter remote: as the configuration names it.
    func failure(source: String, remote: String) -> Failure {
        let what = "source \(source): rclone cannot get it from \(remote): \(said)"
        switch kind {
        case .notFound:
            return Failure(.notFound, what)
        case .refused:
            return Failure(
                .credentials,
                what,
                advice: "Check the remote's credentials with: rclone config, and: rclone lsd \(remote)"
            )
        case .configuration:
            return Failure(
                .configuration,
                what,
                advice: "Check that \(remote) is a remote that this user's rclone knows: rclone lsd \(remote)"
            )
        case .passing:
            return Failure(.unreachable, what, advice: "Run it again later; it goes on where it stopped")
        case .final:
            return Failure(.badAnswer, what, advice: "Try it by hand: rclone lsd \(remote)")
        }
    }
}
