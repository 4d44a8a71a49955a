import Foundation
import Ledger
import Logging
import Pipeline
import Platform
import Recordings
import Settings
import Vault

/// One command's surroundings, built from the configuration: the vault, the ledger, the account and its sources.
///
/// This is where effects come in: the real clock, the network, secrets. What the commands call takes them as values.
struct Session: Sendable {
    let configuration: Configuration
    let vault: Vault
    let time = SystemTime()
    let console: Console
    let damage = DamageNote()

    init(_ options: VaultOptions, overrides: [String: String] = [:]) throws {
        console = options.console
        let loaded = try options.load(overrides)
        for warning in loaded.warnings { console.log.warning("\(warning)") }
        configuration = loaded.configuration
        let modes = FileModes(groupReadable: configuration.groupReadable)
        // What libraries create under the vault gets no more rights than what is created here.
        umask(configuration.groupReadable ? 0o027 : 0o077)
        vault = Vault(root: configuration.vault, modes: modes)
    }

    /// Says of each day that was published once that its bag is gone, until it is there again or the loss is accepted.
    private func nameMissingBags() throws {
        for day in try vault.missingBags() {
            console.log.error(
                """
                the bag of \(day) is gone: restore \(vault.bag(day)) from a backup, publish it again with \
                dialvault run \(day), or accept the loss: dialvault repair --accept-loss \(day)
                """
            )
        }
    }

    /// For commands that only look: there must be something to look at.
    func requireVault() throws {
        guard vault.exists else {
            throw Failure(
                .notFound,
                "there is no vault in \(vault.root) yet",
                advice: "The first dialvault run makes it; check `vault` in the configuration if there should be one"
            )
        }
        try nameMissingBags()
    }

    /// Opens the ledger to look into it, which a user can who may only read the vault.
    func openLedger() throws -> Ledger {
        try Ledger(reading: vault.ledger)
    }

    /// Opens the ledger to write to it, and makes it where there is none.
    private func ledgerForWriting() throws -> Ledger {
        try Ledger.open(replacingDamagedAt: vault.ledger, mode: vault.modes.working) { aside in
            console.log.error(
                "the ledger \(vault.ledger) was damaged and is now \(aside); a new one is made from the bags"
            )
        }
    }

    /// The local date in the account's time zone.
    var today: Day {
        Day.localTime(at: time.now(), in: configuration.timezone).date
    }

    /// The days that a command may name.
    var bounds: DayBounds { DayBounds(today: today, zone: configuration.timezone) }

    /// Builds the pipeline, hands it to `body`, and closes its connections.
    func withPipeline<Value>(
        _ options: RunOptions,
        command: String,
        asksAccount: Bool = false,
        _ body: (Pipeline) async throws -> Value
    ) async throws -> Value {
        try VaultOwner(vault: vault).requireOwn()
        try await requirePlausibleClock(asks: true)
        try vault.create()
        let transports = Transports()
        let result: Result<Value, any Error>
        do {
            let pipeline = try await pipeline(options, command: command, asksAccount: asksAccount, transports)
            try await pipeline.recover()
            try nameMissingBags()
            result = .success(try await body(pipeline))
        } catch {
            result = .failure(error)
        }
        try await transports.shutdown()
        return try result.get()
    }

    private func pipeline(
        _ options: RunOptions,
        command: String,
        asksAccount: Bool,
        _ transports: Transports
    ) async throws -> Pipeline {
        let retry = RetryPolicy(retries: options.retries, maxWaitSeconds: options.maxWait.seconds)
        let bandwidth = try options.bwlimit.map { try BandwidthLimit(parsing: $0) }
        let client =
            configuration.api.enabled
            ? try await client(try transports.trusting(configuration.api.caFile), retry, bandwidth) : nil
        let means = SourceMeans(
            transports: transports,
            bandwidth: bandwidth,
            client: client,
            rclone: RcloneProgram(
                environment: ProcessInfo.processInfo.environment,
                bwlimit: options.bwlimit,
                retries: options.retries
            ),
            retry: retry
        )
        var sources: [any ArchiveSource] = []
        for source in configuration.dialer.sources { sources.append(try await archiveSource(source, means)) }
        let holder = "process \(ProcessInfo.processInfo.processIdentifier), dialvault \(command), since \(time.now())"
        var surroundings = Pipeline.Surroundings(
            client: client,
            sources: sources,
            locks: LockQueue(vault, holder: holder, dayWait: options.lockWait.seconds),
            unpacking: UnpackSupervisor(UnpackSupervisor.Command(arguments: [UnpackWorkerCommand.name])),
            time: time,
            log: console.log
        )
        if asksAccount, let client { try await askRetention(client) }
        surroundings.clock = try clock()
        for source in configuration.dialer.sources {
            guard let passphrase = source.passphrase else { continue }
            surroundings.passphrases[source.name] = try await secret(passphrase)
        }
        return try Pipeline(
            vault: vault,
            ledger: try ledgerForWriting(),
            configuration: configuration,
            software: Software.agent,
            in: surroundings
        )
    }

    /// - Parameter paceFolder: where processes share the account's pace; nil for the vault's locks.
    func client(
        _ transport: AsyncHTTPTransport,
        _ retry: RetryPolicy,
        _ bandwidth: BandwidthLimit?,
        paceFolder: String? = nil
    ) async throws -> PlatformClient {
        let credentials: Credentials =
            switch try configuration.api.requiredSignIn() {
            case .password(let username, let password):
                .password(username: username, password: try await secret(password))
            case .accessToken(let id, let token): .accessToken(id: id, token: try await secret(token))
            case .bearer(let token): .bearer(try await secret(token))
            }
        return try PlatformClient(
            baseURL: configuration.api.baseURL,
            credentials: credentials,
            transport: transport,
            pace: try AccountPace(folder: paceFolder ?? vault.locks, tpslimit: configuration.api.tpslimit, time: time),
            retry: retry,
            time: time,
            pageSize: configuration.api.pageSize,
            bandwidth: bandwidth,
            log: console.log
        )
    }

    /// What sources reach their archives with.
    private struct SourceMeans {
        let transports: Transports
        let bandwidth: BandwidthLimit?
        let client: PlatformClient?
        let rclone: RcloneProgram
        let retry: RetryPolicy
    }

    private func archiveSource(_ source: DialerSource, _ means: SourceMeans) async throws -> any ArchiveSource {
        switch source.access {
        case .directory(let directory):
            return DirectorySource(source.name, directory, configuration, time: time)
        case .https(let place):
            return HTTPSSource(
                source.name,
                place,
                configuration,
                authorization: try await authorization(place.signIn, source.name, means.client),
                download: try download(
                    means,
                    trusting: place.caFile ?? (place.signIn == .platform ? configuration.api.caFile : nil)
                ),
                vault: vault,
                time: time
            )
        case .rclone(let place):
            return RcloneSource(
                source.name,
                place,
                configuration,
                program: means.rclone,
                retry: means.retry,
                vault: vault,
                time: time
            )
        case .files(let place):
            return FilesSource(
                source.name,
                place,
                configuration,
                client: try account(means.client, for: source.name),
                download: try download(means, trusting: configuration.api.caFile),
                vault: vault,
                time: time
            )
        }
    }

    private func authorization(
        _ signIn: DialerSource.HTTPS.SignIn,
        _ name: String,
        _ client: PlatformClient?
    ) async throws -> Download.Authorization {
        switch signIn {
        case .none: return .none
        case .basic(let username, let password):
            return .basic(username: username, password: try await secret(password))
        case .header(let header, let value): return .header(name: header, value: try await secret(value))
        case .platform: return .platform(try account(client, for: name))
        }
    }

    private func download(_ means: SourceMeans, trusting caFile: String?) throws -> Download {
        Download(
            transport: try means.transports.trusting(caFile),
            retry: means.retry,
            time: time,
            bandwidth: means.bandwidth,
            log: console.log
        )
    }

    private func account(_ client: PlatformClient?, for source: String) throws -> PlatformClient {
        guard let client else {
            throw Failure(
                .configuration,
                "source \(source) uses the account's credentials, and the API is turned off",
                advice: "Set api.enabled: true, or give the source credentials of its own"
            )
        }
        return client
    }

    private func secret(_ reference: SecretReference) async throws -> Secret {
        let resolved = try await reference.resolved()
        if let warning = resolved.warning { console.log.warning("\(warning)") }
        return resolved.secret
    }
}

extension Session {
    /// Rebuilds the ledger from the bags, while nothing is published.
    func rebuildLedger(_ options: RunOptions) async throws -> (days: Int, recordings: Int) {
        try requireVault()
        try VaultOwner(vault: vault).requireOwn()
        let holder = "process \(ProcessInfo.processInfo.processIdentifier), dialvault reindex, since \(time.now())"
        let locks = LockQueue(vault, holder: holder, dayWait: options.lockWait.seconds)
        let lock = try await locks.publication(waiting: time)
        defer { _ = lock }
        for failure in try vault.recover().values { console.log.error("\(failure)") }
        return try Recovery(vault: vault, ledger: try ledgerForWriting(), log: console.log).rebuild()
    }
}
