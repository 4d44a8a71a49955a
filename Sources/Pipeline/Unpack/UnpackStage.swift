import ArchiveReader
import Failpoints
import Foundation
import Logging
package import Recordings
import Settings
import Vault

/// Reads every archive of a day once, and leaves its members' bytes, digests and audio facts in the work folder.
package struct UnpackStage: Sendable {
    let vault: Vault
    let limits: Configuration.Limits
    /// By the sources' names.
    let passphrases: [String: Secret]
    /// In which formats without a zone of their own, such as zip, give times.
    let timeZone: TimeZone
    let supervisor: UnpackSupervisor
    /// How many archives are read at the same time.
    let width: Int
    let log: Logger

    /// Unpacks what the fetch stage left; archives that were read to their end before are left alone.
    ///
    /// What is wrong with an archive's content is said in its record. An archive that cannot be read as a file, because it
    /// is gone or the disk fails, is taken out of its source's answer, which says so from then on.
    ///
    /// - Returns: why archives could not be read, one for each source.
    /// - Throws: what makes going on pointless, such as a full disk, and cancellation.
    @discardableResult
    package func run(_ day: Day, progress: StageProgress) async throws -> [Failure] {
        let work = WorkFiles(vault, day)
        guard var fetched = try work.fetched() else {
            throw Failure(
                .notReady,
                "nothing is fetched for \(day)",
                advice: "Run the stage before first: dialvault fetch \(day)"
            )
        }
        let orders = try orders(fetched, work)
        guard !orders.isEmpty else { return [] }
        try FileSystem.createFolders(work.path("unpack"), mode: vault.modes.directory)
        // A record is what makes rows count: it goes first and comes last.
        for order in orders { try FileSystem.removeTree(work.path(order.key + ".json")) }
        Failpoint.reach("unpack: former records removed")
        let results = try await supervisor.unpack(orders.map { request($0, work) }, width: width) { place, done in
            let order = orders[place]
            progress.report(
                "\(order.source)/\(order.archive.name)",
                done: done.readBytes,
                of: order.archive.sizeBytes,
                .bytes
            )
        }
        Failpoint.reach("unpack: archives read")
        var failures: [Failure] = []
        for (order, result) in zip(orders, results) {
            switch result {
            case .success(let archive): try keep(archive, of: order, work)
            case .failure(let cause):
                // What can be read to its end is not what failed: it is the vault's own disk.
                guard !isReadable(order.archive) else { throw cause }
                let failure = unreadable(order, cause)
                log.warning("\(day) \(failure)")
                if fetched.note(failure, about: order.archive, of: order.source) { failures.append(failure) }
            }
        }
        try work.save(fetched)
        return failures
    }

    private func isReadable(_ archive: FetchedArchive) -> Bool {
        do { return try vault.digest(of: archive.path) != nil } catch { return false }
    }

    private func unreadable(_ order: Order, _ cause: Failure) -> Failure {
        // A source that is not there to be read is one that cannot be reached, whatever the system says of it.
        Failure(
            cause.code == .fileSystem ? .unreachable : cause.code,
            "source \(order.source): \(cause.message)",
            advice: cause.advice ?? "Check the archive and the disk that it is on, and run the day again"
        )
    }

    /// One archive that is to be read.
    private struct Order: Sendable {
        let source: String
        let archive: FetchedArchive
        /// Names its files in the work folder.
        let key: String
        /// The file before it is read: should it be another one afterwards, its writer had not finished.
        let sizeBytes: Int64?
        let modifiedNanoseconds: Int64?
    }

    private func orders(_ fetched: FetchedDay, _ work: WorkFiles) throws -> [Order] {
        let published = try vault.knownDay(work.day)?.recordings ?? []
        let locations = AudioLocations(vault, work.day, published: published)
        return try fetched.sources.flatMap { source in
            try source.archives.filter { try !work.isUnpacked($0, of: source.name, locations) }.map { archive in
                let before = FileSystem.attributes(archive.path)
                return Order(
                    source: source.name,
                    archive: archive,
                    key: work.unpackKey(archive, of: source.name),
                    sizeBytes: before?.sizeBytes,
                    modifiedNanoseconds: before?.modifiedNanoseconds
                )
            }
        }
    }

    private func request(_ order: Order, _ work: WorkFiles) -> UnpackRequest {
        var request = UnpackRequest(
            archivePath: order.archive.path,
            archiveName: order.archive.name,
            blobsFolder: vault.blobs(work.day),
            rowsPath: work.path(order.key + ".jsonl"),
            modes: vault.modes
        )
        request.timeZone = timeZone.identifier
        request.limits = ArchiveLimits(limits)
        request.passphrase = passphrases[order.source]?.exposed
        request.allowsRAR = limits.allowsRAR
        request.archiveSHA256 = order.archive.sha256
        return request
    }

    /// What the operator can do about members that stayed encrypted.
    private func advice(_ result: UnpackedArchive, _ source: String) -> String? {
        let key = "dialer.sources[\(source)].passphrase"
        return switch result.encryption {
        case nil: nil
        case .noPassphrase: "give its passphrase with \(key)_file or \(key)_command"
        case .notOpened: "check \(key): it is not what the archive was encrypted with, or the archive is damaged"
        case .notSupported: "have it sent as a zip: only a zip's encryption is read"
        }
    }

    private func keep(_ received: UnpackedArchive, of order: Order, _ work: WorkFiles) throws {
        var result = received
        let parts = [result.detail, advice(result, order.source)].compactMap(\.self)
        result.detail = parts.isEmpty ? nil : parts.joined(separator: "; ")
        let after = FileSystem.attributes(order.archive.path)
        let record = UnpackRecord(
            source: order.source,
            archive: order.archive,
            result: result,
            changedWhileRead: after?.sizeBytes != order.sizeBytes
                || after?.modifiedNanoseconds != order.modifiedNanoseconds
        )
        if result.state == .unreadable, order.archive.path.hasPrefix(vault.root + "/") {
            // What was downloaded in place of an archive is kept as bytes that were received.
            try FileSystem.createFolders(vault.blobs(work.day), mode: vault.modes.directory)
            try FileSystem.link(
                order.archive.path,
                to: vault.blob(result.sha256, of: work.day),
                mode: vault.modes.sealed
            )
        }
        if let detail = result.detail {
            log.warning("\(work.day) \(order.source): \(order.archive.name): \(detail)")
        }
        try work.write(try JSONLines.line(record), to: order.key + ".json")
    }
}

extension FetchedDay {
    /// Takes out an archive that could not be read after all. Returns whether the source had no failure before.
    fileprivate mutating func note(_ failure: Failure, about archive: FetchedArchive, of source: String) -> Bool {
        guard let place = sources.firstIndex(where: { $0.name == source }) else { return false }
        sources[place].archives.removeAll { $0.name == archive.name }
        sources[place].state = sources[place].archives.isEmpty ? .failed : .partial
        guard let before = sources[place].failure else {
            sources[place].failure = failure
            return true
        }
        sources[place].failure = Failure(
            before.code,
            "\(before.message); \(failure.message)",
            advice: before.advice ?? failure.advice
        )
        return false
    }
}
