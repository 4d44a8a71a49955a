import Recordings

/// The closed list of named groups that a pattern for file names may have.
package enum FilenameGroup: String, CaseIterable, Sendable {
    case datetime, date, time, year, month, day, hour, minute, second, epoch, tinydate
    case id, callID = "call_id", conversationID = "conversation_id"
    case phone, from, to, direction
    case agent, agentName = "agent_name", agentNumber = "agent_number"
    case campaign, queue, leadID = "lead_id"

    /// One line for people who write a pattern.
    package var meaning: String {
        switch self {
        case .datetime: "date and time: 20180405-101533, 20180405101533, 2018-04-05T10:15:33+02:00 and the like"
        case .date: "a date: 20180405, 2018-04-05, 05.04.2018; needs time"
        case .time: "a time of day: 101533, 10-15-33, 10:15; needs date"
        case .year: "four digits, or two for 2000 to 2099; needs month, day, hour and minute"
        case .month, .day, .hour, .minute: "one or two digits"
        case .second: "one or two digits; 0 where it is left out"
        case .epoch: "seconds or milliseconds since 1970: ten or thirteen digits"
        case .tinydate: "VICIdial's TINYDATE: one or two digits of the year, then MMDDHHMMSS"
        case .id: "the recording's id: a UUID, 32 hexadecimal digits, or another id of 16 characters or more"
        case .callID: "the call's id"
        case .conversationID: "the conversation's id"
        case .phone: "the customer's number"
        case .from: "the number that called"
        case .to: "the number that was called"
        case .direction: "inbound, in, incoming, outbound, out or outgoing"
        case .agent: "the agent's id or login"
        case .agentName: "the agent's name"
        case .agentNumber: "the agent's number"
        case .campaign: "the campaign"
        case .queue: "the queue or in-group"
        case .leadID: "the lead's id"
        }
    }
}

/// The texts that one match gave, read as a call's data.
struct FilenameFields {
    private var texts: [FilenameGroup: String] = [:]

    subscript(group: FilenameGroup) -> String? {
        get { texts[group] }
        set { texts[group] = newValue }
    }

    func metadata(near day: Day?) -> CallMetadata {
        var call = CallMetadata()
        switch start(near: day) {
        case .start(let start): call.startedAt = start
        case .unread(let reason):
            call.unreadStarts = [UnreadStart(origin: .filename, text: startText, reason: reason)]
        case nil: break
        }
        call.recordingID = texts[.id].flatMap(RecordingID.init(wellKnown:))
        call.callID = value(.callID)
        call.conversationID = value(.conversationID)
        call.phone = texts[.phone].flatMap(Values.phone)
        call.from = texts[.from].flatMap(Values.phone)
        call.to = texts[.to].flatMap(Values.phone)
        call.direction = texts[.direction].flatMap(Values.direction)
        call.agentID = value(.agent)
        call.agentName = value(.agentName)
        call.agentNumber = value(.agentNumber)
        call.campaign = value(.campaign)
        call.queue = value(.queue)
        call.leadID = value(.leadID)
        return call
    }

    private func value(_ group: FilenameGroup) -> String? {
        texts[group].flatMap(Values.plain)
    }

    private func number(_ group: FilenameGroup) -> Int? {
        texts[group].flatMap { $0.utf8.count <= 4 ? Int($0) : nil }
    }

    /// What the groups for the start hold, as one text.
    private var startText: String {
        let groups: [FilenameGroup] = [
            .datetime, .date, .time, .epoch, .tinydate, .year, .month, .day, .hour, .minute, .second,
        ]
        return groups.compactMap { texts[$0] }.joined(separator: " ")
    }

    /// The start that the groups give; nil where they give none.
    private func start(near day: Day?) -> WrittenStart.Outcome? {
        if let text = texts[.datetime] {
            // The form that names have as well: nothing in a pattern says that hyphens are no colons.
            let named = TimeText.dateTime(ByteText(text), at: 0, style: .name)
            let written = TimeText.whole(text) ?? (named?.end == text.utf8.count ? named?.start : nil)
            return written?.outcome() ?? .unread(reason: "it is not a time")
        }
        if let date = texts[.date], let time = texts[.time] {
            guard
                case .date(let date) = TimeText.field(date),
                case .time(let seconds, let milliseconds, let zone, let problem) = TimeText.field(time)
            else { return .unread(reason: "it is not a date and a time") }
            let moment = WrittenStart.Moment.clock(date, seconds: seconds, milliseconds: milliseconds)
            return WrittenStart(moment: moment, zone: zone, problem: problem).outcome()
        }
        if let text = texts[.epoch] {
            let bytes = ByteText(text)
            guard let found = TimeText.epoch(bytes, at: 0), found.end == bytes.count else {
                return .unread(reason: "it does not count from 1970")
            }
            return .start(.absolute(found.moment))
        }
        if let text = texts[.tinydate], let day {
            return TinyDate.read(ByteText(text), near: day).map { .start($0) }
                ?? .unread(reason: "it is not a time near the archive's day")
        }
        guard texts[.year] != nil, texts[.hour] != nil else { return nil }
        return fields() ?? .unread(reason: "it is not a time")
    }

    private func fields() -> WrittenStart.Outcome? {
        guard
            let written = number(.year), let month = number(.month), let dayOfMonth = number(.day),
            let hour = number(.hour), let minute = number(.minute), (0..<24).contains(hour), (0..<60).contains(minute),
            let date = Day(year: written < 100 ? 2000 + written : written, month: month, dayOfMonth: dayOfMonth)
        else { return nil }
        let second = number(.second) ?? 0
        guard (0..<60).contains(second) else { return nil }
        return .start(.local(CivilTime(date: date, hour: hour, minute: minute, second: second)))
    }
}

/// VICIdial's TINYDATE: the year without its first digits, then month, day, hour, minute and second.
///
/// The manual's example, `51020103108` for 2005-10-20 10:31:08, has one digit for the year; two are read too. Such a run
/// of digits looks like a telephone number, so it is believed only where it agrees with the archive's day.
enum TinyDate {
    static func read(_ text: ByteText, near day: Day) -> CallStart? {
        let yearLength = text.count - 10
        guard
            yearLength == 1 || yearLength == 2, let year = text.number(at: 0, length: yearLength),
            let month = text.number(at: yearLength, length: 2),
            let dayOfMonth = text.number(at: yearLength + 2, length: 2),
            let hour = text.number(at: yearLength + 4, length: 2), hour < 24,
            let minute = text.number(at: yearLength + 6, length: 2), minute < 60,
            let second = text.number(at: yearLength + 8, length: 2), second < 60
        else { return nil }
        let modulus = yearLength == 1 ? 10 : 100
        // A day on either side, where December and January meet included.
        for date in [day, day.advanced(by: -1), day.advanced(by: 1)]
        where (date.year % modulus, date.month, date.dayOfMonth) == (year, month, dayOfMonth) {
            return .local(CivilTime(date: date, hour: hour, minute: minute, second: second))
        }
        return nil
    }
}

extension CivilTime {
    init(date: Day, secondsSinceMidnight seconds: Int) {
        self.init(date: date, hour: seconds / 3600, minute: seconds / 60 % 60, second: seconds % 60)
    }
}
