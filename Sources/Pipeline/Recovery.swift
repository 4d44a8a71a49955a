import Foundation
package import Ledger
package import Logging
import Recordings
package import Vault

/// Brings vault and ledger to one word after a crash, and the ledger back from the bags. The disk is right.
package struct Recovery: Sendable {
    let vault: Vault
    let ledger: Ledger
    let log: Logger

    package init(vault: Vault, ledger: Ledger, log: Logger) {
        self.vault = vault
        self.ledger = ledger
        self.log = log
    }

    /// Completes or forgets what a crash interrupted. A day that is damaged is left as it is, and said. The caller holds the
    /// publication lock.
    package func run() throws {
        for failure in try vault.recover().values { log.error("\(failure)") }
        for unfinished in try ledger.unfinishedPublications() {
            guard let summary = try readable(unfinished.day, { try vault.publishedSummary(unfinished.day) }) else {
                continue
            }
            if let summary, summary.sequence == unfinished.sequence, let published = try vault.publishedDay(summary.day)
            {
                try vault.completeHistory(of: summary.day)
                try ledger.finishPublication(published.summary, recordings: published.recordings)
                log.notice("\(unfinished.day): the publication that was interrupted is complete")
            } else {
                try ledger.abandonPublication(unfinished.sequence)
                log.notice("\(unfinished.day): a publication was interrupted before it happened")
            }
        }
        // A ledger that is new, was moved away, or was being rebuilt, knows less than the bags: they are read again.
        if try !ledger.publishedDays().isSuperset(of: vault.publishedDays()) { try rebuild() }
    }

    /// What was read of a day; nil when it is damaged.
    private func readable<Value>(_ day: Day, _ read: () throws -> Value) throws -> Value? {
        do { return try read() } catch let failure as Failure where failure.code == .damaged {
            log.error("\(failure)")
            return nil
        }
    }

    /// Makes the ledger anew from the bags alone. Of a day that is damaged it gets what the history knows. The caller holds
    /// the publication lock.
    ///
    /// - Returns: how many days and recordings it has now.
    @discardableResult
    package func rebuild() throws -> (days: Int, recordings: Int) {
        try ledger.clear()
        var recordings = 0
        var days = 0
        for day in try vault.knownDays() {
            let readable = try readable(day) { try vault.publishedDay(day) }
            guard let published = try readable ?? vault.knownDay(day) else { continue }
            try ledger.finishPublication(published.summary, recordings: published.recordings)
            recordings += published.recordings.count
            days += 1
        }
        log.notice("the ledger was made anew from the bags of \(days) days with \(recordings) recordings")
        return (days, recordings)
    }
}
