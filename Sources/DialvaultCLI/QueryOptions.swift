import ArgumentParser
import Recordings
import Settings
import Vault

/// What commands that look for recordings take.
struct QueryOptions: ParsableArguments {
    @OptionGroup var days: DayOptions

    @Option(help: ArgumentHelp("Of either side, with or without the country's code.", valueName: "number"))
    var number: String?

    @Option(help: ArgumentHelp("The agent's id or number, or a part of the name.", valueName: "agent"))
    var agent: String?

    @Option(help: "How the call came about.")
    var channel: Channel?

    @Option(help: "What was found in the audio.")
    var verdict: Verdict?

    @Option(help: ArgumentHelp("Started at this time or later: 2018-04-05T08:00:00Z.", valueName: "time"))
    var after: Timestamp?

    @Option(help: ArgumentHelp("Started before this time.", valueName: "time"))
    var before: Timestamp?

    /// - Throws: `ValidationError` when the number has no digit.
    func query() throws -> RecordingQuery {
        var query = RecordingQuery()
        if let number {
            guard let parsed = PhoneNumber(number) else { throw ValidationError("\"\(number)\" is no number.") }
            query.number = parsed
        }
        query.agent = agent
        query.channel = channel
        query.verdict = verdict
        query.after = after
        query.before = before
        return query
    }

    /// The days to look into: those given, which have to be archived; of a range, or of everything, those that are.
    func published(_ session: Session) throws -> [Day] {
        let given = try days.resolved(session.bounds)
        let named = Set(days.days)
        let published = try session.vault.publishedDays()
        let zone = session.configuration.timezone
        let first = after.map { Day.localTime(at: $0, in: zone).date }
        let last = before.map { Day.localTime(at: $0, in: zone).date }
        let known = Set(published)
        if !named.isEmpty, let missing = given.first(where: { named.contains("\($0)") && !known.contains($0) }) {
            throw Failure(.notFound, "\(missing) is not archived", advice: "Archive it with: dialvault run \(missing)")
        }
        return (given.isEmpty ? published : given.filter(known.contains)).filter { day in
            (first.map { day >= $0 } ?? true) && (last.map { day <= $0 } ?? true)
        }
    }
}

extension Channel: ExpressibleByArgument {}

extension Verdict: ExpressibleByArgument {}

extension Timestamp: ExpressibleByArgument {
    /// RFC 3339, with an offset or Z.
    package init?(argument: String) {
        self.init(rfc3339: argument)
    }
}
