import ArgumentParser

/// Why a command stops before it has done anything, with the contract's code for it.
struct Refusal: Error {
    let exitCode: ExitCode
    /// One sentence without a full stop.
    let message: String
    /// What a person can do now: one sentence without a full stop.
    let advice: String

    /// A safety rule forbids it.
    static func forbidden(_ message: String, advice: String) -> Refusal {
        Refusal(exitCode: .refused, message: message, advice: advice)
    }
}
