import Recordings
import Vault

/// A day's summary as people read it, in 80 columns.
struct DayText {
    private let summary: DaySummary

    init(_ summary: DaySummary) {
        self.summary = summary
    }

    /// `2018-04-05  complete    24 recordings, 1 degraded, 1 exception, revision 1`.
    var headline: String {
        var parts = counts
        parts.append("revision \(summary.revision)")
        return line(parts)
    }

    /// What a run made of the day: the headline, or that there was nothing new.
    func outcome(isNewRevision: Bool) -> String {
        if isNewRevision { return "\(headline) (new)" }
        return line([counts[0], "nothing new since revision \(summary.revision)"])
    }

    /// `sealed at 2018-04-20T08:00:00.000Z as revision 2: runs leave it alone until --reopen`.
    static func sealed(_ seal: DaySeal) -> String {
        "sealed at \(seal.sealedAt), revision \(seal.revision): left alone until --reopen"
    }

    private var counts: [String] {
        let totals = summary.totals
        var parts = [Self.count(totals.recordings, "recording")]
        if totals.degraded > 0 { parts.append("\(totals.degraded) degraded") }
        if totals.exceptions > 0 { parts.append(Self.count(totals.exceptions, "exception")) }
        return parts
    }

    private func line(_ parts: [String]) -> String {
        "\(summary.day)  \(summary.state.rawValue.padding(to: 10))  \(parts.joined(separator: ", "))"
    }

    /// A line for each source of which something is missing.
    var openSources: [String] {
        summary.sources.filter { !$0.state.isSettled }.map { source in
            TerminalText.line("\(source.name): \(source.state.rawValue)" + (source.detail.map { ", \($0)" } ?? ""))
        }
    }

    /// Everything about the day, as a table of its sources.
    func table() -> String {
        let totals = summary.totals
        let header = ["source", "state", "members", "published", "duplicates", "moved", "exceptions"]
        let rows = summary.sources.map { source in
            [
                source.name, source.state.rawValue, "\(source.members)", "\(source.published)", "\(source.duplicates)",
                "\(source.moved)", "\(source.exceptions)",
            ]
        }
        let length = Self.duration(milliseconds: totals.durationMs)
        let movedIn = totals.movedIn == 0 ? "" : "\n\(totals.movedIn) of them from a neighbouring day's archives"
        return """
            \(headline)
            \(ByteText.of(totals.sizeBytes)), \(length) of audio, published \(summary.publishedAt)\(movedIn)

            \(TextTable(header: header, rows: rows, leftColumns: 2).text)
            """
    }

    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    static func duration(milliseconds: Int64) -> String {
        let seconds = (milliseconds + 500) / 1000
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0
            ? "\(hours) h \(minutes) min" : minutes > 0 ? "\(minutes) min \(seconds % 60) s" : "\(seconds) s"
    }
}

/// Columns of text, as wide as their widest cell.
struct TextTable {
    let header: [String]
    let rows: [[String]]
    /// How many columns from the left are words; the others are figures and stand to the right.
    let leftColumns: Int

    var text: String {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            let cells = row.enumerated().map { column, cell in
                column < leftColumns
                    ? cell.padding(to: widths[column])
                    : String(repeating: " ", count: widths[column] - cell.count) + cell
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

extension String {
    func padding(to width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }
}
