import Foundation
package import Recordings
package import Settings

/// When the platform deletes what it has of a day. Values in, values out.
package struct RetentionClock: Sendable {
    private let retention: Configuration.Retention
    private let zone: TimeZone

    package init(_ configuration: Configuration) {
        retention = configuration.retention
        zone = configuration.timezone
    }

    /// From the moment at which the day's first recording can be deleted to that at which its last one is.
    package func deletion(of day: Day, at kind: SourceKind) -> Range<Timestamp> {
        let days = kind == .api ? retention.apiDays : retention.dialerDays
        return day.advanced(by: days).interval(in: zone)
    }
}
