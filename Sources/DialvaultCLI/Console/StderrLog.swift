import ArgumentParser
import Foundation
import Logging
import Recordings

enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

/// Writes log lines to stderr, for people or for machines.
struct StderrLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice
    private let format: LogFormat
    private let beforeLine: @Sendable () -> Void

    /// - Parameter beforeLine: clears what stands on the terminal's last line.
    init(format: LogFormat, beforeLine: @escaping @Sendable () -> Void) {
        self.format = format
        self.beforeLine = beforeLine
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let now = Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
        let details = metadata.merging(event.metadata ?? [:]) { $1 }
        beforeLine()
        StandardStream.errors.write(line(now, event.level, "\(event.message)", details))
    }

    private func line(_ time: Timestamp, _ level: Logger.Level, _ message: String, _ details: Logger.Metadata) -> Data {
        switch format {
        case .text:
            let tail = details.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            let text = TerminalText.line("\(level == .notice || level == .info ? "" : "\(level): ")\(message)\(tail)")
            return Data("\(text)\n".utf8)
        case .json:
            var fields = details.mapValues { "\($0)" }
            fields["time"] = time.description
            fields["level"] = level.rawValue
            fields["message"] = message
            let line = (try? JSONLines.line(fields)) ?? Data("{\"message\":\"a log line could not be written\"}\n".utf8)
            return TerminalText.json(line)
        }
    }
}
