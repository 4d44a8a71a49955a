import ArchiveReader
import Foundation
import Logging
import Platform
import Recordings
import Vault

/// Fetches many recordings in one ZIP of the files API, through the same unpack path as the dialer's archives.
///
/// Whatever it does not bring, or brings in a way that cannot be told apart, is the single download's to fetch.
struct BulkDownload: Sendable {
    let client: PlatformClient
    let vault: Vault
    let day: Day
    let supervisor: UnpackSupervisor
    let limits: ArchiveLimits
    let endpoint: BulkEndpoint
    let log: Logger

    /// The audio of as many of `items` as one request brings.
    ///
    /// - Throws: what the platform's refusal of the account and the disk's throw. That the endpoint does not work is noted.
    func fetch(_ items: [ListedRecording]) async throws -> [RecordingID: IncomingAudio.Received] {
        let work = WorkFiles(vault, day)
        let path = work.path("bulk.zip")
        defer { try? FileSystem.removeTree(path) }
        switch try await download(items.compactMap { $0.file?.id }, to: path) {
        case .nothing(let detail):
            log.notice("the bulk download brought nothing (\(detail)): its recordings are fetched one by one")
            return [:]
        case .refused(let detail):
            if try endpoint.noteRefusal(detail) {
                log.warning(
                    """
                    the platform's bulk download does not work for this account (\(detail)): recordings are fetched one \
                    by one from now on; remove \(endpoint.vault.bulkKnowledge) to have it tried again
                    """
                )
            }
            return [:]
        case .archive:
            return try await unpack(items, path, work)
        }
    }

    private enum Answer {
        case archive
        /// Trouble of this request.
        case nothing(String)
        /// The endpoint is not there, not allowed, or does something else.
        case refused(String)
    }

    private func download(_ files: [String], to path: String) async throws -> Answer {
        let limit = limits.archiveBytes
        var isText = false
        var opening = Data()
        try FileSystem.createFolders(vault.work(day), mode: vault.modes.directory)
        try FileSystem.removeTree(path)
        var file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: vault.modes.working)
        let outcome = try await client.archive(ofFiles: files, limit: limit) { event in
            switch event {
            case .begin(let head):
                isText = head.claimsText
                guard head.offset == 0 else { return }
                try file.empty()
                opening = Data()
            case .bytes(let bytes):
                if opening.count < 4 { opening.append(contentsOf: bytes.prefix(4 - opening.count)) }
                try file.write(Data(bytes))
            }
        }
        try file.close()
        switch outcome {
        case .gone(let status), .refused(let status): return .refused("status \(status)")
        case .unavailable(let detail): return .nothing(detail)
        case .troubled(let trouble): return .nothing(trouble.failure.message)
        case .received:
            // The signature of a local header or of an empty archive's directory (APPNOTE.TXT 4.3.7, 4.3.16).
            let isZip = opening == Data("PK\u{3}\u{4}".utf8) || opening == Data("PK\u{5}\u{6}".utf8)
            return isZip ? .archive : .refused(isText ? "it answers with a text" : "what it answers with is no ZIP")
        }
    }

    private func unpack(
        _ items: [ListedRecording],
        _ path: String,
        _ work: WorkFiles
    ) async throws -> [RecordingID: IncomingAudio.Received] {
        let rows = "bulk.jsonl"
        var request = UnpackRequest(
            archivePath: path,
            archiveName: "bulk.zip",
            blobsFolder: vault.blobs(day),
            rowsPath: work.path(rows),
            modes: vault.modes
        )
        request.limits = limits
        let archive = try await supervisor.unpack(request)
        let members = try work.rows(Member.self, in: rows)
        try FileSystem.removeTree(work.path(rows))
        if let detail = archive.detail { log.notice("a bulk download is not whole: \(detail)") }
        try endpoint.noteSuccess()
        return BulkMatch(items: items, members: members).matches().compactMapValues { member in
            guard case .file(let findings) = member.content, let sha256 = member.sha256 else { return nil }
            return IncomingAudio.Received(sha256: sha256, sizeBytes: member.sizeBytes, findings: findings)
        }
    }
}

/// What is known of the account's bulk download, in a file of the vault's: whether it ever worked, and if not, why not.
struct BulkEndpoint: Sendable {
    let vault: Vault
    /// The account's address: what is known of one says nothing of another.
    let baseURL: String

    private struct Knowledge: Codable {
        var baseURL: String
        var refusal: String?
    }

    private func knowledge() throws -> Knowledge? {
        guard let data = try FileSystem.read(vault.bulkKnowledge),
            let known = try? JSONDecoder().decode(Knowledge.self, from: data),
            known.baseURL == baseURL
        else { return nil }
        return known
    }

    /// False once the platform has refused it to this account.
    func isWorthTrying() throws -> Bool { try knowledge()?.refusal == nil }

    /// Notes that it does not work, unless it has worked before: then it is this request's trouble.
    ///
    /// - Returns: whether it is given up from now on.
    func noteRefusal(_ detail: String) throws -> Bool {
        if let known = try knowledge(), known.refusal == nil { return false }
        try save(Knowledge(baseURL: baseURL, refusal: detail))
        return true
    }

    func noteSuccess() throws {
        if try knowledge() == nil { try save(Knowledge(baseURL: baseURL)) }
    }

    private func save(_ knowledge: Knowledge) throws {
        try vault.remember(try JSONLines.line(knowledge), in: vault.bulkKnowledge)
    }
}
