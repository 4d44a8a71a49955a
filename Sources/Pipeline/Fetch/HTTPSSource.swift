import Foundation
package import Platform
package import Recordings
package import Settings
package import Vault

/// One archive a day at a URL, streamed into the work folder.
package struct HTTPSSource: ArchiveSource {
    package let name: String
    package let kind = SourceKind.https
    private let place: DialerSource.HTTPS
    private let authorization: Download.Authorization
    private let download: Download
    private let vault: Vault
    private let timeZone: TimeZone
    private let rule: MissingArchive

    package init(
        _ name: String,
        _ place: DialerSource.HTTPS,
        _ configuration: Configuration,
        authorization: Download.Authorization,
        download: Download,
        vault: Vault,
        time: any PlatformTime = SystemTime()
    ) {
        self.name = name
        self.place = place
        self.authorization = authorization
        self.download = download
        self.vault = vault
        timeZone = configuration.timezone
        rule = MissingArchive(configuration, time: time)
    }

    package func fetch(_ day: Day, before: FormerAnswer, progress: StageProgress) async throws -> FetchedSource {
        let before = try before()
        let text = place.url.expanded(for: day, in: timeZone)
        guard let url = URL(string: text), let archiveName = url.pathComponents.last, archiveName != "/" else {
            throw Failure(
                .configuration,
                "source \(name): \(text) is not the URL of a file",
                advice: "Correct dialer.sources[\(name)].url"
            )
        }
        let shelf = try DownloadShelf(vault, day, of: name)
        let previous = try before?.archives.first ?? shelf.kept(archiveName)
        var order = Download.Order(url: url, destination: shelf.path(archiveName))
        order.authorization = authorization
        order.checksumURL = place.checksumURL.flatMap {
            URL(string: $0.expanded(for: day, in: timeZone, url: text))
        }
        order.previous = previous.flatMap { Validator(fingerprint: $0.fingerprint) }
        order.permissions = vault.modes.working
        do {
            let outcome = try await download.fetch(
                order,
                progress: Progress { progress.report(name, done: $0, of: $1, .bytes) }
            )
            if case .downloaded(let receipt) = outcome {
                let fingerprint = receipt.validator?.fingerprint ?? receipt.sha256.hex
                return answer([
                    try shelf.keep(
                        archiveName,
                        sizeBytes: receipt.bytes,
                        sha256: receipt.sha256,
                        fingerprint: fingerprint
                    )
                ])
            }
            return answer(outcome, day, url, previous, before)
        } catch let failure as Failure where failure.concernsDownload {
            return answer(.failed, failure)
        }
    }

    private func answer(
        _ outcome: Download.Outcome,
        _ day: Day,
        _ url: URL,
        _ previous: FetchedArchive?,
        _ before: FetchedSource?
    ) -> FetchedSource {
        switch outcome {
        case .downloaded, .unchanged:
            return answer([previous].compactMap(\.self))
        case .notFound:
            return missing(day, rule, before: before, "there is no archive of \(day) at \(url.shown)")
        case .gone:
            if let before, !before.archives.isEmpty { return answer(before.archives) }
            return answer(
                .expired,
                Failure(.notFound, "source \(name): the archive of \(day) is gone from \(url.shown)")
            )
        case .refused(let status): return answer(.failed, refusal(status, url))
        case .refusedElsewhere(let refusal): return answer(.failed, storageFailure(refusal, "the archive of \(day)"))
        case .forbiddenOrMissing: return forbiddenOrMissing(day, url, before)
        case .unusable(let refusal) where refusal.status == 202:
            return notReady("\(url.shown) answers with status 202: the archive of \(day) is being prepared")
        case .unusable(let refusal): return answer(.failed, unusable(refusal, url.shown, "dialer.sources[\(name)].url"))
        case .notReady(let detail):
            return notReady("the archive of \(day) is not ready: \(detail)")
        }
    }
}

extension HTTPSSource {
    private func refusal(_ status: Int, _ url: URL) -> Failure {
        let isSignedIn = if case .none = place.signIn { false } else { true }
        return Failure(
            .credentials,
            "source \(name): \(url.shown) refuses with status \(status)",
            advice: isSignedIn
                ? "Check the credentials of dialer.sources[\(name)]"
                : "Nothing to sign in with is configured: give dialer.sources[\(name)] what the server wants"
        )
    }

    /// Storage in the manner of S3 answers 403 for a file that is not there to whoever may not list the bucket. That none is
    /// normal is not shown by this.
    private func forbiddenOrMissing(_ day: Day, _ url: URL, _ before: FetchedSource?) -> FetchedSource {
        let what = "\(url.shown) answers 403 AccessDenied, as storage does where a file is not there"
        if let before, !before.archives.isEmpty { return answer(before.archives) }
        if let end = rule.expiry(of: day, kind) {
            var expired = answer(.expired, rule.expired("source \(name): \(what)", end))
            expired.expiredAt = end
            return expired
        }
        return answer(
            .notReady,
            Failure(
                .notReady,
                "source \(name): \(what): there is no archive of \(day) yet, or it is not for everybody",
                advice:
                    "If it should be there, have the bucket allow reading it; with the right to list it answers 404 instead"
            )
        )
    }
}

extension ArchiveSource {
    /// The failure for a host to which the source redirects and which refuses.
    ///
    /// - Parameter what: what was to be fetched, as it is in a message.
    func storageFailure(_ refusal: FileRefusal, _ what: String) -> Failure {
        let code = refusal.storageCode.map { " \($0)" } ?? ""
        return Failure(
            .unreachable,
            "source \(name): \(refusal.host), to which it redirects for \(what), refuses with status \(refusal.status)\(code)",
            advice:
                "Check this machine's clock, by which signed addresses expire, and run it again; it is no matter of the "
                + "account's rights"
        )
    }

    /// The failure for a status that is none for a file.
    ///
    /// - Parameters:
    ///   - what: what was asked for, as it is in a message.
    ///   - key: the configuration's key that decides what is asked for.
    func unusable(_ refusal: FileRefusal, _ what: String, _ key: String) -> Failure {
        let isTheirs = refusal.status >= 500
        return Failure(
            isTheirs ? .unreachable : .badAnswer,
            "source \(name): \(what) answers with status \(refusal.status) instead of an archive",
            advice: isTheirs ? "Run it again later" : "Check \(key), and ask whoever provides it"
        )
    }
}

extension Failure {
    /// Whether it is about what a server gave, so that other sources can go on: a digest that does not agree included.
    var concernsDownload: Bool { concernsSource || code == .corrupt }
}

extension Validator {
    fileprivate var fingerprint: String {
        switch self {
        case .etag(let tag): "etag \(tag)"
        case .lastModified(let date): "modified \(date)"
        }
    }

    fileprivate init?(fingerprint: String) {
        let parts = fingerprint.split(separator: " ", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("etag", 2): self = .etag(parts[1])
        case ("modified", 2): self = .lastModified(parts[1])
        default: return nil
        }
    }
}
