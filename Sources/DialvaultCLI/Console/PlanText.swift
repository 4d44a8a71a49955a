import Pipeline
import Recordings

/// What a run is going to do, as people read it, in 80 columns.
struct PlanText {
    private let plan: RunPlan
    /// How many days are shown; a first run with --since can plan thousands.
    private static let shownDays = 60

    init(_ plan: RunPlan) {
        self.plan = plan
    }

    var text: String {
        guard !plan.days.isEmpty else { return "no day is due" }
        let table = TextTable(
            header: ["day", "source", "state", "requests", "bytes", "expires (UTC)"],
            rows: plan.days.prefix(Self.shownDays).flatMap(rows),
            leftColumns: 3
        )
        let hidden = plan.days.count - Self.shownDays
        let more = hidden > 0 ? ["and \(DayText.count(hidden, "more day")): dialvault run --dry-run --json"] : []
        return ([table.text] + more + [""] + totals + late).joined(separator: "\n")
    }

    /// What is open, a line each, and what is looked at again, in one.
    private func rows(_ turn: RunPlan.Turn) -> [[String]] {
        let open = turn.sources.filter { !$0.state.isSettled }
        var rows = open.map { source in
            [
                "", short(source.name), source.isLost ? "lost" : source.state.rawValue, "\(source.requests)",
                source.bytes.map(ByteText.of) ?? "?", moment(source.expiresAt),
            ]
        }
        let settled = turn.sources.filter { $0.state.isSettled }
        if let soonest = settled.map(\.expiresAt).min() {
            let requests = settled.reduce(0) { $0 + $1.requests }
            let name = open.isEmpty ? "all" : settled.count == 1 ? short(settled[0].name) : "others"
            rows.append(["", name, "archived", "\(requests)", "0 B", moment(soonest)])
        }
        if !rows.isEmpty { rows[0][0] = turn.day.description }
        return rows
    }

    private var totals: [String] {
        let pace = plan.requestsPerSecond
        let rate = pace == pace.rounded() ? "\(Int(pace))" : "\(pace)"
        let bytes = ByteText.of(plan.bytes)
        let least = plan.estimatedFromDays == 0 ? "at least " : "about "
        var lines = [
            "\(DayText.count(plan.days.count, "day")), \(least)\(DayText.count(plan.requests, "request"))"
                + " and \(bytes): \(DayText.duration(milliseconds: plan.seconds * 1000))",
            "at \(DayText.count(rate, "request")) a second to the platform.",
            plan.estimatedFromDays == 0
                ? "How much there is to fetch is not known: no day is archived yet to go by."
                : "Estimated from the \(DayText.count(plan.estimatedFromDays, "day")) archived last; "
                    + "nobody was asked.",
        ]
        if let free = plan.freeBytes {
            let fits = plan.neededBytes <= free ? "" : ": THAT DOES NOT FIT"
            lines.append("\(ByteText.of(plan.neededBytes)) needed on disk, \(ByteText.of(free)) free\(fits).")
        }
        return lines
    }

    private var late: [String] {
        var late = plan.days.flatMap { turn in
            turn.sources.filter(\.expiresBeforeItsTurn).map { source in
                "  \(turn.day) \(short(source.name)): \(source.recordings.map { "about \(DayText.count($0, "recording")), " } ?? "")"
                    + "until \(moment(source.expiresAt))"
            }
        }
        guard !late.isEmpty else { return [] }
        if late.count > Self.shownDays {
            late = late.prefix(Self.shownDays) + ["  and \(late.count - Self.shownDays) more"]
        }
        return ["", "Expires before its turn comes:"] + late
            + ["Raise api.tpslimit, or take fewer days with each run, the soonest first."]
    }

    private func moment(_ time: Timestamp) -> String {
        String(time.description.prefix(16)).replacing("T", with: " ")
    }

    /// As much of a name as the line has room for.
    private func short(_ name: String) -> String {
        name.count > 12 ? "\(name.prefix(11))…" : name
    }
}

extension DayText {
    fileprivate static func count(_ count: String, _ noun: String) -> String {
        "\(count) \(noun)\(count == "1" ? "" : "s")"
    }
}
