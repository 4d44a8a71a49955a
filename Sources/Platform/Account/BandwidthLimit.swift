package import Foundation
package import Recordings

/// A bound on bytes a second, with a timetable if need be, in the syntax of rclone's `--bwlimit`
/// (rclone's documentation, "--bwlimit BwTimetable").
///
/// `10M` is a single rate; `08:00,512k 12:00,10M 23:00,off` one for each part of the day; `Mon-00:00,512k Sun-20:00,off`
/// one for each part of the week. `10M:1M` is for upload and download; the second counts here. A number without a
/// suffix counts KiB; `B`, `K`, `M`, `G`, `T` and `P` are powers of 1024.
package struct BandwidthLimit: Hashable, Sendable {
    /// From a minute of the week on; Monday 00:00 is 0.
    private struct Slot: Hashable, Sendable {
        var minute: Int
        var bytesPerSecond: Double?
    }

    private static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// In the order of the week.
    private let slots: [Slot]

    /// - Throws: `Failure` with code `usage`.
    package init(parsing text: String) throws {
        let entries = text.split { $0 == " " || $0 == ";" }.map(String.init)
        guard !entries.isEmpty else { throw Self.wrong(text) }
        if entries.count == 1, !entries[0].contains(",") {
            slots = [Slot(minute: 0, bytesPerSecond: try Self.rate(entries[0], in: text))]
            return
        }
        slots = try entries.flatMap { try Self.entry($0, in: text) }.sorted { $0.minute < $1.minute }
    }

    /// Bytes a second at that moment, by the clock on the wall in `zone`; nil when there is no bound.
    package func bytesPerSecond(at moment: Timestamp, in zone: TimeZone) -> Double? {
        let local = Day.localTime(at: moment, in: zone)
        // 1970-01-01 was a Thursday.
        let weekday = ((local.date.daysSinceEpoch + 3) % 7 + 7) % 7
        let minute = weekday * 1440 + local.hour * 60 + local.minute
        // Before the week's first slot, last week's last one holds.
        return (slots.last { $0.minute <= minute } ?? slots.last)?.bytesPerSecond
    }

    private static func entry(_ text: String, in whole: String) throws -> [Slot] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw wrong(whole) }
        let rate = try rate(parts[1], in: whole)
        let words = parts[0].lowercased().split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let clock = words.last, let minute = minuteOfDay(clock), words.count <= 2 else { throw wrong(whole) }
        guard words.count == 2 else {
            return (0..<7).map { Slot(minute: $0 * 1440 + minute, bytesPerSecond: rate) }
        }
        guard let day = dayNames.firstIndex(where: { words[0].hasPrefix($0) }) else { throw wrong(whole) }
        return [Slot(minute: day * 1440 + minute, bytesPerSecond: rate)]
    }

    private static func minuteOfDay(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]),
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    private static func rate(_ text: String, in whole: String) throws -> Double? {
        let sides = text.split(separator: ":", omittingEmptySubsequences: false)
        guard sides.count <= 2, let side = sides.last else { throw wrong(whole) }
        if side.lowercased() == "off" { return nil }
        var number = side.lowercased()
        for ending in ["ib", "i"] where number.hasSuffix(ending) && number.count > ending.count {
            number.removeLast(ending.count)
            break
        }
        var scale = 1024.0
        if let suffix = number.last, let power = "bkmgtp".firstIndex(of: suffix) {
            scale = pow(1024, Double("bkmgtp".distance(from: "bkmgtp".startIndex, to: power)))
            number.removeLast()
        }
        guard let value = Double(number), value.isFinite, value >= 0, number.allSatisfy({ $0.isNumber || $0 == "." })
        else { throw wrong(whole) }
        // As in rclone, 0 is no bound.
        return value == 0 ? nil : value * scale
    }

    private static func wrong(_ text: String) -> Failure {
        Failure(
            .usage,
            "\(text) is no bandwidth limit",
            advice: "Give it as rclone takes it: 10M, off, or a timetable like \"08:00,512k 18:00,10M 23:00,off\""
        )
    }
}

/// Holds bytes back so that no more than the limit come through, counted over all who share it.
actor Throttle {
    private let limit: BandwidthLimit
    private let zone: TimeZone
    private let time: any PlatformTime
    /// When what has been let through so far has had its time, on the shared clock.
    private var free: Int64 = 0

    init(_ limit: BandwidthLimit, zone: TimeZone = .current, time: any PlatformTime) {
        self.limit = limit
        self.zone = zone
        self.time = time
    }

    /// Returns when these bytes may have come.
    func pass(_ bytes: Int) async throws {
        guard let rate = limit.bytesPerSecond(at: time.now(), in: zone) else { return }
        let now = time.uptime()
        free = max(free, now) + nanoseconds(seconds: Double(bytes) / rate)
        if free > now { try await time.sleep(nanoseconds: free - now) }
    }
}
