package import Foundation
package import Recordings

/// When a dialer's recording started, and how that is known.
package struct StartResolution: Hashable, Sendable {
    package let startedAt: Timestamp
    package let origin: StartOrigin
    /// What a person should know about it: an ambiguous hour, a time that was not believed, one that was not read.
    package let note: String?
    /// Starts that are given and could not be read, and that would have counted before the one that is taken.
    package let unread: [UnreadStart]

    /// Whether more than the archive's day is known.
    package var startIsKnown: Bool { origin != .day }

    /// What the recording has to say of its start: better evidence than what is taken was there and could not be read.
    package var defects: [Defect] {
        unread.map { Defect(.startUnreadable, "\($0); taken from \(origin.rawValue)") }
    }

    /// What is known of one recording's start, the most trusted first.
    package struct Evidence: Hashable, Sendable {
        package var sidecar: CallStart?
        package var filename: CallStart?
        /// Starts that sidecar and name give and that could not be read: ``CallMetadata/unreadStarts``.
        package var unread: [UnreadStart]
        /// The member's time in the archive: when its file was last written, which is when the call ended.
        package var memberTime: Timestamp?
        /// The audio's length, which leads from the call's end to its start.
        package var durationMs: Int64?

        package init(
            sidecar: CallStart? = nil,
            filename: CallStart? = nil,
            unread: [UnreadStart] = [],
            memberTime: Timestamp? = nil,
            durationMs: Int64? = nil
        ) {
            self.sidecar = sidecar
            self.filename = filename
            self.unread = unread
            self.memberTime = memberTime
            self.durationMs = durationMs
        }
    }

    /// Weighs the evidence.
    ///
    /// The sidecar's word counts before the name's, and the name's before the member's time. A start that lies more than a
    /// day from the archive's day is not believed; where sidecar and name say nothing else, it is the archive's day that is
    /// known, and no more: the time of a member whose name is wrong says when it was copied.
    ///
    /// - Parameters:
    ///   - day: the archive's day.
    ///   - zone: the account's zone, in which local times are read and days are counted.
    package init(_ evidence: Evidence, archiveDay day: Day, zone: TimeZone) {
        let times = LocalTimes(zone: zone)
        var notes: [String] = []
        var unread = evidence.unread
        let stated: [(StartOrigin, CallStart)] = [(.sidecar, evidence.sidecar), (.filename, evidence.filename)]
            .compactMap { origin, start in start.map { (origin, $0) } }
        for (origin, start) in stated {
            switch Self.moment(of: start, day: day, times: times, near: evidence.estimatedStart) {
            case .moment(let moment, let note):
                if Self.isBelievable(moment, day: day, times: times) {
                    notes += [note].compactMap(\.self)
                    self.init(startedAt: moment, origin: origin, notes: notes, unread: unread)
                    return
                }
                notes.append(Self.disbelief(origin, moment, day: day))
            case .ambiguous(let text):
                unread.append(
                    UnreadStart(origin: origin, text: text, reason: "more than one of its readings fits the day")
                )
            }
        }
        if notes.isEmpty, let ended = evidence.memberTime {
            // Archives keep whole seconds, cut: the start is cut with them.
            let start = Self.start(ended, evidence.durationMs)
            let moment = Timestamp(secondsSinceEpoch: start.secondsSinceEpoch)
            if Self.isBelievable(moment, day: day, times: times) {
                self.init(startedAt: moment, origin: .memberTime, notes: [], unread: unread)
                return
            }
            notes.append(Self.disbelief(.memberTime, moment, day: day))
        }
        self.init(startedAt: times.start(of: day), origin: .day, notes: notes, unread: unread)
    }

    private init(startedAt: Timestamp, origin: StartOrigin, notes: [String], unread: [UnreadStart]) {
        self.startedAt = startedAt
        self.origin = origin
        let notes = notes + unread.map(\.description)
        note = notes.isEmpty ? nil : notes.joined(separator: "; ")
        let trust = StartOrigin.allCases
        self.unread = unread.filter {
            (trust.firstIndex(of: $0.origin) ?? 0) < (trust.firstIndex(of: origin) ?? 0)
        }
    }

    /// The start of a recording that ended at a moment; whatever an archive or an audio header says, within the years that a
    /// date can have.
    fileprivate static func start(_ ended: Timestamp, _ durationMs: Int64?) -> Timestamp {
        let century: Int64 = 100 * 366 * 86_400_000
        let end = min(max(ended.millisecondsSinceEpoch, -19 * century), 79 * century)
        return Timestamp(millisecondsSinceEpoch: end - min(max(0, durationMs ?? 0), century))
    }

    private static func isBelievable(_ moment: Timestamp, day: Day, times: LocalTimes) -> Bool {
        (day.advanced(by: -1)...day.advanced(by: 1)).contains(times.day(of: moment))
    }

    private static func disbelief(_ origin: StartOrigin, _ moment: Timestamp, day: Day) -> String {
        let what =
            switch origin {
            case .sidecar: "the sidecar's start"
            case .filename: "the file name's start"
            case .memberTime: "the member's time"
            case .api, .day: "the start"
            }
        return "\(what), \(moment), lies more than a day from the archive's day \(day) and is not believed"
    }

    // MARK: Reading a start

    private enum Reading {
        case moment(Timestamp, note: String?)
        /// More than one of its readings lies near the archive's day.
        case ambiguous(String)
    }

    private static func moment(
        of start: CallStart,
        day: Day,
        times: LocalTimes,
        near estimate: Timestamp?
    ) -> Reading {
        switch start {
        case .absolute(let moment):
            return .moment(moment, note: nil)
        case .local(let time, let milliseconds):
            let (moment, note) = moment(of: time, times: times, near: estimate)
            return .moment(moment.advanced(byMilliseconds: Int64(milliseconds)), note: note)
        case .oneOf(let starts):
            return choice(starts, day: day, times: times, near: estimate)
        }
    }

    /// The only one of several readings that lies near the archive's day; else the nearest, which is not believed.
    private static func choice(
        _ starts: [CallStart],
        day: Day,
        times: LocalTimes,
        near estimate: Timestamp?
    ) -> Reading {
        var readings: [(moment: Timestamp, note: String?)] = []
        for start in starts {
            switch start {
            case .absolute(let moment): readings.append((moment, nil))
            case .local(let time, let milliseconds):
                let (moment, note) = moment(of: time, times: times, near: estimate)
                readings.append((moment.advanced(byMilliseconds: Int64(milliseconds)), note))
            case .oneOf: return .ambiguous("several readings")
            }
        }
        let believable = readings.filter { isBelievable($0.moment, day: day, times: times) }
        if believable.count > 1 { return .ambiguous(believable.map(\.moment.description).joined(separator: " or ")) }
        let midnight = times.start(of: day)
        let nearest = readings.min { distance($0.moment, midnight) < distance($1.moment, midnight) }
        guard let chosen = believable.first ?? nearest else { return .ambiguous("no reading") }
        return .moment(chosen.moment, note: chosen.note)
    }

    private static func moment(
        of time: CivilTime,
        times: LocalTimes,
        near estimate: Timestamp?
    ) -> (moment: Timestamp, note: String?) {
        switch times.reading(of: time) {
        case .unambiguous(let moment):
            return (moment, nil)
        case .skipped(let shifted):
            return (shifted, "clocks were set forward over the local time \(text(time)); read as \(shifted)")
        case .ambiguous(let first, let second):
            // The member's time is a moment: where the recording ended near one of the two, that one it was.
            if let estimate, distance(second, estimate) <= nearby,
                distance(second, estimate) < distance(first, estimate)
            {
                return (second, "the local time \(text(time)) came twice; the member's time says the second, \(second)")
            }
            if let estimate, distance(first, estimate) <= nearby {
                return (first, "the local time \(text(time)) came twice; the member's time says the first, \(first)")
            }
            return (first, "the local time \(text(time)) came twice; taken as the first, \(first), not \(second)")
        }
    }

    /// Recorders close a file within minutes of the call's end; the two readings lie half an hour apart or more.
    private static let nearby: Int64 = 15 * 60_000

    private static func distance(_ one: Timestamp, _ other: Timestamp) -> Int64 {
        abs(one.millisecondsSinceEpoch - other.millisecondsSinceEpoch)
    }

    private static func text(_ time: CivilTime) -> String {
        let moment = Timestamp(secondsSinceEpoch: time.secondsSinceEpoch).description
        return moment.replacing("T", with: " ").prefix(19).description
    }
}

extension StartResolution.Evidence {
    /// When the recording would have started, going back from the member's time.
    fileprivate var estimatedStart: Timestamp? {
        memberTime.map { StartResolution.start($0, durationMs) }
    }
}

/// The times of an archive's members, all together.
package enum MemberTimes {
    /// Whether they can be the ends of calls, and not the moment at which somebody packed the archive.
    ///
    /// Three members or more that all bear one time, and twenty or more that were written faster than ten a second, were
    /// copied. Such times say nothing of calls; worse, an archive packed after midnight would move its whole day to the next.
    package static func canBeCalls(_ times: [Timestamp]) -> Bool {
        guard times.count >= 3, let first = times.min(), let last = times.max() else { return true }
        let seconds = last.secondsSinceEpoch - first.secondsSinceEpoch
        if seconds == 0 { return false }
        return times.count < 20 || Int64(times.count) <= seconds.multipliedReportingOverflow(by: 10).partialValue
    }
}
