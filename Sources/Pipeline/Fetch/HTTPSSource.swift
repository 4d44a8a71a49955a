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
        case .refused(let status):
            return answer(
                .failed,
                Failure(
                    .credentials,
                    "source \(name): \(url.shown) refuses with status \(status)",
                    advice: "Check the credentials of dialer.sources[\(name)]"
                )
            )
        case .notReady(let detail):
            return notReady("the archive of \(day) is not ready: \(detail)")
        }
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
