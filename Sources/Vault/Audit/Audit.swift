import Foundation
package import Recordings

/// Re-reads published days against their manifests, on as many threads as it is given.
///
/// It takes no lock, so it waits for nobody and nobody for it. A day that is exchanged while it is read is held as it was;
/// when something of it seems wrong then, the day is looked at again, because what was replaced is being removed.
package struct Audit: Sendable {
    private let vault: Vault
    private let sample: AuditSample
    private let width: Int

    /// What it tells while it goes on. Both are called one at a time.
    package struct Reports: Sendable {
        /// A day's result, in the order of the days.
        package var day: @Sendable (DayAudit) -> Void
        /// Bytes of audio that were dealt with, of those that the days' summaries promise.
        package var progress: @Sendable (_ done: Int64, _ total: Int64) -> Void

        package init(
            day: @escaping @Sendable (DayAudit) -> Void,
            progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
        ) {
            self.day = day
            self.progress = progress
        }
    }

    /// - Parameter width: how many threads read.
    package init(_ vault: Vault, sample: AuditSample = .everything, width: Int) {
        self.vault = vault
        self.sample = sample
        self.width = max(1, width)
    }

    /// - Parameter days: those that should be there; one without a bag is a finding.
    /// - Throws: `Failure` when this user may not read the vault, and cancellation.
    package func run(_ days: [Day], reports: Reports) async throws {
        var total: Int64 = 0
        for day in days { total += promisedBytes(day) }
        let queue = AuditQueue(days, expectedBytes: total / Int64(sample.parts), reports)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<width {
                group.addTask {
                    do { try await work(queue) } catch {
                        // The others wait for work that this one would have made.
                        await queue.end()
                        throw error
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What the day's summary promises; 0 where it cannot be read, which is said when the day's turn comes.
    private func promisedBytes(_ day: Day) -> Int64 {
        guard let data = try? HeldFolder(vault.bag(day))?.file(BagFile.summary)?.content(),
            let summary = try? JSONDecoder().decode(DaySummary.self, from: data)
        else { return 0 }
        return summary.totals.sizeBytes
    }

    private func work(_ queue: AuditQueue) async throws {
        var buffer = ReadBuffer()
        while let next = await queue.next() {
            try Task.checkCancellation()
            switch next {
            case .look(let index, let day):
                await queue.looked(at: index, try look(day))
            case .read(let index, let look, let part):
                var bytes: Int64 = 0
                let result = try look.read(part, &buffer) { bytes += $0 }
                await queue.progress(bytes)
                guard let audit = look.finish(result) else {
                    await queue.didRead()
                    continue
                }
                let isSettled = audit.findings.isEmpty || look.folder.isInPlace
                await queue.finished(index, isSettled ? audit : nil)
            }
        }
    }

    /// How often a day is looked at that is exchanged each time.
    private static let patience = 1000

    private func look(_ day: Day) throws -> BagLook? {
        for _ in 0..<Self.patience {
            guard let folder = try HeldFolder(vault.bag(day)) else {
                // Where two folders cannot be exchanged in one step there is none for a moment.
                guard vault.isExchanging(day) else { return nil }
                usleep(1000)
                continue
            }
            var inspection = BagInspection(vault, day, folder, sample)
            let look = try inspection.look()
            if look.isClean || folder.isInPlace { return look }
        }
        throw Failure(
            .locked,
            "\(day) was published \(Self.patience) times while it was looked at",
            advice: "Look at it again when nothing is being published"
        )
    }
}

/// What is to be done, in the order of the days: a bag is looked at while the one before it is still being read.
private actor AuditQueue {
    enum Work: Sendable {
        case look(Int, Day)
        case read(Int, BagLook, Range<Int>)
    }

    private let days: [Day]
    private let reports: Audit.Reports
    private let expectedBytes: Int64
    private var doneBytes: Int64 = 0
    private var next = 0
    private var again: [Int] = []
    private var parts: [(index: Int, look: BagLook, part: Range<Int>)] = []
    private var firstPart = 0
    private var active = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var finishedDays: [Int: DayAudit] = [:]
    private var reported = 0
    private var isOver = false

    /// As many parts as may wait to be read before another bag is opened.
    private static let lookAhead = 32

    init(_ days: [Day], expectedBytes: Int64, _ reports: Audit.Reports) {
        self.days = days
        self.expectedBytes = expectedBytes
        self.reports = reports
    }

    /// - Returns: nil when nothing is left to be done.
    func next() async -> Work? {
        while !isOver {
            if parts.count - firstPart < Self.lookAhead, let index = again.popLast() ?? nextDay() {
                active += 1
                return .look(index, days[index])
            }
            if firstPart < parts.count {
                let work = parts[firstPart]
                firstPart += 1
                if firstPart == parts.count { (parts, firstPart) = ([], 0) }
                active += 1
                return .read(work.index, work.look, work.part)
            }
            if active == 0 { return nil }
            await withCheckedContinuation { waiting.append($0) }
        }
        return nil
    }

    private func nextDay() -> Int? {
        guard next < days.count else { return nil }
        defer { next += 1 }
        return next
    }

    /// - Parameter look: nil when the day has no bag.
    func looked(at index: Int, _ look: BagLook?) {
        if let look {
            if let audit = look.resultWithoutAudio { report(index, audit) }
            parts += look.parts.map { (index, look, $0) }
        } else {
            var audit = DayAudit(day: days[index])
            audit.findings = [AuditFinding(.missing, days[index], ".", "the whole bag is gone")]
            report(index, audit)
        }
        didRead()
    }

    func progress(_ bytes: Int64) {
        doneBytes += bytes
        reports.progress(doneBytes, expectedBytes)
    }

    /// - Parameter audit: nil when the day has to be looked at again.
    func finished(_ index: Int, _ audit: DayAudit?) {
        if let audit { report(index, audit) } else { again.append(index) }
        didRead()
    }

    func didRead() {
        active -= 1
        wake()
    }

    func end() {
        isOver = true
        wake()
    }

    private func wake() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    private func report(_ index: Int, _ audit: DayAudit) {
        finishedDays[index] = audit
        while var audit = finishedDays.removeValue(forKey: reported) {
            audit.findings.sort { ($0.path, $0.detail) < ($1.path, $1.detail) }
            reports.day(audit)
            reported += 1
        }
    }
}
