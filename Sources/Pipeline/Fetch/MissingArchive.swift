import Foundation
import Platform
import Recordings
import Settings

/// What it means that a source has no archive of a day: by `on_missing`, from `ready_by` on it is late, and after the
/// platform's retention it will not come any more.
struct MissingArchive: Sendable {
    private let onMissing: Configuration.OnMissing
    private let readyBy: TimeOfDay
    private let timeZone: TimeZone
    private let clock: RetentionClock
    private let retentionDays: Int
    private let time: any PlatformTime

    init(_ configuration: Configuration, time: any PlatformTime) {
        onMissing = configuration.dialer.onMissing
        readyBy = configuration.dialer.readyBy
        timeZone = configuration.timezone
        clock = RetentionClock(configuration)
        retentionDays = configuration.retention.dialerDays
        self.time = time
    }

    /// When the platform has deleted all that it had of the day for the dialer's sources; nil as long as it has not.
    func expiry(of day: Day, _ kind: SourceKind) -> Timestamp? {
        clock.isOver(day, at: kind, time.now()) ? clock.deletion(of: day, at: kind).upperBound : nil
    }

    /// The failure for an archive that was not there before the platform deleted what it was to be made of.
    func expired(_ what: String, _ end: Timestamp) -> Failure {
        Failure(
            .notFound,
            "\(what), and the platform kept its recordings for \(retentionDays) days, until \(end)",
            advice:
                "They are lost, unless whoever provides the archive still has it: then put it there and run the day "
                + "by hand. Set retention.dialer_days if they are kept longer"
        )
    }

    /// Whether the day's archives should have been there by now: `ready_by` on the day after has passed.
    func isLate(_ day: Day) -> Bool {
        let now = Day.localTime(at: time.now(), in: timeZone)
        let due = CivilTime(date: day.advanced(by: 1), hour: readyBy.hour, minute: readyBy.minute, second: 0)
        return now.secondsSinceEpoch >= due.secondsSinceEpoch
    }

    /// - Parameter what: what was looked for and is not there, as the end of a message.
    func state(of day: Day, _ what: String) -> (state: SourceState, failure: Failure?) {
        if onMissing == .empty { return (.empty, nil) }
        guard isLate(day) else {
            return (
                .notReady,
                Failure(
                    .notReady,
                    what,
                    advice: "Run the day again when it has arrived; dialer.on_missing: empty says that none is normal"
                )
            )
        }
        return (
            .notReady,
            Failure(
                .notReady,
                "\(what), and it is late: dialer.ready_by is \(readyBy) on \(day.advanced(by: 1))",
                advice: "Ask whoever provides it; dialer.on_missing: empty says that none is normal"
            )
        )
    }
}

/// The names that writers give to files which are not finished.
enum UnfinishedName {
    static let endings = [".part", ".partial", ".tmp", ".filepart", ".crdownload"]

    /// The name that such a file gets when its writer has finished; nil for any other.
    static func whenFinished(_ name: String) -> String? {
        for ending in endings where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return nil
    }
}
