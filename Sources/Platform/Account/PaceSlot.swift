/// When the account's next request may go, as a value and as the few bytes that all processes share.
struct PaceSlot: Hashable, Sendable {
    /// The machine's run to which ``next`` belongs.
    var bootID: String
    /// The first moment at which the next request may go, on the machine's shared clock, in nanoseconds.
    var next: Int64

    /// A slot further ahead is nobody's wish but a damaged file.
    static let horizon: Int64 = 24 * 3600 * 1_000_000_000
}

/// The distance between requests.
///
/// What must hold: in no half-open second do more than N requests arrive, beyond a burst of one. Requests go
/// `interval` = (1 + e) / N apart by schedule, and one that goes late keeps the schedule as long as it is late by no more
/// than `tolerance`; one that is later moves it. So if a request goes at a, the i-th after it goes at
/// a - tolerance + i × interval at the earliest, and the (N + 1)-th not within the second that begins at a. What remains,
/// three quarters of an interval and e, is for the way to the platform, which can bring two requests nearer to each other. After a pause
/// no two requests go together.
struct PaceRule: Hashable, Sendable {
    /// Nanoseconds from one slot to the next.
    let interval: Int64
    /// The lateness, in nanoseconds, that does not move the schedule: a hundredth of a second at most, at which even a
    /// busy machine wakes up.
    let tolerance: Int64

    /// e above: of the time, 0.2 per cent.
    private static let reserve = 0.002

    /// - Parameter perSecond: requests a second, above 0.
    init(perSecond: Double) {
        interval = Int64((1e9 * (1 + Self.reserve) / perSecond).rounded(.up))
        tolerance = min(10_000_000, interval / 4)
    }

    enum Decision: Hashable {
        /// Go now; the slot that follows is to be written down first.
        case go(following: PaceSlot)
        /// Ask again in so many nanoseconds.
        case wait(nanoseconds: Int64)
    }

    /// - Parameter slot: what the shared file says; nil when it says nothing that makes sense, because it is new or torn.
    func decide(_ slot: PaceSlot?, now: Int64, bootID: String) -> Decision {
        guard let slot, slot.bootID == bootID, slot.next - now <= PaceSlot.horizon else {
            return .go(following: PaceSlot(bootID: bootID, next: now + interval))
        }
        guard slot.next <= now else { return .wait(nanoseconds: slot.next - now) }
        let anchor = max(slot.next, now - tolerance)
        return .go(following: PaceSlot(bootID: bootID, next: anchor + interval))
    }

    /// The slot after the platform asked everybody to wait.
    func pushed(_ slot: PaceSlot?, by nanoseconds: Int64, now: Int64, bootID: String) -> PaceSlot {
        let wanted = now + min(max(0, nanoseconds), PaceSlot.horizon)
        guard let slot, slot.bootID == bootID, slot.next - now <= PaceSlot.horizon else {
            return PaceSlot(bootID: bootID, next: wanted)
        }
        return PaceSlot(bootID: bootID, next: max(slot.next, wanted))
    }
}

extension PaceSlot {
    /// The longest that the bytes can be.
    static let maximumSize = 256

    /// One line: `dialvault-pace 1 <boot id> <nanoseconds> <check> .`, the check being the sum of the bytes before it.
    var bytes: [UInt8] {
        let text = "dialvault-pace 1 \(bootID) \(next) "
        return Array("\(text)\(Self.check(text)) .\n".utf8)
    }

    /// Returns nil unless every byte is as ``bytes`` makes it.
    init?(bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, let next = Int64(words[3]), next >= 0 else { return nil }
        self.init(bootID: String(words[2]), next: next)
        guard self.bytes == bytes else { return nil }
    }

    private static func check(_ text: String) -> Int {
        text.utf8.reduce(0) { $0 + Int($1) }
    }
}
