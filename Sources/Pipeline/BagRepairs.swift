import Failpoints
package import Recordings
package import Vault

extension Pipeline {
    /// Puts back what is damaged or missing in a day's bag, as it was published: its own files from the history, its audio
    /// from the work folder, the quarantine and the neighbouring days.
    ///
    /// - Throws: `Failure` with code `notFound` for a day that was never published, and `damaged` when nothing tells what
    ///   the bag held.
    package func repair(_ day: Day) async throws -> BagRepair {
        let dayLock = try await locks.day(day, waiting: time)
        defer { _ = dayLock }
        let lock = try await locks.publication(waiting: time)
        defer { _ = lock }
        guard FileSystem.exists(vault.bag(day)) else {
            throw Failure(
                try vault.knownDay(day) == nil ? .notFound : .damaged,
                "\(day) has no bag",
                advice: "Publish it again from its sources with: dialvault run \(day)"
            )
        }
        let rows = try vault.knownDay(day)?.recordings ?? []
        // What the bag itself has is looked at by the repair; the bytes have to come from elsewhere.
        let locations = AudioLocations(vault, day, published: [])
        let others = AudioLocations(vault, day, published: rows)
        return try vault.repair(day) { digest throws(Failure) in
            if let path = try locations.path(of: digest) { return path }
            return try others.path(of: digest)
        }
    }

    /// Publishes a day whose bag is gone, or some of whose audio is, without what can no longer be restored; each of these
    /// recordings is named in the day's exceptions.
    package func acceptLoss(of day: Day) async throws -> DayOutcome {
        let lock = try await locks.day(day, waiting: time)
        defer { _ = lock }
        return try await merge.run(day, acceptsLoss: true)
    }
}
