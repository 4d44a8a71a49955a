import Logging
import Recordings
import Vault

/// Puts back published audio that is missing or changed, where this run brought its bytes again, and tells what is gone.
struct Mending {
    /// Published rows whose bytes are nowhere.
    let rows: [Recording]
    /// Their digests.
    var gone: Set<Digest> { Set(rows.map(\.sha256)) }
    /// What to say of it; nil when nothing is gone.
    let failure: Failure?

    /// - Parameter published: the day as it was published last. The caller holds the publication lock.
    init(_ vault: Vault, _ day: Day, _ published: PublishedDay?, log: Logger) throws {
        guard let published else {
            (rows, failure) = ([], nil)
            return
        }
        let locations = AudioLocations(vault, day, published: published.recordings)
        let damaged = try vault.damagedAudio(of: published)
        var missing = damaged
        if !published.isBagMissing, !damaged.isEmpty {
            let repair = try vault.restoreAudio(of: damaged, on: day) { digest throws(Failure) in
                try locations.path(of: digest)
            }
            if !repair.restored.isEmpty {
                log.warning(
                    "\(day): \(repair.restored.count) published files were missing or changed, and are restored"
                )
            }
            let paths = Set(repair.missing)
            missing = damaged.filter { paths.contains($0.path) }
        } else {
            missing = try damaged.filter { try locations.path(of: $0.sha256) == nil }
        }
        rows = missing
        failure = missing.first.map { Self.failure(vault, published, $0, missing.count) }
    }

    /// Whether a source may still bring some of it: it could not be asked, or not read to its end.
    func canReturn(by parts: [DayPart]) -> Bool {
        let silent = Set(parts.flatMap(\.sources).filter { !$0.hasAnswered && $0.state != .expired }.map(\.name))
        let partlyRead = Set(parts.flatMap(\.sources).flatMap { $0.partlyRead ?? [] })
        return rows.flatMap(\.sources).contains { delivery in
            silent.contains(delivery.sourceName) || delivery.archiveSHA256.map { partlyRead.contains($0) } ?? false
        }
    }

    private static func failure(_ vault: Vault, _ published: PublishedDay, _ first: Recording, _ count: Int) -> Failure
    {
        let day = published.summary.day
        let bag = vault.bag(day)
        guard published.isBagMissing else {
            return Failure(
                .damaged,
                "\(day) is damaged: \(count) published files are missing or changed, and their bytes did not come again, "
                    + "such as \(first.path)",
                advice:
                    "Run the day again when its sources can be read, or restore the files into \(bag) from a backup; "
                    + "dialvault audit \(day) names each"
            )
        }
        return Failure(
            .damaged,
            "the bag of \(day) is gone: \(count) of its \(published.recordings.count) recordings are neither in the vault "
                + "nor did they come again",
            advice: "Restore \(bag) from a backup, or accept the loss: dialvault repair --accept-loss \(day)"
        )
    }
}
