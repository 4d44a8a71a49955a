import Foundation
package import Platform
package import Recordings
package import Settings
package import Vault

/// Archives among the platform's own stored files, found by a query and fetched into the work folder.
package struct FilesSource: ArchiveSource {
    package let name: String
    package let kind = SourceKind.files
    private let place: DialerSource.Files
    private let client: PlatformClient
    private let download: Download
    private let vault: Vault
    private let timeZone: TimeZone
    private let rule: MissingArchive

    package init(
        _ name: String,
        _ place: DialerSource.Files,
        _ configuration: Configuration,
        client: PlatformClient,
        download: Download,
        vault: Vault,
        time: any PlatformTime = SystemTime()
    ) {
        self.name = name
        self.place = place
        self.client = client
        self.download = download
        self.vault = vault
        timeZone = configuration.timezone
        rule = MissingArchive(configuration, time: time)
    }

    package func fetch(_ day: Day, before: FormerAnswer, progress: StageProgress) async throws -> FetchedSource {
        let before = try before()
        let query = place.query.expanded(for: day, in: timeZone)
        do {
            let listing = try await client.files(query: query)
            guard listing.isConsistent, !listing.isTruncated else {
                return answer(
                    .failed,
                    Failure(
                        .unreachable,
                        "source \(name): the platform's list of files changed at each of \(listing.readings) readings",
                        advice: "Run the day again later"
                    )
                )
            }
            let gap = gap(in: listing)
            let matches = FileMatches(listing.items, query: query)
            if let unfinished = matches.unfinished {
                return notReady("the platform has not stored \(unfinished) yet, for \(day)")
            }
            if matches.stored.isEmpty, matches.lost.isEmpty {
                if let gap { return partial(before?.archives ?? [], gap) }
                return missing(day, rule, before: before, "no stored file for \(day) has \"\(query)\" in its name")
            }
            let fetched = try await fetch(matches, day, before, progress)
            if let gap, fetched.state == .complete { return partial(fetched.archives, gap) }
            return fetched
        } catch let failure as Failure where failure.concernsSource {
            return answer(.failed, failure)
        }
    }

    /// Why the list of files may lack one of the day's; nil when it cannot.
    private func gap(in listing: PagedListing<StoredFile>) -> String? {
        var reasons = listing.contradictions.map(\.description)
        if !listing.malformed.isEmpty {
            reasons.append("\(listing.malformed.count) files are listed in a form that cannot be read")
        }
        return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    }

    /// What there is, of a list that may lack something.
    private func partial(_ archives: [FetchedArchive], _ gap: String) -> FetchedSource {
        FetchedSource(
            name: name,
            kind: kind,
            state: .partial,
            failure: Failure(.notFound, "source \(name): \(gap)", advice: "Run the day again later"),
            archives: archives
        )
    }

    private func fetch(
        _ matches: FileMatches,
        _ day: Day,
        _ before: FetchedSource?,
        _ progress: StageProgress
    ) async throws -> FetchedSource {
        let shelf = try DownloadShelf(vault, day, of: name)
        var archives: [FetchedArchive] = []
        var lost = matches.lost
        var failure: Failure?
        for match in matches.stored {
            let known = try before?.archives.first { $0.name == match.name } ?? shelf.kept(match.name)
            if let known, known.fingerprint == match.fingerprint {
                archives.append(known)
                continue
            }
            switch try await outcome(match, to: shelf.path(match.name), progress) {
            case .downloaded(let receipt):
                if let size = match.file.size, size != receipt.bytes {
                    return notReady("\(match.name) is listed with \(size) bytes and has \(receipt.bytes), for \(day)")
                }
                archives.append(
                    try shelf.keep(
                        match.name,
                        sizeBytes: receipt.bytes,
                        sha256: receipt.sha256,
                        fingerprint: match.fingerprint
                    )
                )
            case .notFound, .gone:
                lost.append("the platform lists \(match.name) for \(day) and has it no longer")
            case .refused(let status):
                failure =
                    failure
                    ?? Failure(
                        .credentials,
                        "source \(name): \(match.name) is refused with status \(status)",
                        advice: "Check that the account's user has manager rights"
                    )
            case .waiting(let detail): return notReady(detail)
            // One file's trouble does not keep the others from being fetched.
            case .failed(let trouble): failure = failure ?? trouble
            }
        }
        if let failure { return answer(archives, failure: failure) }
        // What was read before it was taken away is no loss.
        let kept = (before?.archives ?? []).filter { old in !archives.contains { $0.name == old.name } }
        if archives.isEmpty, !kept.isEmpty { return answer(kept) }
        return answer(archives, lost: lost, matches.isDeleted ? .expired : .failed)
    }

    private enum Outcome {
        case downloaded(Download.Receipt)
        case notFound, gone
        case refused(Int)
        case waiting(String)
        case failed(Failure)
    }

    private func outcome(_ match: FileMatches.Match, to path: String, _ progress: StageProgress) async throws -> Outcome
    {
        var order = Download.Order(
            url: client.address(ofFile: match.file.id),
            destination: path,
            authorization: .platform(client)
        )
        order.permissions = vault.modes.working
        do {
            let report = Progress { progress.report("\(name)/\(match.name)", done: $0, of: $1, .bytes) }
            switch try await download.fetch(order, progress: report) {
            case .downloaded(let receipt): return .downloaded(receipt)
            case .notFound, .unchanged: return .notFound
            case .gone: return .gone
            case .refused(let status): return .refused(status)
            case .forbiddenOrMissing: return .refused(403)
            case .refusedElsewhere(let refusal): return .failed(storageFailure(refusal, match.name))
            case .unusable(let refusal) where refusal.status == 202:
                return .waiting("the platform answers with status 202 for \(match.name): it is being prepared")
            case .unusable(let refusal):
                return .failed(unusable(refusal, "\(match.name) at \(refusal.host)", "dialer.sources[\(name)].query"))
            case .notReady(let detail): return .failed(Failure(.notReady, "source \(name): \(match.name): \(detail)"))
            }
        } catch let failure as Failure where failure.concernsDownload {
            return .failed(failure)
        }
    }
}

/// What the platform's list of files has for one day.
struct FileMatches: Hashable, Sendable {
    struct Match: Hashable, Sendable {
        /// The file's name; with its id behind it when an older file has the same.
        var name: String
        var file: StoredFile

        /// Changes when the file does.
        var fingerprint: String {
            "file \(file.id), \(file.size.map { "\($0) bytes" } ?? "size unknown"), updated "
                + (file.lastUpdated?.description ?? "unknown")
        }
    }

    /// Those that can be fetched, oldest first.
    private(set) var stored: [Match] = []
    /// The name of one that is not whole yet.
    private(set) var unfinished: String?
    /// Those that cannot be had any more, a text each.
    private(set) var lost: [String] = []
    /// Whether all that are lost were deleted.
    private(set) var isDeleted = true

    /// - Parameters:
    ///   - files: as the platform listed them. It may ignore the query, so that each is looked at again.
    ///   - query: what a name has to contain, in any case.
    init(_ files: [StoredFile], query: String) {
        let wanted = query.lowercased()
        let matching = files.filter { $0.filename?.lowercased().contains(wanted) ?? false }
        var names: Set<String> = []
        for file in matching.sorted(by: Self.precedes) {
            let filename = file.filename ?? file.id
            switch file.state {
            case "stored", nil:
                if UnfinishedName.whenFinished(filename) != nil {
                    unfinished = filename
                    continue
                }
                // The oldest keeps the plain name, so that a later one changes nothing about it.
                let name = names.insert(filename).inserted ? filename : "\(filename) (\(file.id))"
                stored.append(Match(name: name, file: file))
            case "created", "storing": unfinished = filename
            case "deleted":
                lost.append("the platform has deleted \(filename)")
            case let state?:
                lost.append("the platform could not store \(filename) (state \(state))")
                isDeleted = false
            }
        }
    }

    private static func precedes(_ left: StoredFile, _ right: StoredFile) -> Bool {
        let epoch = Timestamp(millisecondsSinceEpoch: 0)
        return (left.dateCreated ?? epoch, left.id) < (right.dateCreated ?? epoch, right.id)
    }
}
