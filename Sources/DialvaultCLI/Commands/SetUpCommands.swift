import ArgumentParser
import Foundation
import Logging
import Recordings
import Settings

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented configuration file."
    )

    @Argument(help: ArgumentHelp("Where to write it.", valueName: "file"))
    var file = "dialvault.yaml"

    func run() throws {
        let url = URL(fileURLWithPath: file)
        do {
            try Data(Configuration.template.utf8).write(to: url, options: .withoutOverwriting)
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw Failure(
                .usage,
                "\(file) is there already, and was left alone",
                advice: "Name another file: dialvault init FILE"
            )
        } catch {
            throw Failure(.fileSystem, "cannot write \(file): \(error.localizedDescription)")
        }
        let console = Console(logLevel: .notice, logFormat: .text, showsProgress: false)
        console.print("wrote \(file): fill in the account, then try: dialvault run yesterday --dry-run")
    }
}

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of what stands in a bag, and of what commands print.",
        discussion: """
            recording: a line of manifest.jsonl; exception: of exceptions.jsonl; day: day.json; change: a line of \
            dialvault changes --json; coverage: of dialvault coverage --json.
            """
    )

    enum Document: String, ExpressibleByArgument, CaseIterable {
        case recording, exception, day, change, coverage
    }

    @Argument(help: "Which one.")
    var document: Document = .recording

    func run() throws {
        let bytes =
            switch document {
            case .recording: PackageResources.recording_schema_json
            case .exception: PackageResources.exception_schema_json
            case .day: PackageResources.day_schema_json
            case .change: PackageResources.change_schema_json
            case .coverage: PackageResources.coverage_schema_json
            }
        StandardStream.output.write(Data(bytes))
    }
}
