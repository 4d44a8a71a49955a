import ArgumentParser
import Platform
import Recordings
import Settings

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks the set-up, and says what to do.",
        discussion: """
            Reads the configuration, asks the platform for one item, and tries out the vault's disk. Archives \
            nothing. Exits 0 unless there is an error: 78 the configuration, 77 the credentials, 75 a source that \
            cannot be reached, 1 anything else.
            """
    )

    @OptionGroup var vault: VaultOptions

    @Flag(help: "Print one JSON object a check.")
    var json = false

    func run() async throws {
        let checks = try await interruptibly { await examine() }
        let worst = ExitCode.worst(checks.map(\.exitCode))
        if worst != .success { throw worst }
    }

    /// Shows every check as it is done.
    private func examine() async -> [Check] {
        let console = vault.console
        let session: Session
        let file: Check
        do {
            let loaded = try vault.load()
            session = try Session(vault)
            file = .ok("configuration", loaded.file)
        } catch {
            let failure = error as? Failure ?? Failure(.configuration, "it cannot be read: \(error)")
            let checks: [Check] = [.error("configuration", failure)]
            show(checks, console)
            return checks
        }
        let machine = MachineChecks(
            configuration: session.configuration,
            vault: session.vault,
            now: session.time.now()
        )
        let local = [file] + machine.all()
        show(local, console)
        let remote = await PlatformChecks(session: session).all()
        show(remote, console)
        return local + remote
    }

    private func show(_ checks: [Check], _ console: Console) {
        for check in checks {
            // A check is a value of texts: there is nothing in it that cannot be encoded.
            if json { try? console.print(json: check) } else { console.print(check.text) }
        }
    }
}
