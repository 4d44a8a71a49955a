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
    private let onMissing: Configuration.OnMissing

    package init(
        _ name: String,
        _ place: DialerSource.HTTPS,
        _ configuration: Configuration,
        authorization: Download.Authorization,
        download: Download,
        vault: Vault
    ) {
        self.name = name
        self.place = place
        self.authorization = authorization
        self.download = download
        self.vault = vault
        timeZone = configuration.timezone
        onMissing = configuration.dialer.onMissing
    }

    package func fetch(_ day: Day, before: FetchedSource?, progress: StageProgress) async throws -> FetchedSource {
        let text = place.url.expanded(for: day, in: timeZone)
        guard let url = URL(string: text), let archiveName = url.pathComponents.last, archiveName != "/" else {
            throw Failure(
                .configuration,
                "source \(name): \(text) is not the URL of a file",
                advice: "Correct dialer.sources[\(name)].url"
            )
        }
        let folder = WorkFiles(vault, day).path(WorkFiles.downloads(of: name))
        try FileSystem.createFolders(folder, mode: vault.modes.directory)
        let path = "\(folder)/archive"
        let previous = before?.archives.first
        var order = Download.Order(url: url, destination: path)
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
            return try answer(outcome, day, url, archiveName, path, previous)
        } catch let failure as Failure where failure.concernsSource {
            return answer(.failed, failure)
        }
    }

    private func answer(
        _ outcome: Download.Outcome,
        _ day: Day,
        _ url: URL,
        _ archiveName: String,
        _ path: String,
        _ previous: FetchedArchive?
    ) throws -> FetchedSource {
        switch outcome {
        case .downloaded(let receipt):
            let fingerprint = receipt.validator?.fingerprint ?? receipt.sha256.hex
            return answer([
                FetchedArchive(name: archiveName, path: path, sizeBytes: receipt.bytes, fingerprint: fingerprint)
            ])
        case .unchanged:
            return answer([previous].compactMap(\.self))
        case .notFound:
            return missing(day, url)
        case .gone:
            return answer(
                .expired,
                Failure(.notFound, "source \(name): the archive of \(day) is gone from \(url.withoutQuery)")
            )
        case .refused(let status):
            return answer(
                .failed,
                Failure(
                    .credentials,
                    "source \(name): \(url.withoutQuery) refuses with status \(status)",
                    advice: "Check the credentials of dialer.sources[\(name)]"
                )
            )
        case .notReady(let detail):
            return answer(
                .notReady,
                Failure(
                    .notReady,
                    "source \(name): the archive of \(day) is not ready: \(detail)",
                    advice: "The next run takes it"
                )
            )
        }
    }

    private func missing(_ day: Day, _ url: URL) -> FetchedSource {
        switch onMissing {
        case .empty: answer(.empty, nil)
        case .notReady:
            answer(
                .notReady,
                Failure(
                    .notReady,
                    "source \(name): there is no archive of \(day) at \(url.withoutQuery)",
                    advice: "Run the day again when it has arrived; dialer.on_missing: empty says that none is normal"
                )
            )
        }
    }
}

extension URL {
    /// The address as it can be shown: a query can hold a signature.
    fileprivate var withoutQuery: String {
        var parts = URLComponents(url: self, resolvingAgainstBaseURL: false)
        parts?.query = nil
        return parts?.string ?? "its address"
    }
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
