import Foundation
import Pipeline
import Recordings
import Settings
import Vault

/// What can be told without the network: time zone, folders, disk, libraries.
struct MachineChecks {
    let configuration: Configuration
    let vault: Vault
    let now: Timestamp

    func all() -> [Check] {
        [timeZone, vaultFolder, space, inodes, abilities] + libraries + directories + [rclone].compactMap(\.self)
    }

    private var timeZone: Check {
        let local = Day.localTime(at: now, in: configuration.timezone)
        let offset = configuration.timezone.secondsFromGMT(
            for: Date(timeIntervalSince1970: Double(now.millisecondsSinceEpoch) / 1000)
        )
        let hours = String(format: "%+03d:%02d", offset / 3600, abs(offset) / 60 % 60)
        let clock = String(format: "%02d:%02d", local.hour, local.minute)
        return .ok("time zone", "\(configuration.timezoneName), where it is \(local.date) \(clock) (\(hours))")
    }

    private var vaultFolder: Check {
        let owner = VaultOwner(vault: vault)
        guard vault.exists || owner.id != nil else { return .ok("vault", "\(vault.root), which the first run makes") }
        do {
            try owner.requireOwn()
            let whose = owner.name.map { ", owned by \($0)" } ?? ""
            return .ok("vault", "\(vault.root), \(DayText.count(try vault.publishedDays().count, "day"))\(whose)")
        } catch let refusal as Refusal {
            return .error("vault", refusal.message, do: refusal.advice, refusal.exitCode)
        } catch let failure as Failure {
            return .error("vault", failure)
        } catch {
            return .error("vault", "\(error)", do: nil)
        }
    }

    private var space: Check {
        do throws(Failure) {
            let space = try FreeSpace(at: vault.nearestFolder)
            let detail = "\(ByteText.of(space.freeBytes)) of \(ByteText.of(space.totalBytes)) are free"
            // A day of a large account, fetched, unpacked and published, takes some gigabytes at a time.
            if space.freeBytes < 100_000_000 {
                return .error("free space", detail, do: "Free some space: nothing can be archived like this")
            }
            if space.freeBytes < 5_000_000_000 {
                return .warning("free space", detail, do: "See that a day's archives and audio fit in it twice")
            }
            return .ok("free space", detail)
        } catch {
            return .error("free space", error)
        }
    }

    private var inodes: Check {
        do throws(Failure) {
            guard let free = try FreeSpace(at: vault.nearestFolder).freeFiles else {
                return .ok("inodes", "the file system makes them as they are needed")
            }
            // Each recording is a file, and 100,000 of them are a large account's day.
            return free < 200_000
                ? .warning("inodes", "\(free) are free", do: "Each recording takes one: see that a few days' fit")
                : .ok("inodes", "\(free) are free")
        } catch {
            return .error("inodes", error)
        }
    }

    private var abilities: Check {
        do throws(Failure) {
            let abilities = try FileSystemAbilities(tryingIn: vault.nearestFolder, modes: vault.modes)
            guard abilities.canLock else {
                return .error(
                    "file system",
                    "file locking has no effect there",
                    do: "Put the vault on a disk of this machine, or on NFS of version 4"
                )
            }
            var lacks: [String] = []
            if !abilities.canExchange {
                lacks.append("no exchange: publishing takes two renames, and for a moment a day is not there")
            }
            if !abilities.canLink { lacks.append("no hard links: each revision takes its audio's space again") }
            return lacks.isEmpty
                ? .ok("file system", "exchange, hard links and locks work")
                : .warning(
                    "file system",
                    lacks.joined(separator: "; "),
                    do: "ext4, XFS, btrfs and ZFS can do both"
                )
        } catch {
            return .error("file system", error)
        }
    }

    private var libraries: [Check] {
        do {
            return try Libraries.all().map { library in
                guard let concern = library.concern else { return .ok(library.name, library.version) }
                return .warning(library.name, "\(library.version): \(concern)", do: "Update the system's packages")
            }
        } catch {
            return [.error("SQLite", "cannot be used: \(error)", do: "Reinstall libsqlite3")]
        }
    }

    private var directories: [Check] {
        configuration.dialer.sources.compactMap { source in
            guard case .directory(let directory) = source.access else { return nil }
            let name = "source \(source.name)"
            if access(directory.path, R_OK | X_OK) == 0 { return .ok(name, directory.path) }
            return .error(
                name,
                "\(directory.path) cannot be read: \(String(cString: strerror(errno)))",
                do: "Check that the disk is mounted, and check the path and its permissions",
                .tryAgain
            )
        }
    }

    /// Nil unless a source needs it.
    private var rclone: Check? {
        let names = configuration.dialer.sources.compactMap { source -> String? in
            if case .rclone = source.access { source.name } else { nil }
        }
        guard !names.isEmpty else { return nil }
        let advice = "Install rclone, or set the PATH, for the sources \(names.joined(separator: ", "))"
        guard let version = Self.firstLine(of: ["rclone", "version"]) else {
            return .error("rclone", "it cannot be run", do: advice, .wrongConfiguration)
        }
        return .ok("rclone", version)
    }

    /// Nil when the program cannot be run or fails.
    private static func firstLine(of arguments: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = try? output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0, let data else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
