import Platform
import Recordings

/// What it means that the platform lists nothing, or nothing old, of a day. Once it has begun to delete the day, that
/// proves nothing. Values in, values out.
struct Silence {
    private let day: Day
    private let days: Int
    private let deletion: Range<Timestamp>
    /// Whether something can have been deleted before it was listed here for the first time.
    private let isSuspect: Bool
    /// Whether nothing is listed any more.
    private let isTotal: Bool
    /// Whether it was said before that the day is lost.
    private let isKnown: Bool

    init(_ clock: RetentionClock, _ day: Day, _ listing: Listing, _ shelf: AudioShelf, _ now: Timestamp) {
        self.day = day
        days = clock.days(.api)
        deletion = clock.deletion(of: day, at: .api)
        isKnown = shelf.state == .expired
        isTotal = listing.items.isEmpty && listing.malformed.isEmpty && now >= deletion.upperBound
        guard !shelf.isSettled, let horizon = clock.deletedBefore(day, at: .api, now) else {
            isSuspect = false
            return
        }
        // Where something is listed that should be gone, the platform keeps more than it says, and is believed.
        isSuspect = !listing.items.contains { $0.dateCreated < horizon }
    }

    func tell(_ source: inout PartSource) {
        guard isSuspect else { return }
        guard isTotal else {
            source.state = .partial
            source.detail = "the platform deletes the day since \(deletion.lowerBound): it lists what is left"
            return
        }
        let failure = Failure(
            .notFound,
            "the platform lists no recordings of \(day), which it kept for \(days) days, until \(deletion.upperBound)",
            advice: "What it had is lost, unless the vendor still has it; set retention.api_days if it is kept longer"
        )
        source.state = .expired
        source.detail = failure.message
        source.expiredAt = deletion.upperBound
        // It is reported once.
        source.failure = isKnown ? nil : failure
    }
}
