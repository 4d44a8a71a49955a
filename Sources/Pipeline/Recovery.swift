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

    /// Completes or forgets what a crash interrupted. The caller holds the publication lock.
    package func run() throws {
        try vault.recover()
        for unfinished in try ledger.unfinishedPublications() {
            if let published = try vault.publishedDay(unfinished.day), published.summary.sequence == unfinished.sequence
            {
                try ledger.finishPublication(published.summary, recordings: published.recordings)
                log.notice("\(unfinished.day): the publication that was interrupted is complete")
            } else {
                try ledger.abandonPublication(unfinished.sequence)
                log.notice("\(unfinished.day): a publication was interrupted before it happened")
            }
        }
        // A ledger that is new, was moved away, or was being rebuilt, knows less than the bags: they are read again.
        if try ledger.publishedDays() != Set(vault.publishedDays()) { try rebuild() }
    }

    /// Makes the ledger anew from the bags alone. The caller holds the publication lock.
    ///
    /// - Returns: how many days and recordings it has now.
    @discardableResult
    package func rebuild() throws -> (days: Int, recordings: Int) {
        try ledger.clear()
        var recordings = 0
        let days = try vault.publishedDays()
        for day in days {
            guard let published = try vault.publishedDay(day) else { continue }
            try ledger.finishPublication(published.summary, recordings: published.recordings)
            recordings += published.recordings.count
        }
        log.notice("the ledger was made anew from \(days.count) bags with \(recordings) recordings")
        return (days.count, recordings)
    }
}
