import Foundation
import Recordings

/// What happens on a platform in 400 days, by a seed: which calls were recorded, when their audio was stored, when the
/// dialer's archives came, and when this machine was off.
struct YearScript {
    static let dayCount = 400
    /// For how many days the platform keeps the dialer's archives.
    static let dialerDays = 30

    let zone: TimeZone
    private(set) var days: [ScriptedDay] = []
    private(set) var calls: [ScriptedCall] = []
    private(set) var archives: [ScriptedArchive] = []
    private var random: SplitMix64

    init(seed: UInt64, zone: TimeZone) throws {
        self.zone = zone
        random = SplitMix64(state: seed)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        guard var date = calendar.date(from: DateComponents(year: 2018, month: 1, day: 15)) else {
            throw Failure(.usage, "no such date")
        }
        for number in 0..<Self.dayCount {
            guard let interval = calendar.dateInterval(of: .day, for: date) else {
                throw Failure(.usage, "no such day")
            }
            let parts = calendar.dateComponents([.year, .month, .day], from: interval.start)
            let name = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            let day = ScriptedDay(number: number, name: name, start: interval.start, end: interval.end)
            days.append(day)
            addCalls(day)
            addArchive(day)
            date = interval.end.addingTimeInterval(3600)
        }
    }

    // MARK: The API's recordings

    /// From the 250th day on the account keeps recordings for 60 days, where it were 180.
    func accountDays(at now: Date) -> Int { now < days[250].start ? 180 : 60 }

    /// When the platform has deleted a call's audio, as far as the moment `now` knows.
    func isDeleted(_ call: ScriptedCall, at now: Date) -> Bool {
        now >= call.start.addingTimeInterval(Double(accountDays(at: now)) * 86_400)
    }

    private mutating func addCalls(_ day: ScriptedDay) {
        let length = day.end.timeIntervalSince(day.start)
        var offsets = (0..<random.next(below: 4)).map { _ in Double(random.next(below: Int(length))) }
        if random.next(below: 12) == 0 { offsets.append(0) }
        if random.next(below: 12) == 0 { offsets.append(length - 1) }
        // Around the clock change, on both sides of the hour that is repeated or left out.
        if length != 86_400 { offsets += [1.5, 2.5, 3.5].map { $0 * 3600 } }
        for offset in Set(offsets).sorted() {
            let start = day.start.addingTimeInterval(offset)
            let id = String(format: "%016lx%016lx", random.next(), random.next())
            calls.append(ScriptedCall(id: id, day: day, start: start, fate: fate(from: start)))
        }
    }

    private mutating func fate(from start: Date) -> ScriptedCall.Fate {
        let hour = 3600.0
        return switch random.next(below: 200) {
        case 0...1: .never(state: "failed")
        case 2: .never(state: "deleted")
        case 3...4: .stored(start.addingTimeInterval(Double(random.next(below: 80 * 24) + 20 * 24) * hour))
        case 5...20: .stored(start.addingTimeInterval(Double(random.next(below: 6 * 24) + 6) * hour))
        default: .stored(start.addingTimeInterval(300))
        }
    }

    // MARK: The dialer's archives

    private mutating func addArchive(_ day: ScriptedDay) {
        var members: [ScriptedMember] = []
        let length = day.end.timeIntervalSince(day.start)
        for number in 0..<(1 + random.next(below: 2)) {
            let offset = [0, length - 1, Double(random.next(below: Int(length)))][min(2, random.next(below: 8))]
            let start = day.start.addingTimeInterval(offset)
            members.append(
                ScriptedMember(name: "\(stamp(start))_49301\(day.number)\(number)-all.mp3", start: start)
            )
        }
        let hour = 3600.0
        let arrival: Date? =
            switch random.next(below: 100) {
            case 0...2: nil
            case 3...5: day.end.addingTimeInterval(Double(random.next(below: 15 * 24) + 13 * 24) * hour)
            case 6...13: day.end.addingTimeInterval(Double(random.next(below: 12 * 24) + 24) * hour)
            case 14...25: day.end.addingTimeInterval(Double(random.next(below: 18) + 6) * hour)
            default: day.end.addingTimeInterval(3 * hour + Double(random.next(below: 9000)))
            }
        archives.append(ScriptedArchive(day: day, members: members, arrival: arrival))
    }

    /// The wall clock as the dialer writes it into names.
    private func stamp(_ moment: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = zone
        format.dateFormat = "yyyyMMdd-HHmmss"
        return format.string(from: moment)
    }

    // MARK: This machine

    /// It is off for five days in May, and for 35 in November.
    func isOff(_ number: Int) -> Bool { (120..<125).contains(number) || (290..<325).contains(number) }
}

struct ScriptedDay {
    let number: Int
    let name: String
    let start: Date
    let end: Date
}

/// A call that the API lists.
struct ScriptedCall {
    enum Fate {
        case stored(Date)
        /// The platform lists it and has no audio of it.
        case never(state: String)
    }

    let id: String
    let day: ScriptedDay
    let start: Date
    let fate: Fate

    /// As the API says it; nil before the call.
    func state(at now: Date) -> String? {
        guard now >= start else { return nil }
        switch fate {
        case .stored(let moment): return now < moment ? "storing" : "stored"
        case .never(let state): return state
        }
    }
}

struct ScriptedMember {
    let name: String
    let start: Date
}

struct ScriptedArchive {
    let day: ScriptedDay
    let members: [ScriptedMember]
    let arrival: Date?

    var name: String { "outbound-\(day.name).tar" }

    func isThere(at now: Date) -> Bool {
        guard let arrival else { return false }
        return now >= arrival && now < day.end.addingTimeInterval(Double(YearScript.dialerDays) * 86_400)
    }
}

/// Sebastiano Vigna's SplitMix64: the same numbers for the same seed on every machine.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
