import Recordings
import Vault

// A day's archives can hold recordings that started on a neighbouring day. While that day is sealed or damaged, nothing is
// published there: what its bag does not have yet is named on the archive's own day, which is incomplete with it, and its
// bytes are kept. Nothing gets lost; once the neighbour is reopened, the next run publishes it there.
extension MergeStage {
    /// The parts, with an exception in the place of each recording that a neighbour would have to take in which takes nothing in.
    ///
    /// - Parameter merged: what the neighbour would be with these recordings.
    func withholding(
        _ parts: [DayPart],
        of day: Day,
        merged: (_ neighbour: Day, _ recordings: [Recording]) throws -> [Recording]
    ) throws -> [DayPart] {
        var late: Set<Provenance> = []
        for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] {
            let moved = parts.flatMap(\.recordings).filter { $0.day == neighbour }
            guard !moved.isEmpty, try !isOpen(neighbour) else { continue }
            let deliveries = Set(moved.flatMap(\.sources))
            guard let known = try vault.knownDay(neighbour) else {
                late.formUnion(deliveries)
                continue
            }
            let published = Set(known.recordings.map { PublishedIdentity($0) })
            // What would only be a further delivery of something that is there is no loss.
            let present = try merged(neighbour, moved).filter { published.contains(PublishedIdentity($0)) }
            late.formUnion(deliveries.subtracting(present.flatMap(\.sources)))
        }
        guard !late.isEmpty else { return parts }
        return parts.map { part in
            var part = part
            part.exceptions += part.recordings.filter { !late.isDisjoint(with: $0.sources) }.flatMap {
                $0.exceptions(on: day)
            }
            part.recordings.removeAll { !late.isDisjoint(with: $0.sources) }
            return part
        }
    }
}

extension Recording {
    /// One for each delivery, as each is a member of an archive.
    fileprivate func exceptions(on archiveDay: Day) -> [Exception] {
        let detail =
            "it started on \(day), which takes nothing in: it is sealed (dialvault run --reopen \(day) \(archiveDay)) or "
            + "damaged (dialvault repair \(day))"
        return sources.filter { !$0.isAPI }.map { exception(.sealedDay, detail, $0, on: archiveDay) }
    }
}
