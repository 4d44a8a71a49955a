package import Recordings

/// The stages, in the order in which a day walks through them.
package enum Stage: String, Sendable, CaseIterable {
    case fetch, unpack, verify, collect, merge
}

/// Tells how far a stage is. The default tells nobody.
package struct StageProgress: Sendable {
    package struct Update: Sendable {
        package let day: Day
        package let stage: Stage
        /// What is being worked on: a source's or an archive's name, or nothing.
        package let subject: String
        package let done: Int64
        /// Nil where nobody can know.
        package let total: Int64?
        package let unit: Unit
    }

    package enum Unit: Sendable {
        case bytes, recordings
    }

    private let day: Day
    private let stage: Stage
    private let receive: @Sendable (Update) -> Void

    package init(day: Day, stage: Stage, receive: @escaping @Sendable (Update) -> Void) {
        self.day = day
        self.stage = stage
        self.receive = receive
    }

    /// Can be called from any thread, as often as one likes.
    package func report(_ subject: String = "", done: Int64, of total: Int64?, _ unit: Unit) {
        receive(Update(day: day, stage: stage, subject: subject, done: done, total: total, unit: unit))
    }
}
