import ArgumentParser
import Foundation
import Ledger
import Logging
import Pipeline
import Platform
import Recordings
import Synchronization
import Vault

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Fixity: every published file against its manifest.",
        discussion: """
            Re-reads the bags of the days given, or of all days, and names what is changed, missing or extra. Changes \
            nothing and waits for nobody, so it can run beside everything else. Exits 0 when all is as it was \
            published, 5 otherwise.

            --sample 1/30 today, 2/30 tomorrow and so on reads the whole vault in thirty days.
            """
    )

    @OptionGroup var days: DayOptions

    @Option(help: ArgumentHelp("Read the N-th of T parts of the audio.", valueName: "n/t"))
    var sample: String?

    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print one JSON object a finding, and one with the totals.")
    var json = false

    func run() async throws {
        let part = sample.map { AuditSample($0) } ?? .everything
        guard let part else {
            throw ValidationError("--sample takes N/T, such as 3/30: the third of thirty parts.")
        }
        let session = try Session(vault)
        try session.requireVault()
        let chosen = try chosenDays(session)
        let tally = Mutex(AuditTally())
        let console = session.console
        let audit = Audit(session.vault, sample: part, width: ProcessInfo.processInfo.activeProcessorCount)
        let clock = try session.clock()
        let now = session.time.now()
        let reports = Audit.Reports(
            day: { day in
                tally.withLock { $0.add(day) }
                for finding in day.findings { show(finding.withAvailability(clock, now), console) }
            },
            progress: { done, total in console.progress("audit", done: done, of: max(done, total)) }
        )
        try await interruptibly { try await audit.run(chosen, reports: reports) }
        let total = tally.withLock { $0 }
        if json {
            try console.print(json: total.payload(sample: sample))
        } else {
            console.print(total.text)
        }
        if !total.isClean { throw ExitCode.mismatch }
    }

    /// The days given; without any, all that have a bag or, by the ledger, should have one.
    private func chosenDays(_ session: Session) throws -> [Day] {
        let published = try session.vault.knownDays()
        var known = Set(published)
        if FileManager.default.fileExists(atPath: session.vault.ledger) {
            do { known.formUnion(try session.openLedger().publishedDays()) } catch let failure as Failure {
                session.console.log.warning("only bags that are there can be looked at: \(failure)")
            }
        }
        let given = try days.resolved(today: session.today)
        if given.isEmpty, days.from == nil { return known.sorted() }
        let unknown = given.filter { !known.contains($0) }
        // A range may well begin before the first day; a day that is named is meant.
        if let day = unknown.first, days.from == nil || unknown.count == given.count {
            throw Failure(.notFound, "\(day) is not archived", advice: "Archive it with: dialvault run \(day)")
        }
        return given.filter { known.contains($0) }
    }

    private func show(_ finding: AuditFinding, _ console: Console) {
        if json {
            // A finding is a value of texts: there is nothing in it that cannot be encoded.
            try? console.print(json: finding)
        } else {
            console.print("\(finding.day)  \(finding.finding.rawValue)  \(finding.detail)\n  \(finding.path)")
            for origin in finding.origins ?? [] { console.print("  \(origin.text)") }
        }
    }
}

/// What an audit adds up to.
private struct AuditTally {
    private var days = 0
    private var files = 0
    private var sizeBytes: Int64 = 0
    private var findings: [AuditFinding.Kind: Int] = [:]

    var isClean: Bool { findings.isEmpty }

    mutating func add(_ day: DayAudit) {
        days += 1
        files += day.files
        sizeBytes += day.sizeBytes
        for finding in day.findings { findings[finding.finding, default: 0] += 1 }
    }

    var text: String {
        let what = [DayText.count(days, "day"), DayText.count(files, "file"), ByteText.of(sizeBytes)]
        let counts = AuditFinding.Kind.allCases.compactMap { kind in
            findings[kind].map { "\($0) \(kind.rawValue)" }
        }
        return what.joined(separator: ", ") + ": "
            + (isClean ? "everything is as it was published" : counts.joined(separator: ", "))
    }

    func payload(sample: String?) -> Payload {
        Payload(
            days: days,
            files: files,
            sizeBytes: sizeBytes,
            sample: sample,
            changed: findings[.changed] ?? 0,
            missing: findings[.missing] ?? 0,
            extra: findings[.extra] ?? 0,
            unreadable: findings[.unreadable] ?? 0,
            lost: findings[.lost] ?? 0
        )
    }

    struct Payload: Encodable {
        var schema = "dialvault/audit/1"
        let days: Int
        let files: Int
        let sizeBytes: Int64
        let sample: String?
        let changed: Int
        let missing: Int
        let extra: Int
        let unreadable: Int
        let lost: Int

        private enum CodingKeys: String, CodingKey {
            case schema, days, files
            case sizeBytes = "size_bytes"
            case sample, changed, missing, extra, unreadable, lost
        }
    }
}

extension AuditFinding {
    /// The finding with the date until which each origin of a lost recording has it.
    fileprivate func withAvailability(_ clock: RetentionClock, _ now: Timestamp) -> AuditFinding {
        var finding = self
        finding.origins = origins?.map { origin in
            guard let kind = origin.kind else { return origin }
            var origin = origin
            let end = clock.deletion(of: day, at: kind).upperBound
            origin.availableUntil = end
            origin.isAvailable = now < end
            return origin
        }
        return finding
    }
}

extension AuditFinding.Origin {
    /// `source outbound, outbound-2018-04-05.tar.gz, call7.mp3: available until 2018-05-06T22:00:00.000Z`.
    fileprivate var text: String {
        let place = (["source \(source)"] + [archive, member].compactMap(\.self)).joined(separator: ", ")
        guard let availableUntil, let isAvailable else { return "\(place): no longer configured" }
        return "\(place): \(isAvailable ? "is" : "was") available until \(availableUntil)"
    }
}
