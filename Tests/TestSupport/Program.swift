package import Foundation

/// Another program, run to its end: the outside word that a test compares with.
package struct Program {
    package let status: Int32
    package let output: Data
    package let errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }

    /// - Parameters:
    ///   - name: a path, or a name that is looked up on the PATH.
    ///   - folder: where it runs.
    @discardableResult
    package init(
        _ name: String,
        _ arguments: [String] = [],
        in folder: String? = nil,
        environment: [String: String] = [:],
        input: Data? = nil
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: name.contains("/") ? name : "/usr/bin/env")
        process.arguments = name.contains("/") ? arguments : [name] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        // Files, not pipes: nobody has to read while the program writes.
        let scratch = try ScratchFolder()
        let outputFile = try Self.create(scratch.file("output"))
        let errorFile = try Self.create(scratch.file("errors"))
        process.standardOutput = outputFile
        process.standardError = errorFile
        if let input {
            process.standardInput = FileHandle(forReadingAtPath: try scratch.write(input, to: "input"))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        output = try Data(contentsOf: URL(fileURLWithPath: scratch.file("output")))
        errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.file("errors"))), as: UTF8.self)
    }

    private static func create(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
}

/// Where things lie that tests use.
package enum Places {
    /// The package's own folder.
    package static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    package static let fixtures = "\(package)/Fixtures"

    /// A program of the package, as this build made it: beside the test bundle.
    package static func product(_ name: String) -> String {
        let test = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }.map { URL(fileURLWithPath: $0) }
        return (bundle ?? test).deletingLastPathComponent().appending(path: name).path
    }

    /// A program of the environment that `scripts/test` makes for the public validators; nil when the tests run without.
    package static func testTool(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["TEST_TOOLS"].map { "\($0)/\(name)" }
    }
}
