import Foundation
import Logging
import Pipeline
import Platform
import Recordings
import Settings
import Vault

extension Session {
    var configuredSources: [ConfiguredSource] {
        var sources = configuration.dialer.sources.map { ConfiguredSource(name: $0.name, kind: $0.kind) }
        if configuration.api.enabled { sources.append(ConfiguredSource(name: CollectStage.sourceName, kind: .api)) }
        return sources
    }

    /// When the platform deletes what, by the configuration and by what the account said last.
    func clock() throws -> RetentionClock {
        RetentionClock(configuration, account: try rememberedRetention()?.periods)
    }

    private func rememberedRetention() throws -> AccountRetention? {
        guard configuration.api.enabled else { return nil }
        return try AccountRetention.remembered(in: vault, of: configuration.api.baseURL)
    }

    /// Asks the account how long it keeps recordings, once a day, and warns when that has become less.
    func askRetention(_ client: PlatformClient) async throws {
        let before = RetentionClock(configuration, account: try rememberedRetention()?.periods)
        let read = try await AccountRetention.current(client, vault, at: time.now(), log: console.log)
        let clock = RetentionClock(configuration, account: read?.periods)
        guard clock.days(.api) < before.days(.api) || clock.days(.files) < before.days(.files) else { return }
        let change = ShortenedRetention(before: before, after: clock, sources: configuredSources, now: time.now())
        let warning = change.warning(try publishedSummaries())
        console.log.warning("\(warning)")
    }

    func publishedSummaries() throws -> [Day: DaySummary] {
        var summaries: [Day: DaySummary] = [:]
        for day in try vault.publishedDays() { summaries[day] = try readableSummary(of: day) }
        return summaries
    }

    /// A day's summary; nil when it has none or is damaged, which is said and keeps no other day from being looked at.
    func readableSummary(of day: Day) throws -> DaySummary? {
        switch try readable(day, { try vault.publishedSummary(day) }) {
        case .value(let summary): summary
        case .damaged: nil
        }
    }

    /// Sealed days are never due.
    ///
    /// - Parameter since: from which day on those without a bag are due.
    func dueDays(since: Day?) throws -> [Day] {
        let plan = DuePlan(
            published: try publishedSummaries(),
            started: Set(try vault.startedDays()),
            sources: configuredSources,
            clock: try clock(),
            configuration: configuration,
            now: time.now()
        )
        let sealed = try vault.sealedDays()
        return plan.days(since: since).filter { !sealed.contains($0) }
    }

    /// What a run would do for these days, in this order.
    func plan(_ days: [Day], _ options: RunOptions) throws -> RunPlan {
        var known: [Day: DaySummary] = [:]
        // What a day holds is estimated from the last ones.
        for day in Set(try vault.publishedDays().suffix(RunPlan.basisDays * 2) + days) {
            known[day] = try readableSummary(of: day)
        }
        var plan = RunPlan(
            days: days,
            published: known,
            sources: configuredSources,
            clock: try clock(),
            configuration: configuration,
            bytesPerSecond: try options.bwlimit.flatMap {
                try BandwidthLimit(parsing: $0).bytesPerSecond(at: time.now(), in: .current)
            },
            now: time.now()
        )
        plan.freeBytes = try FreeSpace(at: vault.nearestFolder).freeBytes
        return plan
    }

    /// Warns when what is expected does not fit on the disk.
    ///
    /// - Throws: `Failure` with code `diskFull` when not even the first day would fit.
    func checkSpace(for plan: RunPlan) throws {
        guard let free = plan.freeBytes, let first = plan.days.first, plan.neededBytes > free else { return }
        let needed =
            "\(ByteText.of(plan.neededBytes)) are expected, and \(ByteText.of(free)) are free on the vault's disk"
        let advice = "Free some space, or move the vault to a larger disk; dialvault run --dry-run shows the plan"
        guard first.neededBytes <= free else {
            throw Failure(.diskFull, "\(first.day) alone will not fit: \(needed)", advice: advice)
        }
        console.log.warning("not all days will fit: \(needed). \(advice)")
    }
}
