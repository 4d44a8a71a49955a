import ArgumentParser
import Foundation
import Logging
import Pipeline
import Recordings

/// Everything that a command shows: results on stdout; logs, progress and errors on stderr.
struct Console: Sendable {
    let log: Logger
    private let progressLine: ProgressLine?

    init(logLevel: Logger.Level, logFormat: LogFormat, showsProgress: Bool) {
        let line = showsProgress ? ProgressLine(isTerminal: isatty(STDERR_FILENO) != 0) : nil
        progressLine = line
        var logger = Logger(label: "dialvault") { _ in StderrLog(format: logFormat, beforeLine: { line?.clear() }) }
        logger.logLevel = logLevel
        log = logger
    }

    /// Receives how far the stages are.
    var progress: @Sendable (StageProgress.Update) -> Void {
        guard let progressLine else { return { _ in } }
        return { progressLine.show($0) }
    }

    /// Shows how much of a command's work is done, in bytes.
    func progress(_ label: String, done: Int64, of total: Int64) {
        progressLine?.show(ProgressText(label: label, done: done, total: total, unit: .bytes))
    }

    /// Writes a result.
    func print(_ text: String) {
        progressLine?.clear()
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    func print(json value: some Encodable) throws {
        progressLine?.clear()
        FileHandle.standardOutput.write(try JSONLines.line(value))
    }

    /// Writes a result that is bytes already.
    func print(bytes: Data) {
        progressLine?.clear()
        FileHandle.standardOutput.write(bytes)
    }

    /// Writes values one a line, some hundred of them at once.
    func print(jsonLines values: some Sequence<some Encodable>) throws {
        progressLine?.clear()
        var part = Data()
        for value in values {
            part.append(try JSONLines.line(value))
            if part.count > 64 << 10 {
                FileHandle.standardOutput.write(part)
                part.removeAll(keepingCapacity: true)
            }
        }
        FileHandle.standardOutput.write(part)
    }

    /// Writes why something did not work: one sentence, and what to do.
    func report(_ failure: Failure) {
        progressLine?.clear()
        Self.report(failure)
    }

    static func report(_ failure: Failure) {
        FileHandle.standardError.write(Data("dialvault: \(sentence(failure.description))\n".utf8))
    }

    /// The text as a sentence. It begins with a capital letter, unless its first word is an address, a path or a file's name.
    static func sentence(_ text: String) -> String {
        let isWord = text.prefix { $0 != " " }.allSatisfy(\.isLetter)
        let beginning = isWord ? text.prefix(1).uppercased() : String(text.prefix(1))
        return beginning + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
    }
}
