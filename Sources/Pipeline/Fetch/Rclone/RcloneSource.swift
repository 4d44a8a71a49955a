import Foundation
package import Platform
package import Recordings
package import Settings
package import Vault

/// Archives on any remote that rclone reaches, fetched into the work folder.
package struct RcloneSource: ArchiveSource {
    package let name: String
    package let kind = SourceKind.rclone
    private let place: DialerSource.Rclone
    private let program: RcloneProgram
    private let retry: RetryPolicy
    private let vault: Vault
    private let timeZone: TimeZone
    private let rule: MissingArchive
    private let time: any PlatformTime

    package init(
        _ name: String,
        _ place: DialerSource.Rclone,
        _ configuration: Configuration,
        program: RcloneProgram,
        retry: RetryPolicy,
        vault: Vault,
        time: any PlatformTime = SystemTime()
    ) {
        self.name = name
        self.place = place
        self.program = program
        self.retry = retry
        self.vault = vault
        self.time = time
        timeZone = configuration.timezone
        rule = MissingArchive(configuration, time: time)
    }

    package func fetch(_ day: Day, before: FormerAnswer, progress: StageProgress) async throws -> FetchedSource {
        let before = try before()
        let text = place.pattern.expanded(for: day, in: timeZone)
        guard let pattern = RclonePlace(text) else {
            throw Failure(
                .configuration,
                "source \(name): the pattern \(text) is none",
                advice: "Correct dialer.sources[\(name)].pattern"
            )
        }
        do {
            switch try await look(pattern) {
            case .archives(let items):
                return try await fetch(items, pattern, day, before, progress)
            case .unfinished(let path):
                return notReady("\(path) is still being written for \(day)")
            case .nothing:
                return try await nothing(day, pattern, before)
            }
        } catch let trouble as RcloneTrouble {
            return answer(.failed, trouble.failure(source: name, remote: place.remote))
        }
    }

    // MARK: Looking

    private enum Look {
        case archives([RcloneItem])
        case unfinished(String)
        case nothing
    }

    /// - Throws: ``RcloneTrouble`` with kind `notFound` when the remote's own folder is not there.
    private func look(_ pattern: RclonePlace) async throws -> Look {
        let items: [RcloneItem]
        do {
            items = try await list(RclonePlace.address(place.remote, pattern.folder), pattern.flags)
        } catch let trouble as RcloneTrouble where trouble.kind == .notFound && !pattern.folder.isEmpty {
            // The day's folder is not there. That is an answer only where the one above it is.
            do {
                _ = try await list(place.remote, ["--dirs-only", "--no-modtime", "--no-mimetype", "--max-depth=1"])
            } catch let trouble as RcloneTrouble where trouble.kind == .notFound {
                throw Self.noRemote
            }
            return .nothing
        } catch let trouble as RcloneTrouble where trouble.kind == .notFound {
            throw Self.noRemote
        }
        var archives: [RcloneItem] = []
        for item in items {
            if let whole = UnfinishedName.whenFinished(item.path) {
                if pattern.matches(whole) || pattern.matches(item.path) { return .unfinished(pattern.whole(item.path)) }
            } else if pattern.matches(item.path) {
                archives.append(item)
            }
        }
        return archives.isEmpty ? .nothing : .archives(archives.sorted { $0.path < $1.path })
    }

    private static let noRemote = RcloneTrouble(.passing, "there is no such folder")

    private func list(_ address: String, _ flags: [String]) async throws -> [RcloneItem] {
        var retries = Retries(retry, isIdempotent: true)
        while true {
            do {
                return try await program.list(address, flags)
            } catch let trouble as RcloneTrouble where trouble.kind == .passing {
                let error = TransportError(.cut, trouble.said)
                guard case .wait(let pause, _) = retries.next(after: .network(error), chance: time.random()) else {
                    throw trouble
                }
                try await time.sleep(nanoseconds: pause)
            }
        }
    }

    /// No archive of the day: gone, there and empty, or not there yet.
    private func nothing(_ day: Day, _ pattern: RclonePlace, _ before: FetchedSource?) async throws -> FetchedSource {
        let shown = RclonePlace.address(place.remote, pattern.whole(pattern.pattern))
        if before?.archives.isEmpty ?? true, try DownloadShelf(vault, day, of: name).hasLeftovers {
            return answer(
                [],
                lost: [
                    "an archive of \(day) at \(shown) was there in an earlier run, which did not get it whole, and is gone"
                ]
            )
        }
        if before?.archives.isEmpty ?? true, try await isEmptyFolderOfItsOwn(day, pattern) {
            // Whoever makes a folder for each day, and leaves it empty until the archives are due, has none.
            if rule.isLate(day) { return answer(.empty, nil) }
            return missing(
                day,
                rule,
                before: before,
                "the folder \(RclonePlace.address(place.remote, pattern.folder)) is there and has nothing in it yet"
            )
        }
        return missing(day, rule, before: before, "no archive for \(day) matches \(shown)")
    }

    /// Whether the day has a folder of its own and nothing is in it.
    private func isEmptyFolderOfItsOwn(_ day: Day, _ pattern: RclonePlace) async throws -> Bool {
        let next = RclonePlace(place.pattern.expanded(for: day.advanced(by: 1), in: timeZone))
        guard !pattern.folder.isEmpty, next?.folder != pattern.folder else { return false }
        do {
            let address = RclonePlace.address(place.remote, pattern.folder)
            return try await list(address, ["--no-modtime", "--no-mimetype", "--max-depth=1"]).isEmpty
        } catch let trouble as RcloneTrouble where trouble.kind == .notFound {
            return false
        }
    }

    // MARK: Fetching

    private func fetch(
        _ items: [RcloneItem],
        _ pattern: RclonePlace,
        _ day: Day,
        _ before: FetchedSource?,
        _ progress: StageProgress
    ) async throws -> FetchedSource {
        let shelf = try DownloadShelf(vault, day, of: name)
        let transfer = RcloneTransfer(program: program, retry: retry, time: time)
        var archives: [FetchedArchive] = []
        var lost: [String] = []
        var failure: Failure?
        for item in items {
            let path = pattern.whole(item.path)
            let known = try before?.archives.first { $0.name == path } ?? shelf.kept(path)
            if let known, known.fingerprint == item.fingerprint {
                archives.append(known)
                continue
            }
            let outcome: RcloneTransfer.Outcome
            do {
                outcome = try await transfer.fetch(
                    item,
                    at: RclonePlace.address(place.remote, path),
                    to: shelf.path(path),
                    permissions: vault.modes.working
                ) { done in
                    progress.report("\(name)/\(path)", done: done, of: item.size < 0 ? nil : item.size, .bytes)
                }
            } catch let corrupt as Failure where corrupt.code == .corrupt {
                failure = failure ?? corrupt
                continue
            }
            switch outcome {
            case .received(let bytes):
                archives.append(try shelf.keep(path, sizeBytes: bytes, fingerprint: item.fingerprint))
            case .changed(let detail):
                return notReady("\(path) is still being written for \(day): \(detail)")
            case .gone:
                lost.append("\(path) was listed for \(day), and was gone when it was fetched")
            }
        }
        if let failure { return answer(archives, failure: failure) }
        return answer(archives, lost: lost)
    }
}
