import Foundation
package import Recordings
import Synchronization

/// A day as its bag has it.
package struct PublishedDay: Sendable {
    package var summary: DaySummary
    package var recordings: [Recording]
    package var exceptions: [Exception]
}

extension Vault {
    /// Reads the bag of a day; nil when the day has none.
    ///
    /// - Throws: `Failure` with code `corrupt` when the bag does not hold what a bag holds.
    package func publishedDay(_ day: Day) throws(Failure) -> PublishedDay? {
        guard let summary = try publishedSummary(day) else { return nil }
        if let known = lastRead.day(summary) { return known }
        let read = try publishedDay(day, summary)
        // A bag that was exchanged meanwhile can have given the rows of another revision.
        if try publishedSummary(day) == summary { lastRead.note(read) }
        return read
    }

    private func publishedDay(_ day: Day, _ summary: DaySummary) throws(Failure) -> PublishedDay {
        let recordings = try rows(Recording.self, of: day, file: BagFile.manifest)
        for recording in recordings where !recording.hasSafePath {
            throw Failure(
                .corrupt,
                "the manifest of \(day) names a file outside its bag: \(recording.path)",
                advice: "Restore \(bag(day)) from a backup, or move it away and run the day again"
            )
        }
        return PublishedDay(
            summary: summary,
            recordings: recordings,
            exceptions: try rows(Exception.self, of: day, file: BagFile.exceptions)
        )
    }

    /// Reads a day's `day.json` alone; nil when the day has no bag.
    package func publishedSummary(_ day: Day) throws(Failure) -> DaySummary? {
        let path = "\(bag(day))/\(BagFile.summary)"
        guard let data = try FileSystem.read(path) else { return nil }
        do {
            return try JSONDecoder().decode(DaySummary.self, from: data)
        } catch {
            throw Failure(
                .corrupt,
                "\(path) is not readable: \(error)",
                advice: "Restore \(bag(day)) from a backup, or move it away and run the day again"
            )
        }
    }

    private func rows<Row: Decodable & Sendable>(_ type: Row.Type, of day: Day, file: String) throws(Failure) -> [Row] {
        let path = "\(bag(day))/\(file)"
        guard let data = try FileSystem.read(path) else {
            throw Failure(
                .corrupt,
                "\(path) is missing from its bag",
                advice: "Restore \(bag(day)) from a backup, or move it away and run the day again"
            )
        }
        return try JSONLines.decode(type, from: data, origin: path)
    }
}

extension Recording {
    /// Whether the path stays in the bag's `data` folder, as every path that Dialvault wrote does.
    fileprivate var hasSafePath: Bool { Self.isSafePath(path) }

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
