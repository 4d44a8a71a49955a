import ArgumentParser
import Pipeline

/// The process in which one archive is unpacked: started by the unpack stage, never by people.
struct UnpackWorkerCommand: ParsableCommand {
    static let name = "unpack-worker"
    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    func run() throws {
        throw ExitCode(UnpackWorker.run())
    }
}
