package import Platform
package import Recordings
package import Vault

/// Takes the vault's locks, waiting for them as long as it may.
package struct LockQueue: Sendable {
    private let vault: Vault
    /// Who holds them, for whoever finds them taken: `process 4711, dialvault run 2018-04-05`.
    private let holder: String
    /// How long to wait for a day that another run holds, in seconds.
    private let dayWait: Double

    package init(_ vault: Vault, holder: String, dayWait: Double) {
        self.vault = vault
        self.holder = holder
        self.dayWait = dayWait
    }

    /// The lock of one day's stages.
    ///
    /// - Throws: `Failure` with code `locked` when another run has it and the wait is over.
    package func day(_ day: Day, waiting time: any PlatformTime) async throws -> Lock {
        try await take(vault.dayLock(day), what: "the day \(day)", seconds: dayWait, time)
    }

    /// The lock under which bags are exchanged and the ledger is written. Nobody holds it for long, so that everybody
    /// waits for it: ten minutes, which is more than the largest day takes to be published.
    package func publication(waiting time: any PlatformTime) async throws -> Lock {
        try await take(vault.publicationLock, what: "the publication", seconds: 600, time)
    }

    private func take(_ path: String, what: String, seconds: Double, _ time: any PlatformTime) async throws -> Lock {
        let pause: Int64 = 100_000_000
        var attempts = Int64(seconds * 1e9) / pause
        while true {
            if let lock = try Lock.take(path, holder: holder, mode: vault.modes.working) { return lock }
            guard attempts > 0 else {
                throw Failure(
                    .locked,
                    "another run holds \(what): \(Lock.holder(of: path) ?? "unknown process")",
                    advice: "Wait for it to end, or give --lock-wait a duration such as 10m"
                )
            }
            attempts -= 1
            try await time.sleep(nanoseconds: pause)
        }
    }
}
