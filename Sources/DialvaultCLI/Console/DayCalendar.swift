import Pipeline
import Recordings

/// Days as a calendar: a line a month, a character a day, 72 columns.
struct DayCalendar {
    /// In order, without gaps.
    let standings: [DayStanding]

    var text: String {
        let months = Dictionary(grouping: standings) { String($0.day.description.prefix(7)) }.sorted { $0.key < $1.key }
        let only = months.map { Set($0.value.map(\.mark)) }
        let head = "         " + (1...31).map { $0 % 5 == 0 || $0 == 1 ? String($0 % 10) : "·" }.joined(separator: " ")
        let lines: [String] = months.enumerated().compactMap { place, entry in
            let (month, days) = entry
            // A long row of months that are all alike is one line.
            func isAlike(_ other: Int) -> Bool {
                only.indices.contains(other) && only[place].count == 1 && only[other] == only[place]
            }
            if isAlike(place - 1), isAlike(place + 1) { return isAlike(place - 2) ? nil : "…" }
            var cells = [Character](repeating: " ", count: 31)
            for standing in days { cells[standing.day.dayOfMonth - 1] = standing.mark.character }
            let line = "\(month)  " + cells.map(String.init).joined(separator: " ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        return ([head] + lines).joined(separator: "\n")
    }

    /// How many days bear each mark, with the mark: the calendar's legend.
    var legend: String {
        DayStanding.Mark.allCases.compactMap { mark in
            let count = standings.count { $0.mark == mark }
            return count == 0 ? nil : "\(mark.character) \(mark.rawValue) \(count)"
        }.joined(separator: "   ")
    }
}

extension DayStanding {
    /// What is open of the day, in a line: `2018-04-05  at-risk     outbound not-ready, until 2018-05-05T22:00Z`.
    var line: String {
        let sources = open.prefix(2).map {
            "\($0.name) \($0.state.rawValue)" + ($0.lost.map { ", \(DayText.count($0.calls, "call"))" } ?? "")
                + ", until \($0.expiresAt.description.prefix(16))Z"
        }
        let more = open.count > 2 ? ["and \(open.count - 2) more"] : []
        let what = sources.isEmpty ? ["\(exceptions) exceptions: dialvault show \(day)"] : sources + more
        return
            "\(day)  \(mark.rawValue.padding(to: 13))  \(what.joined(separator: "\n" + String(repeating: " ", count: 27)))"
    }
}
