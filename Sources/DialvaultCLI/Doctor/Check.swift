import ArgumentParser
import Foundation
import Recordings

/// One thing that `doctor` looked at.
struct Check: Encodable, Sendable {
    enum Status: String, Encodable, Sendable {
        case ok, warning, error
    }

    let check: String
    let status: Status
    let detail: String
    /// What to do, where something is to be done.
    let advice: String?
    /// What an error of this kind ends a run with.
    let exitCode: ExitCode

    private enum CodingKeys: String, CodingKey {
        case check, status, detail, advice
    }

    private init(_ check: String, _ status: Status, _ detail: String, _ advice: String?, _ exitCode: ExitCode) {
        self.check = check
        self.status = status
        self.detail = detail
        self.advice = advice
        self.exitCode = exitCode
    }

    static func ok(_ check: String, _ detail: String) -> Check { Check(check, .ok, detail, nil, .success) }

    static func warning(_ check: String, _ detail: String, do advice: String) -> Check {
        Check(check, .warning, detail, advice, .success)
    }

    static func error(_ check: String, _ detail: String, do advice: String?, _ code: ExitCode = .failure) -> Check {
        Check(check, .error, detail, advice, code)
    }

    static func error(_ check: String, _ failure: Failure) -> Check {
        // A configuration's mistakes are listed one a line; anything else is one.
        let isList = failure.code == .configuration
        let detail = isList ? failure.message : TerminalText.line(failure.message)
        return Check(check, .error, detail, failure.advice, ExitCode(failure))
    }

    /// `warning  clock          the machine's clock is 93 s ahead`, in 80 columns.
    var text: String {
        let margin = String(repeating: " ", count: Self.margin)
        let lines = Self.wrapped(detail) + (advice.map(Self.wrapped) ?? [])
        let head = status.rawValue.padding(to: 9) + check.padding(to: Self.margin - 11) + "  "
        return lines.enumerated().map { $0 == 0 ? head + $1 : margin + $1 }.joined(separator: "\n")
    }

    private static let margin = 27

    /// Cuts at spaces; a word that is too long for a line, such as a path, has one of its own.
    private static func wrapped(_ text: String) -> [String] {
        let width = 80 - margin
        var lines: [String] = []
        for paragraph in text.split(separator: "\n") {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, line.count + 1 + word.count > width {
                    lines.append(line)
                    line = ""
                }
                line += line.isEmpty ? String(word) : " \(word)"
            }
            lines.append(line)
        }
        return lines
    }
}
