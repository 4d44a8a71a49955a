import ArgumentParser
import Failpoints
import Foundation
import Recordings

/// Runs the command line and ends the process with the contract's exit code.
package enum Entry {
    package static func main() async {
        StandardStream.occupyClosedDescriptors()
        StandardStream.keepInheritedDescriptors()
        // Writing to a pipe that nobody reads any more is an error of that write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        Failpoint.arm(
            ProcessInfo.processInfo.environment["FAILPOINTS"],
            killsParent: CommandLine.arguments.dropFirst().first == UnpackWorkerCommand.name
        )
        // Help and a command line that is wrong are all output.
        var isReport = true
        var code = ExitCode.success
        do {
            try CommandNames.check(Array(CommandLine.arguments.dropFirst()))
            var command = try DialvaultCommand.parseAsRoot()
            isReport = onlyReports(command)
            if !isReport {
                for stream in [StandardStream.output, .errors] { stream.setPatience(milliseconds: readerPatience) }
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            code = report(error)
        }
        exit(afterOutput(code, isReport: isReport).rawValue)
    }

    private static func onlyReports(_ command: any ParsableCommand) -> Bool {
        (command as? any ActingCommand)?.isDryRun ?? true
    }

    /// How long a reader that does not read, such as a pager, may hold up a command that archives, in milliseconds.
    private static let readerPatience: Int32 = 10_000

    /// Says what went wrong, if anything did.
    private static func report(_ error: any Error) -> ExitCode {
        switch error {
        case is OutputEnded:
            return .success
        case let failure as Failure:
            Console.report(failure)
            return ExitCode(failure)
        case let refusal as Refusal:
            Console.report(TerminalText.line("\(refusal.message). \(refusal.advice)"))
            return refusal.exitCode
        case is CancellationError:
            Console.report(Failure(.interrupted, "interrupted", advice: "The next run goes on from here"))
            return .interrupted
        default:
            let text = DialvaultCommand.fullMessage(for: error, columns: nil)
            let code = DialvaultCommand.exitCode(for: error)
            let stream = code == .success ? StandardStream.output : .errors
            if !text.isEmpty { stream.write(Data((TerminalText.lines(text) + "\n").utf8)) }
            return code
        }
    }

    /// What the output adds to a command's code. Where the output is all that was asked for, it counts that it could not be
    /// written; that nobody reads it any more does not.
    private static func afterOutput(_ code: ExitCode, isReport: Bool) -> ExitCode {
        guard let error = StandardStream.output.error, error != EPIPE else { return code }
        Console.report("the output cannot be written: \(String(cString: strerror(error)))")
        let isOverruled = isReport && [.success, .incomplete, .mismatch].contains(code)
        return isOverruled ? .failure : code
    }
}

/// A command that does more than show something: no trouble with its output may count for it.
protocol ActingCommand {
    var isDryRun: Bool { get }
}

extension ActingCommand {
    var isDryRun: Bool { false }
}

extension InitCommand: ActingCommand {}
extension RepairCommand: ActingCommand {}
extension UnpackWorkerCommand: ActingCommand {}

extension RunCommand: ActingCommand {
    var isDryRun: Bool { run.dryRun }
}

extension ReindexCommand: ActingCommand {
    var isDryRun: Bool { run.dryRun }
}

/// A command that is one stage.
protocol StageCommand: ActingCommand {
    var options: StageOptions { get }
}

extension StageCommand {
    var isDryRun: Bool { options.run.dryRun }
}

extension FetchCommand: StageCommand {}
extension UnpackCommand: StageCommand {}
extension VerifyCommand: StageCommand {}
extension CollectCommand: StageCommand {}
extension MergeCommand: StageCommand {}
