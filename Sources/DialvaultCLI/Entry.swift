import ArgumentParser
import Failpoints
import Foundation
import Recordings

/// Runs the command line and ends the process with the contract's exit code.
package enum Entry {
    package static func main() async {
        // Writing to a pipe that nobody reads any more is an error of that write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        Failpoint.arm(
            ProcessInfo.processInfo.environment["FAILPOINTS"],
            killsParent: CommandLine.arguments.dropFirst().first == UnpackWorkerCommand.name
        )
        do {
            var command = try DialvaultCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Console.report(failure)
            DialvaultCommand.exit(withError: ExitCode(failure))
        } catch is CancellationError {
            Console.report(
                Failure(.interrupted, "interrupted", advice: "The next run goes on from here")
            )
            DialvaultCommand.exit(withError: ExitCode.interrupted)
        } catch {
            DialvaultCommand.exit(withError: error)
        }
    }
}
