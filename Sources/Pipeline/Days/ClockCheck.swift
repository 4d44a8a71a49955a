package import Recordings

/// Whether this machine's clock can be right. Values in, values out.
///
/// The clock decides which days are over and which have expired: a run with a wrong one would publish days that never were.
package enum ClockCheck: Hashable, Sendable {
    case plausible
    /// It may be right, which someone else's clock can tell. A sentence without a full stop.
    case doubtful(String)
    /// It disagrees with what has happened already. A sentence without a full stop.
    case contradicted(String)
    /// It cannot be right. A sentence without a full stop.
    case impossible(String)

    /// How far clocks may be apart that are right, in milliseconds: a day, for one whose zone was set in its place.
    package static let tolerance: Int64 = 86_400_000

    /// No version is in use for longer, in days.
    private static let life = 3653

    /// Vaults that are in use are written to more often, in milliseconds: 45 days.
    private static let usualPause: Int64 = 45 * 86_400_000

    /// A clock may be set back by so much between two runs, in milliseconds.
    private static let correction: Int64 = 600_000

    /// - Parameters:
    ///   - notBefore: a day before the program existed.
    ///   - published: when the vault's days were published.
    package init(now: Timestamp, notBefore: Day, published: some Sequence<Timestamp>) {
        let today = CivilTime(secondsSinceEpoch: now.secondsSinceEpoch).date
        guard today >= notBefore else {
            self = .impossible("this machine's clock says \(now), which is before this program was made")
            return
        }
        guard today <= notBefore.advanced(by: Self.life) else {
            self = .impossible("this machine's clock says \(now), which is years after this program was made")
            return
        }
        // Of a run whose clock was impossible nothing follows.
        let newest = published.filter { time in
            CivilTime(secondsSinceEpoch: time.secondsSinceEpoch).date <= notBefore.advanced(by: Self.life)
        }.max()
        guard let newest else {
            self = .plausible
            return
        }
        let elapsed = now.millisecondsSinceEpoch - newest.millisecondsSinceEpoch
        if elapsed < -Self.correction {
            self = .contradicted("this machine's clock says \(now), and the vault was published to at \(newest)")
        } else if elapsed > Self.usualPause {
            self = .doubtful("this machine's clock says \(now), and the vault was last published to at \(newest)")
        } else {
            self = .plausible
        }
    }
}
