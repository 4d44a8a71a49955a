package import Foundation
package import Recordings

/// Local times read in one zone, the hours that a clock change repeats or leaves out included.
package struct LocalTimes: Sendable {
    private let zone: TimeZone

    package init(zone: TimeZone) {
        self.zone = zone
    }

    /// What a local time means.
    package enum Reading: Hashable, Sendable {
        /// The one moment at which clocks showed it.
        case unambiguous(Timestamp)
        /// Clocks were set back and showed it twice.
        case ambiguous(first: Timestamp, second: Timestamp)
        /// Clocks were set forward and never showed it: the moment at which it would have been, had they not been,
        /// which is as far behind the change as the time is behind the gap's beginning.
        case skipped(shifted: Timestamp)
    }

    /// Every moment that has `time` on a clock in the zone.
    package func reading(of time: CivilTime) -> Reading {
        let local = time.secondsSinceEpoch
        // A zone's offset never exceeds 26 hours either way, so the changes that matter lie within that distance.
        let before = offset(at: local - Self.reach)
        let after = offset(at: local + Self.reach)
        var moments: [Int64] = []
        for candidate in [local - before, local - after]
        where offset(at: candidate) == local - candidate && !moments.contains(candidate) {
            moments.append(candidate)
        }
        moments.sort()
        if moments.count > 1 {
            return .ambiguous(
                first: Timestamp(secondsSinceEpoch: moments[0]),
                second: Timestamp(secondsSinceEpoch: moments[1])
            )
        }
        if let moment = moments.first { return .unambiguous(Timestamp(secondsSinceEpoch: moment)) }
        return .skipped(shifted: Timestamp(secondsSinceEpoch: local - before))
    }

    private static let reach: Int64 = 26 * 3600

    /// Seconds east of UTC at a moment.
    private func offset(at secondsSinceEpoch: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(secondsSinceEpoch))))
    }

    /// The date that a clock in the zone shows at `moment`.
    func day(of moment: Timestamp) -> Day {
        CivilTime(secondsSinceEpoch: moment.secondsSinceEpoch + offset(at: moment.secondsSinceEpoch)).date
    }

    /// The first moment of `day` in the zone.
    func start(of day: Day) -> Timestamp {
        day.interval(in: zone).lowerBound
    }
}
