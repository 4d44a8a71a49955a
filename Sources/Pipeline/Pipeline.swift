import Failpoints
import Foundation
package import Ledger
package import Logging
package import Platform
package import Recordings
package import Settings
package import Vault

/// The five stages over one vault and one account, and the order in which a day walks through them.
package struct Pipeline: Sendable {
    package let vault: Vault
    package let ledger: Ledger
    package let fetch: FetchStage
    package let unpack: UnpackStage
    package let verify: VerifyStage
    /// Nil when the configuration turns the API off.
    package let collect: CollectStage?
    package let merge: MergeStage
    private let losses: KnownLoss?
    let locks: LockQueue
    let time: any PlatformTime
    private let log: Logger

    /// What the pipeline takes from outside.
    package struct Surroundings: Sendable {
        /// Nil when the configuration turns the API off.
        package var client: PlatformClient?
        package var sources: [any ArchiveSource]
        /// Of the sources' encrypted archives, by the sources' names.
        package var passphrases: [String: Secret] = [:]
        /// Nil for the configuration's word alone on how long the platform keeps what it has.
        package var clock: RetentionClock?
        package var locks: LockQueue
        package var unpacking: UnpackSupervisor
        package var time: any PlatformTime
        package var log: Logger

        package init(
            client: PlatformClient?,
            sources: [any ArchiveSource],
            locks: LockQueue,
            unpacking: UnpackSupervisor,
            time: any PlatformTime,
            log: Logger
        ) {
            self.client = client
            self.sources = sources
            self.locks = locks
            self.unpacking = unpacking
            self.time = time
            self.log = log
        }
    }

    /// - Parameter software: name and version, as `day.json` and `bag-info.txt` give it.
    package init(
        vault: Vault,
        ledger: Ledger,
        configuration: Configuration,
        software: String,
        in around: Surroundings
    ) throws {
        self.vault = vault
        self.ledger = ledger
        locks = around.locks
        time = around.time
        log = around.log
        let zone = configuration.timezone
        fetch = FetchStage(sources: around.sources, vault: vault, log: log)
        unpack = UnpackStage(
            vault: vault,
            limits: configuration.limits,
            passphrases: around.passphrases,
            timeZone: zone,
            supervisor: around.unpacking,
            width: ProcessInfo.processInfo.activeProcessorCount,
            log: log
        )
        verify = try VerifyStage(
            vault: vault,
            timeZone: zone,
            filenamePatterns: configuration.dialer.filenamePatterns,
            sidecarColumns: configuration.dialer.sidecarColumns,
            ignore: Dictionary(configuration.dialer.sources.map { ($0.name, $0.ignore) }) { first, _ in first },
            rule: SelectionRule(configuration.select),
            software: software,
            log: log
        )
        losses = around.client.map { KnownLoss(client: $0, vault: vault, timeZone: zone, log: around.log) }
        collect = around.client.map { CollectStage($0, vault, ledger, configuration, around) }
        var sources = around.sources.map { ConfiguredSource(name: $0.name, kind: $0.kind) }
        if around.client != nil { sources.append(.init(name: CollectStage.sourceName, kind: .api)) }
        merge = MergeStage(
            vault: vault,
            ledger: ledger,
            sources: sources,
            timeZone: zone,
            timeZoneName: configuration.timezoneName,
            clock: around.clock ?? RetentionClock(configuration),
            software: software,
            locks: around.locks,
            time: around.time,
            log: around.log
        )
    }

    /// Brings vault and ledger to one word, should the last run have been interrupted.
    package func recover() async throws {
        let lock = try await locks.publication(waiting: time)
        defer { _ = lock }
        Failpoint.reach("recovery")
        try Recovery(vault: vault, ledger: ledger, log: log).run()
        Failpoint.reach("recovery: done")
    }

    /// Walks one day through the given stages, each on what the one before it left.
    ///
    /// A source that cannot be had is a failure in the outcome, and the others go on. What no source could survive, such
    /// as a full disk, is thrown: nothing is published then, and the next run goes on from what is in the work folder.
    ///
    /// - Parameters:
    ///   - isRefetching: whether audio that the vault has is fetched from the API all the same.
    ///   - only: the one recording that the collect stage fetches; nil for all of the day's.
    ///   - sealing: what to do with the day's seal; a sealed day is left alone, and nobody is asked for anything.
    ///   - dropping: what is taken out of the day by name.
    ///   - receive: told how far the stages are.
    package func run(
        _ day: Day,
        stages: Set<Stage> = Set(Stage.allCases),
        isRefetching: Bool = false,
        only: RecordingID? = nil,
        sealing: SealRequest = SealRequest(),
        dropping: DropRequest = DropRequest(),
        progress receive: @escaping @Sendable (StageProgress.Update) -> Void = { _ in }
    ) async throws -> DayOutcome {
        let lock = try await locks.day(day, waiting: time)
        defer { _ = lock }
        func progress(_ stage: Stage) -> StageProgress { StageProgress(day: day, stage: stage, receive: receive) }
        var failures: [Failure] = []
        Failpoint.reach("day: locked")
        if let outcome = try outcome(ofSealed: day, sealing) { return outcome }
        try note(dropping, on: day)
        if stages.contains(.fetch) {
            failures += try await fetch.run(day, progress: progress(.fetch)).sources.compactMap(\.failure)
        }
        Failpoint.reach("day: fetched")
        if stages.contains(.unpack) { failures += try await unpack.run(day, progress: progress(.unpack)) }
        Failpoint.reach("day: unpacked")
        if stages.contains(.verify) { try verify.run(day, progress: progress(.verify)) }
        Failpoint.reach("day: verified")
        if stages.contains(.collect), let collect {
            let part = try await collect.run(
                day,
                isRefetching: isRefetching,
                only: only,
                progress: progress(.collect)
            )
            failures += part.sources.compactMap(\.failure)
            try await losses?.complete(day)
        }
        Failpoint.reach("day: collected")
        try Task.checkCancellation()
        guard stages.contains(.merge) else {
            return DayOutcome(
                day: day,
                summary: try? vault.publishedSummary(day),
                isNewRevision: false,
                failures: failures
            )
        }
        progress(.merge).report(done: 0, of: nil, .recordings)
        return try await self.sealing(try await merge.run(day), sealing)
    }
}

extension CollectStage {
    init(
        _ client: PlatformClient,
        _ vault: Vault,
        _ ledger: Ledger,
        _ configuration: Configuration,
        _ around: Pipeline.Surroundings
    ) {
        self.init(
            client: client,
            vault: vault,
            ledger: ledger,
            timeZone: configuration.timezone,
            rule: SelectionRule(configuration.select),
            limit: configuration.limits.memberBytes,
            clock: around.clock ?? RetentionClock(configuration),
            bulk: configuration.api.download == .bulk
                ? Bulk(
                    size: configuration.api.bulkSize,
                    limits: configuration.limits,
                    supervisor: around.unpacking
                ) : nil,
            time: around.time,
            log: around.log
        )
    }
}
