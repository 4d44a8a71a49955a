import Foundation
import Platform
import Recordings
import Settings
import Vault

/// What takes secrets and the network: one cheap request to the platform.
struct PlatformChecks {
    let session: Session

    func all() async -> [Check] {
        let secrets = await sourceSecrets()
        guard session.configuration.api.enabled else {
            return secrets + [.ok("credentials", "the API is turned off (api.enabled)")]
        }
        do {
            return secrets + (try await platform())
        } catch let failure as Failure {
            return secrets + [.error("credentials", failure)]
        } catch {
            return secrets + [.error("credentials", "\(error)", do: nil)]
        }
    }

    private func platform() async throws -> [Check] {
        let folder = try PaceFolder(session.vault)
        defer { folder.remove() }
        var options = AsyncHTTPTransport.Options()
        options.userAgent = Software.agent
        let transport = try AsyncHTTPTransport(options)
        let result: Result<PlatformClient.Greeting, any Error>
        do {
            let retry = RetryPolicy(retries: 1, maxWaitSeconds: 10)
            let client = try await session.client(transport, retry, nil, paceFolder: folder.path)
            result = .success(try await client.greet())
        } catch {
            result = .failure(error)
        }
        try await transport.shutdown()
        let greeting = try result.get()
        let host = session.configuration.api.baseURL.host() ?? "the platform"
        return [.ok("credentials", "\(host) lists recordings for them"), clock(greeting)]
    }

    private func clock(_ greeting: PlatformClient.Greeting) -> Check {
        guard let ahead = greeting.clockAheadMilliseconds else {
            return .ok("clock", "the platform does not tell the time")
        }
        let seconds = (abs(ahead) + 500) / 1000
        let detail = "this machine's is \(seconds) s \(ahead > 0 ? "ahead of" : "behind") the platform's"
        // It decides which day is over, and signatures and certificates fail when it is far off.
        if seconds > 600 { return .error("clock", detail, do: "Set it: timedatectl set-ntp true") }
        if seconds > 5 { return .warning("clock", detail, do: "Set it: timedatectl set-ntp true") }
        return .ok("clock", seconds <= 1 ? "agrees with the platform's" : detail)
    }

    /// Whether each dialer source's secret can be had; nobody is sent it.
    private func sourceSecrets() async -> [Check] {
        var checks: [Check] = []
        for source in session.configuration.dialer.sources {
            guard case .https(let place) = source.access else { continue }
            switch place.signIn {
            case .basic(_, let secret), .header(_, let secret): checks.append(await check(secret, source.name))
            case .none, .platform: break
            }
        }
        return checks
    }

    private func check(_ reference: SecretReference, _ source: String) async -> Check {
        let name = "source \(source)"
        do {
            let resolved = try await reference.resolved()
            guard let warning = resolved.warning else { return .ok(name, "\(reference.key) is available") }
            return .warning(name, warning, do: "See that only the user who runs dialvault can read it")
        } catch let failure as Failure {
            return .error(name, failure)
        } catch {
            return .error(name, "\(reference.key) is not available", do: nil)
        }
    }
}

/// The folder through which processes share the account's pace: the vault's, or, as long as there is none, one that goes.
private struct PaceFolder {
    let path: String
    private let isTemporary: Bool

    init(_ vault: Vault) throws {
        isTemporary = !vault.exists
        path = isTemporary ? "\(NSTemporaryDirectory())/dialvault-doctor-\(UUID().uuidString)" : vault.locks
        if isTemporary { try FileSystem.createFolders(path, mode: 0o700) }
    }

    func remove() {
        if isTemporary { try? FileSystem.removeTree(path) }
    }
}
