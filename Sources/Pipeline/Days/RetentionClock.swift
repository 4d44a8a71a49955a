import Foundation
package import Platform
package import Recordings
package import Settings

/// When the platform deletes what it has of a day. Values in, values out.
package struct RetentionClock: Sendable {
    private let retention: Configuration.Retention
    private let accountDays: Int?
    private let zone: TimeZone

    /// - Parameter account: the account's own settings, as far as they are known. The shorter word counts.
    package init(_ configuration: Configuration, account: RetentionPeriods? = nil) {
        retention = configuration.retention
        // 0 is no retention that recordings could be fetched in: it says that the account has none of its own.
        accountDays = [account?.recordingFiles, account?.defaultPeriod].compactMap(\.self).first { $0 > 0 }
        zone = configuration.timezone
    }

    /// From the moment at which the day's first recording can be deleted to that at which its last one is.
    ///
    /// Whether the account's setting covers the dialer's archives is not documented. So these may begin to go when it
    /// says so, and are not given up before the configuration does.
    package func deletion(of day: Day, at kind: SourceKind) -> Range<Timestamp> {
        let first = day.advanced(by: days(kind)).interval(in: zone)
        guard kind != .api else { return first }
        return first.lowerBound..<day.advanced(by: retention.dialerDays).interval(in: zone).upperBound
    }

    /// For how many days the platform keeps it at least.
    package func days(_ kind: SourceKind) -> Int {
        let configured = kind == .api ? retention.apiDays : retention.dialerDays
        return min(configured, accountDays ?? configured)
    }

    /// Whether nothing of the day is left.
    package func isOver(_ day: Day, at kind: SourceKind, _ now: Timestamp) -> Bool {
        now >= deletion(of: day, at: kind).upperBound
    }

    /// Recordings of the day that started before this moment are deleted already; nil as long as none is.
    package func deletedBefore(_ day: Day, at kind: SourceKind, _ now: Timestamp) -> Timestamp? {
        let start = deletion(of: day, at: kind).lowerBound
        guard now >= start else { return nil }
        return day.interval(in: zone).lowerBound
            .advanced(byMilliseconds: now.millisecondsSinceEpoch - start.millisecondsSinceEpoch)
    }
}
