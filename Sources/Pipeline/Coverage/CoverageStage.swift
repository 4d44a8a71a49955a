package import Platform
package import Recordings
package import Settings
package import Vault

/// Compares a day's call log with the vault. It asks the platform for lists only, and changes nothing.
package struct CoverageStage: Sendable {
    private let client: PlatformClient
    private let vault: Vault
    private let configuration: Configuration
    private let clock: RetentionClock
    private let time: any PlatformTime

    /// A recording can start this long after its call was created, in milliseconds: the queue's waiting time.
    private static let callLead: Int64 = 2 * 3600 * 1000
    /// So close to midnight a dialer's recording can have its start on the other day, in milliseconds.
    private static let border: Int64 = 5 * 60 * 1000

    package init(client: PlatformClient, vault: Vault, configuration: Configuration, time: any PlatformTime) {
        self.client = client
        self.vault = vault
        self.configuration = configuration
        clock = RetentionClock(configuration)
        self.time = time
    }

    /// - Throws: `Failure` with code `credentials` when the user may not read the call log, `unreachable`, `badAnswer`.
    package func run(_ day: Day) async throws -> (day: DayCoverage, calls: [CallCoverage]) {
        let interval = day.interval(in: configuration.timezone)
        let log = try await callLog(of: day, interval)
        var account = account(day, log.items, try bags(day, around: log.items, interval))
        if !account.openIDs.isEmpty {
            let end = interval.upperBound.advanced(byMilliseconds: Self.callLead)
            account.listing = try await client.recordings(in: interval.lowerBound..<end)
        }
        let rows = account.rows()
        let unnamed = Set(rows.lazy.filter { $0.state == .unnamed }.map(\.callID))
        let totals = DayCoverage(
            day,
            rows,
            unnamedWithAgent: log.items.count { $0.agent != nil && unnamed.contains($0.id) },
            openSources: try openSources(day),
            doubt: doubt(log, interval)
        )
        return (totals, rows)
    }

    private func callLog(of day: Day, _ interval: Range<Timestamp>) async throws -> PagedListing<CallLogEntry> {
        switch try await client.callLog(in: interval) {
        case .readable(let list): return list
        case .unreadable(let detail):
            throw Failure(
                .credentials,
                "the call log of \(day) cannot be read: \(detail)",
                advice: "Give the account's user the right to read the call reporting"
            )
        }
    }

    /// What the vault has of the day, and of its neighbours where a call's recording can lie there.
    private func bags(
        _ day: Day,
        around calls: [CallLogEntry],
        _ interval: Range<Timestamp>
    ) throws -> [PublishedDay] {
        var bags = [try vault.publishedDay(day)].compactMap(\.self)
        let known = Set(bags.flatMap(\.recordings).map(\.recordingID))
        let inside =
            interval.lowerBound.advanced(
                byMilliseconds: Self.border
            )..<interval.upperBound.advanced(
                byMilliseconds: -Self.border
            )
        let reachesOver = calls.contains { call in
            call.isDialers && !inside.contains(call.dateCreated) || call.recordings.contains { !known.contains($0) }
        }
        guard reachesOver else { return bags }
        for neighbour in [day.advanced(by: -1), day.advanced(by: 1)] {
            // That a neighbour is damaged changes nothing about what was archived of this day.
            if let bag = try vault.knownDay(neighbour) { bags.append(bag) }
        }
        return bags
    }

    private func account(_ day: Day, _ calls: [CallLogEntry], _ bags: [PublishedDay]) -> CoverageAccount {
        CoverageAccount(
            day: day,
            calls: calls,
            recordings: bags.flatMap(\.recordings),
            exceptions: bags.flatMap(\.exceptions),
            now: time.now(),
            deletion: { moment in
                clock.deletion(of: Day.localTime(at: moment, in: configuration.timezone).date, at: .api)
            }
        )
    }

    private func openSources(_ day: Day) throws -> [DayCoverage.OpenSource] {
        let known = try vault.publishedSummary(day)?.sources ?? []
        return configuration.dialer.sources.compactMap { source in
            let state = known.first { $0.name == source.name }?.state ?? .notAttempted
            guard !state.isSettled else { return nil }
            let expiresAt = clock.deletion(of: day, at: source.kind).lowerBound
            return DayCoverage.OpenSource(name: source.name, state: state, expiresAt: expiresAt)
        }
    }

    private func doubt(_ log: PagedListing<CallLogEntry>, _ interval: Range<Timestamp>) -> String? {
        if time.now() < interval.upperBound { return "the day is not over" }
        if log.isTruncated { return "the call log has more pages than are read" }
        if !log.isConsistent { return "the call log changed during each of \(log.readings) readings" }
        if !log.malformed.isEmpty { return "\(log.malformed.count) calls are listed in a form that cannot be read" }
        if log.items.isEmpty { return "the call log has no calls of the day; the platform keeps it for a year" }
        return nil
    }
}
