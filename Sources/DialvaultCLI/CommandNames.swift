import ArgumentParser
import Recordings
import Settings

/// The names of the commands. A name that is none is an error even where help is asked for: somebody who tries out whether
/// a command exists must not be told that all is well.
enum CommandNames {
    /// - Parameter arguments: the command line without the program's name.
    /// - Throws: `Failure` with code `usage`.
    static func check(_ arguments: [String]) throws {
        guard let name = name(in: arguments), !all.contains(name) else { return }
        let shown = TerminalText.line(name)
        throw Failure(
            .usage,
            "there is no command \"\(shown)\"",
            advice: Nearest.match(name, in: all).map { "The nearest is: dialvault \($0)" }
                ?? "All of them are listed by: dialvault --help"
        )
    }

    /// The command that is called or whose help is asked for; nil when there is none.
    private static func name(in arguments: [String]) -> String? {
        guard let first = arguments.first else { return nil }
        if ["help", "--help", "-h"].contains(first) { return arguments.dropFirst().first { !$0.hasPrefix("-") } }
        return first.hasPrefix("-") ? nil : first
    }

    private static var all: [String] {
        let configuration = DialvaultCommand.configuration
        let commands = configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)
        return commands.compactMap { $0.configuration.commandName }
    }
}
