import Foundation
package import Recordings

// Publications of a vault are numbered, and a number is never given out twice: consumers of the change feed keep the last one
// that they have seen. Besides the ledger, which can be lost or be an old copy, a file of its own remembers the highest.
extension Vault {
    private var sequencePath: String { "\(hidden)/sequence" }

    /// The highest number that a publication of this vault ever had, as far as its files tell: the bags, the history and the
    /// file that remembers it; 0 when nothing was published.
    package func highestSequence() throws(Failure) -> Int64 {
        var highest = try rememberedSequence()
        for day in try knownDays() {
            highest = max(highest, try sequence(in: "\(bag(day))/\(BagFile.summary)"))
            if let last = try revisionsInHistory(day).last {
                highest = max(highest, try sequence(in: historySummary(day, revision: last)))
            }
        }
        return highest
    }

    private func rememberedSequence() throws(Failure) -> Int64 {
        guard let data = try FileSystem.read(sequencePath) else { return 0 }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        // A file that was damaged tells nothing; the bags still do.
        return max(0, Int64(text) ?? 0)
    }

    /// 0 where there is no summary, or none that can be read.
    private func sequence(in path: String) throws(Failure) -> Int64 {
        guard let data = try FileSystem.read(path), let summary = try? JSONDecoder().decode(Numbered.self, from: data)
        else { return 0 }
        return summary.sequence
    }

    private struct Numbered: Decodable {
        let sequence: Int64
    }

    /// Remembers a number that was given out. The caller holds the publication lock.
    package func remember(sequence: Int64) throws(Failure) {
        try FileSystem.writeAtomically(Data("\(sequence)\n".utf8), to: sequencePath, mode: modes.working)
    }

    /// The days that have a bag or once had one, in order.
    package func knownDays() throws(Failure) -> [Day] {
        let published = try publishedDays()
        let known = Set(published)
        let former = try FileSystem.list(historyFolder).compactMap { Day($0) }.filter { !known.contains($0) }
        return former.isEmpty ? published : (published + former).sorted()
    }

    /// The days that were published once and have no bag any more.
    package func missingBags() throws(Failure) -> [Day] {
        let published = Set(try publishedDays())
        return try knownDays().filter { !published.contains($0) && !isExchanging($0) }
    }
}
