import Recordings

/// The built-in reading of recordings' names: the forms that dialers and telephone systems write, told by their shape
/// and by the orders that VICIdial and its descendants come with.
///
/// One pass over the name, no regular expression. What could be two things is neither.
struct FilenameScanner {
    private let name: ByteText
    /// The archive's day: a run of digits that could be a time or a number is a time when it names this day.
    private let day: Day?
    private var call = CallMetadata()
    private var phones: [String] = []
    private var hasTime = false
    /// Different ids in one name are a tenant's and a call's, or a call's and a leg's: neither is the recording's.
    private var ids: Set<RecordingID> = []
    /// Whether a word of its own says UTC or GMT.
    private var saysUTC = false

    static func metadata(stem: Substring, near day: Day?) -> CallMetadata {
        var scanner = FilenameScanner(name: ByteText(stem), day: day)
        scanner.scan()
        scanner.readOrders()
        scanner.settlePhone()
        scanner.settleZone()
        return scanner.call
    }

    private init(name: ByteText, day: Day?) {
        self.name = name
        self.day = day
    }

    // MARK: Shapes

    /// Looks at every place where a field can begin: the name's start, and behind anything that is no letter or digit.
    private mutating func scan() {
        var index = 0
        while let byte = name[index] {
            if !byte.isWord {
                index += 1
            } else if let end = field(at: index) {
                index = end
            } else {
                while name[index]?.isWord ?? false { index += 1 }
            }
        }
    }

    /// Takes what stands at `start` when its shape says what it is, and returns the index behind it.
    private mutating func field(at start: Int) -> Int? {
        if let end = identity(at: start) { return end }
        if let found = TimeText.dateTime(name, at: start, style: .name), !(name[found.end]?.isWord ?? false) {
            take(found.start, name.text(start..<found.end))
            return found.end
        }
        if let end = digits(at: start) { return end }
        return word(at: start)
    }

    /// A UUID, or 32 hexadecimal digits (RFC 9562, section 4, with and without its hyphens).
    private mutating func identity(at start: Int) -> Int? {
        var end = start
        var hexDigits = 0
        while let byte = name[end] {
            if byte.isHexDigit {
                hexDigits += 1
            } else if byte != UInt8(ascii: "-") || ![8, 13, 18, 23].contains(end - start) {
                break
            }
            end += 1
            if hexDigits == 32 { break }
        }
        guard hexDigits == 32, end - start == 32 || end - start == 36, !(name[end]?.isWord ?? false) else { return nil }
        if let id = RecordingID(name.text(start..<end)) { ids.insert(id) }
        call.recordingID = ids.count == 1 ? ids.first : nil
        return end
    }

    private mutating func digits(at start: Int) -> Int? {
        let run = name.digitRun(at: start)
        let end = start + run
        guard run > 0, !(name[end]?.isWord ?? false) else { return nil }
        if let unique = uniqueID(at: start, digits: run) { return unique }
        let text = ByteText(name.text(start..<end))
        if let epoch = TimeText.epoch(text, at: 0) {
            // Ten digits are a telephone number in many countries: only the day tells.
            if agrees(epoch.moment) { take(.absolute(epoch.moment)) }
            return end
        }
        if let day, run == 11 || run == 12, let start = TinyDate.read(text, near: day) {
            take(start)
            return end
        }
        let isSigned = start > 0 && name[start - 1] == UInt8(ascii: "+")
        if (10...15).contains(run) || (isSigned && (7...15).contains(run)) {
            phones.append((isSigned ? "+" : "") + name.text(start..<end))
        }
        return end
    }

    /// Asterisk's unique id: the second in which the channel was made, a point, and a running number.
    private mutating func uniqueID(at start: Int, digits: Int) -> Int? {
        let point = start + digits
        let serial = name.digitRun(at: point + 1, limit: 9)
        let end = point + 1 + serial
        guard
            digits == 10, name[point] == UInt8(ascii: "."), (1...8).contains(serial), !(name[end]?.isWord ?? false),
            TimeText.epoch(name, at: start) != nil
        else { return nil }
        if call.callID == nil { call.callID = name.text(start..<end) }
        let made = ByteText(name.text(start..<point))
        if let epoch = TimeText.epoch(made, at: 0), agrees(epoch.moment) { take(.absolute(epoch.moment)) }
        return end
    }

    /// The whole words that say who called whom. `in` and `out` do not: they name the two sides of one call's audio.
    private mutating func word(at start: Int) -> Int? {
        var end = start
        while name[end]?.isWord ?? false { end += 1 }
        switch name.text(start..<end).lowercased() {
        case "inbound": call.direction = .inbound
        case "outbound": call.direction = .outbound
        case "utc", "gmt": saysUTC = true
        default: break
        }
        return end
    }

    /// The first time in a name is the start's; one after it is the end's, or a copy.
    private mutating func take(_ start: CallStart) {
        if !hasTime { call.startedAt = start }
        hasTime = true
    }

    private mutating func take(_ written: WrittenStart, _ text: String) {
        switch written.outcome() {
        case .start(let start): take(start)
        case .unread(let reason):
            if !hasTime { call.unreadStarts = [UnreadStart(origin: .filename, text: text, reason: reason)] }
            hasTime = true
        }
    }

    /// A time without a zone, in a name that says UTC somewhere else.
    private mutating func settleZone() {
        if saysUTC { call.startedAt = call.startedAt?.asUTC }
    }

    /// Whether a moment lies near the archive's day, wherever on Earth that day is, or near the time that the name gives.
    private func agrees(_ moment: Timestamp) -> Bool {
        let date = CivilTime(secondsSinceEpoch: moment.secondsSinceEpoch).date
        return [day, namedDay].contains { $0.map { abs(date.daysSinceEpoch - $0.daysSinceEpoch) <= 2 } ?? false }
    }

    private var namedDay: Day? {
        switch call.startedAt {
        case .absolute(let moment): CivilTime(secondsSinceEpoch: moment.secondsSinceEpoch).date
        case .local(let time, _): time.date
        case .oneOf, nil: nil
        }
    }

    // MARK: Orders

    /// The orders in which VICIdial (`FULLDATE_CUSTPHONE`), GOautodial (`…_CAMPAIGN_AGENT`) and OSDial
    /// (`CAMPAIGN_AGENT_…`) name recordings by default, and the other example of VICIdial's manual
    /// (`CAMPAIGN_TINYDATE_CUSTPHONE`).
    private mutating func readOrders() {
        let parts = name.bytes.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
            .map { ByteText(String(decoding: $0, as: UTF8.self)) }
        switch parts.count {
        case 2 where isTime(parts[0]):
            takePhone(parts[1])
        case 3 where isCampaign(parts[0]) && isTime(parts[1]) && isPhone(parts[2]):
            call.campaign = parts[0].text(0..<parts[0].count)
            takePhone(parts[2])
        case 4 where isTime(parts[0]) && isPhone(parts[1]):
            takePhone(parts[1])
            takeCampaign(parts[2], agent: parts[3])
        case 4 where isTime(parts[2]) && isPhone(parts[3]):
            takePhone(parts[3])
            takeCampaign(parts[0], agent: parts[1])
        default: break
        }
    }

    private func isTime(_ part: ByteText) -> Bool {
        if let found = TimeText.dateTime(part, at: 0, style: .name) { return found.end == part.count }
        if let day, TinyDate.read(part, near: day) != nil { return true }
        guard let epoch = TimeText.epoch(part, at: 0) else { return false }
        return epoch.end == part.count && agrees(epoch.moment)
    }

    private func isPhone(_ part: ByteText) -> Bool {
        let start = part[0] == UInt8(ascii: "+") ? 1 : 0
        return (7...15).contains(part.count - start) && part.digitRun(at: start) == part.count - start && !isTime(part)
            && !isDate(part)
    }

    private func isDate(_ part: ByteText) -> Bool {
        if case .date = TimeText.field(part.text(0..<part.count)) { true } else { false }
    }

    private mutating func takePhone(_ part: ByteText) {
        if isPhone(part) { call.phone = part.text(0..<part.count) }
    }

    /// VICIdial's campaigns have eight characters at most, its users twenty; both are letters and digits. One with a
    /// letter in it is no lead's number and no phone's.
    private func isCampaign(_ part: ByteText) -> Bool {
        (2...8).contains(part.count) && part.bytes.allSatisfy(\.isWord) && part.bytes.contains(where: \.isLetter)
    }

    private mutating func takeCampaign(_ campaign: ByteText, agent: ByteText) {
        guard
            isCampaign(campaign), (2...20).contains(agent.count), agent.bytes.allSatisfy(\.isWord), !isPhone(agent),
            !isTime(agent)
        else { return }
        call.campaign = campaign.text(0..<campaign.count)
        call.agentID = agent.text(0..<agent.count)
    }

    /// A number that no order placed: the only long run of digits in a name that has a time.
    private mutating func settlePhone() {
        guard call.phone == nil, hasTime, let first = phones.first, phones.allSatisfy({ $0 == first }) else { return }
        call.phone = first
    }
}
