package import Recordings
package import Settings

/// Which days a run without days takes, oldest, and with it soonest to expire, first. Values in, values out.
package struct DuePlan: Sendable {
    private let states: [Day: DaySummary.State]
    private let today: Day
    private let lookbackDays: Int
    private let reachDays: Int

    /// - Parameters:
    ///   - states: every published day's state.
    ///   - today: the account's local date.
    package init(states: [Day: DaySummary.State], today: Day, configuration: Configuration) {
        self.states = states
        self.today = today
        lookbackDays = configuration.lookbackDays
        reachDays = max(configuration.retention.dialerDays, configuration.retention.apiDays)
    }

    /// The last `lookback_days` days, for late arrivals; and, as far back as the platform keeps anything, every day that
    /// is `incomplete` and every day without a bag since the first that has one.
    package func days() -> [Day] {
        let horizon = today.advanced(by: -reachDays)
        let first = max(horizon, states.keys.min() ?? today.advanced(by: -max(1, lookbackDays)))
        var due: [Day] = []
        var day = min(first, today.advanced(by: -max(1, lookbackDays)))
        while day < today {
            let isRecent = day >= today.advanced(by: -lookbackDays)
            if isRecent || states[day] == nil || states[day] == .incomplete { due.append(day) }
            day = day.advanced(by: 1)
        }
        return due
    }
}
