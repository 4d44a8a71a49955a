import Foundation
package import Recordings
import Synchronization

/// A day as it was published last.
package struct PublishedDay: Sendable {
    package var summary: DaySummary
    package var recordings: [Recording]
    package var exceptions: [Exception]
    /// Whether its bag is gone, so that only the history tells what it held.
    package var isBagMissing = false
}

extension Vault {
    /// Reads what was published of a day: its bag, or, where the bag is gone, what the history kept of it. Nil when the day
    /// was never published.
    ///
    /// - Throws: `Failure` with code `damaged` when it does not read back with its recorded digests.
    package func publishedDay(_ day: Day) throws(Failure) -> PublishedDay? {
        guard let summary = try publishedSummary(day) else {
            return try lastDayOfHistory(day)
        }
        let read = try reading(day) { reading throws(Failure) in
            guard let known = lastRead.day(summary) else { return try decoded(reading, day) }
            // Decoding is what takes long; that the bytes are still the same is looked at each time.
            _ = (try reading.manifest(of: summary), try reading.content(BagFile.exceptions))
            return known
        }
        if let read { lastRead.note(read) }
        return read
    }

    /// What is known of a day, however damaged: what reads back of its bag, or else what the history kept. It tells where
    /// audio may be and what needs not be fetched; nothing is published on the strength of it.
    package func knownDay(_ day: Day) throws(Failure) -> PublishedDay? {
        do throws(Failure) { return try publishedDay(day) } catch {
            guard error.code == .damaged else { throw error }
        }
        do throws(Failure) { return try lastDayOfHistory(day) } catch {
            guard error.code == .damaged || error.code == .corrupt else { throw error }
            return nil
        }
    }

    /// Reads a day's `day.json` alone; nil when the day has no bag.
    ///
    /// - Throws: `Failure` with code `damaged` when it does not read back with its recorded digest, or is not what the
    ///   history says was published last.
    package func publishedSummary(_ day: Day) throws(Failure) -> DaySummary? {
        try reading(day) { reading throws(Failure) in
            let (summary, bytes) = try reading.summary()
            try compareWithHistory(summary, bytes)
            return summary
        }
    }

    private func decoded(_ reading: BagReading, _ day: Day) throws(Failure) -> PublishedDay {
        let (summary, _) = try reading.summary()
        let published = PublishedDay(
            summary: summary,
            recordings: try rows(Recording.self, try reading.manifest(of: summary), day, BagFile.manifest),
            exceptions: try rows(Exception.self, try reading.content(BagFile.exceptions), day, BagFile.exceptions)
        )
        for recording in published.recordings where !Recording.isSafePath(recording.path) {
            throw .damaged(day, "its manifest names a file outside the bag: \(recording.path)", in: bag(day))
        }
        return published
    }

    private func rows<Row: Decodable & Sendable>(
        _ type: Row.Type,
        _ data: Data,
        _ day: Day,
        _ file: String
    ) throws(Failure) -> [Row] {
        do throws(Failure) {
            return try JSONLines.decode(type, from: data, origin: "\(bag(day))/\(file)")
        } catch {
            throw .damaged(day, error.message, in: bag(day))
        }
    }

    /// How often a day is read again that is exchanged each time.
    private static let rereads = 1000

    /// Reads a bag from one folder, whatever is exchanged for it meanwhile; nil when the day has none.
    private func reading<Value>(
        _ day: Day,
        _ body: (BagReading) throws(Failure) -> Value
    ) throws(Failure) -> Value? {
        for _ in 0..<Self.rereads {
            guard let folder = try HeldFolder(bag(day)) else { return nil }
            do throws(Failure) {
                return try body(BagReading(day, folder))
            } catch {
                // What another revision has taken the place of is being removed.
                guard error.code == .damaged, !folder.isInPlace else { throw error }
            }
        }
        throw Failure(
            .locked,
            "\(day) was published \(Self.rereads) times while it was read",
            advice: "Try again when nothing is being published"
        )
    }
}

extension Recording {
    /// Whether a path stays in the bag's `data` folder, as every path that Dialvault wrote does.
    static func isSafePath(_ path: String) -> Bool {
        let bytes = path.utf8
        guard bytes.starts(with: "data/".utf8) else { return false }
        return bytes.dropFirst(5).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
        }
    }
}

/// Keeps the day that was read last. A bag's content is told by its summary, which names the manifest's digest and the
/// publication.
final class LastRead: Sendable {
    private let kept = Mutex<PublishedDay?>(nil)

    func day(_ summary: DaySummary) -> PublishedDay? {
        kept.withLock { $0?.summary == summary ? $0 : nil }
    }

    func note(_ day: PublishedDay) { kept.withLock { $0 = day } }
}
