import ArgumentParser
import Pipeline
import Recordings

extension ExitCode {
    static let incomplete = ExitCode(3)
    static let mismatch = ExitCode(5)
    static let locked = ExitCode(11)
    static let refused = ExitCode(12)
    static let tryAgain = ExitCode(75)
    static let badCredentials = ExitCode(77)
    static let wrongConfiguration = ExitCode(78)
    static let interrupted = ExitCode(130)

    /// The code that the contract gives to a failure.
    init(_ failure: Failure) {
        switch failure.code {
        case .usage: self = .validationFailure
        case .configuration: self = .wrongConfiguration
        case .credentials: self = .badCredentials
        case .unreachable, .notReady, .badAnswer: self = .tryAgain
        case .locked: self = .locked
        case .interrupted: self = .interrupted
        case .damaged: self = .mismatch
        case .diskFull, .fileSystem, .corrupt, .notFound: self = .failure
        }
    }

    /// What several days or sources add up to: the first of the contract's list that occurred.
    static func worst(_ codes: some Sequence<ExitCode>) -> ExitCode {
        let order: [ExitCode] = [
            .wrongConfiguration, .badCredentials, .failure, .refused, .locked, .tryAgain, .incomplete, .mismatch,
        ]
        let occurred = Set(codes.map(\.rawValue))
        return order.first { occurred.contains($0.rawValue) } ?? .success
    }
}

extension DayOutcome {
    /// - Parameter isPublished: whether the merge stage ran, so that the day's state counts.
    func exitCode(isPublished: Bool) -> ExitCode {
        // What is missing of a sealed day, somebody has accepted.
        guard seal == nil else { return .success }
        var codes = failures.filter { $0.code != .notFound }.map { ExitCode($0) }
        if damage != nil {
            codes.append(.incomplete)
        } else if isPublished {
            if let summary {
                if summary.state == .incomplete { codes.append(.incomplete) }
            } else if codes.isEmpty {
                codes.append(.incomplete)
            }
        }
        return .worst(codes)
    }
}
