import ArgumentParser
import Foundation
import Logging
import Pipeline
import Recordings

/// Everything that a command shows: results on stdout; logs, progress and errors on stderr.
///
/// Names from outside are in all of it, so nothing leaves without ``TerminalText``.
struct Console: Sendable {
    let log: Logger
    private let progressLine: ProgressLine?

    init(logLevel: Logger.Level, logFormat: LogFormat, showsProgress: Bool) {
        let line = showsProgress ? ProgressLine(isTerminal: StandardStream.errors.isTerminal) : nil
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

    /// Ends a query whose output cannot be written any more, so that it does not go on for nobody.
    ///
    /// - Throws: `OutputEnded`.
    func requireReader() throws {
        if StandardStream.output.error != nil { throw OutputEnded() }
    }

    /// Writes a result. A name of which nobody knows that it is one line goes through `TerminalText.line` before.
    func print(_ text: String) {
        write(Data((TerminalText.lines(text) + "\n").utf8))
    }

    func print(json value: some Encodable) throws {
        write(TerminalText.json(try JSONLines.line(value)))
    }

    /// Writes a result that is bytes already, as they are, but for a terminal.
    func print(bytes: Data) {
        write(StandardStream.output.isTerminal ? TerminalText.json(bytes) : bytes)
    }

    /// Writes values one a line, some hundred of them at once.
    func print(jsonLines values: some Sequence<some Encodable>) throws {
        var part = Data()
        for value in values {
            part.append(TerminalText.json(try JSONLines.line(value)))
            if part.count > 64 << 10 {
                write(part)
                part.removeAll(keepingCapacity: true)
            }
        }
        write(part)
    }

    private func write(_ data: Data) {
        progressLine?.clear()
        StandardStream.output.write(data)
    }

    /// Writes why something did not work: one sentence, and what to do.
    func report(_ failure: Failure) {
        progressLine?.clear()
        Self.report(failure)
    }

    static func report(_ failure: Failure) {
        // A configuration's mistakes are listed one a line; they are fit to be shown already.
        let text = failure.code == .configuration ? failure.description : TerminalText.line(failure.description)
        report(text)
    }

    static func report(_ text: String) {
        StandardStream.errors.write(Data("dialvault: \(TerminalText.lines(sentence(text)))\n".utf8))
    }

    /// The text as a sentence. It begins with a capital letter, unless its first word is an address, a path or a file's name.
    static func sentence(_ text: String) -> String {
        let isWord = text.prefix { $0 != " " }.allSatisfy(\.isLetter)
        let beginning = isWord ? text.prefix(1).uppercased() : String(text.prefix(1))
        return beginning + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
    }
}
