import Foundation
import Recordings
import Vault

/// One source's downloads of one day, in the work folder.
///
/// What has come whole is noted beside it, so that a run which ends before all archives are there, or before they are
/// unpacked, leaves nothing to be fetched twice.
struct DownloadShelf {
    private let work: WorkFiles
    private let source: String
    private let folder: String

    /// Makes the folder.
    init(_ vault: Vault, _ day: Day, of source: String) throws {
        work = WorkFiles(vault, day)
        self.source = source
        folder = WorkFiles.downloads(of: source)
        try FileSystem.createFolders(work.path(folder), mode: vault.modes.directory)
    }

    /// Where an archive's bytes go. Its name is data, so its digest stands for it.
    func path(_ name: String) -> String { work.path(key(name)) }

    private func key(_ name: String) -> String { "\(folder)/\(Digest(of: Data(name.utf8)).hex.prefix(16))" }

    /// An archive that came whole and was not found damaged since; nil when there is none.
    func kept(_ name: String) throws -> FetchedArchive? {
        guard let archive = try work.value(FetchedArchive.self, in: key(name) + ".json"),
            FileSystem.attributes(path(name))?.sizeBytes == archive.sizeBytes
        else { return nil }
        let record = try work.unpackRecord(archive, of: source)
        if let record, record.archive.fingerprint == archive.fingerprint, !record.isFinal { return nil }
        return archive
    }

    /// Notes that an archive has come whole.
    ///
    /// - Parameter sha256: nil where it was not hashed on its way.
    func keep(_ name: String, sizeBytes: Int64, sha256: Digest? = nil, fingerprint: String) throws -> FetchedArchive {
        let archive = FetchedArchive(
            name: name,
            path: path(name),
            sizeBytes: sizeBytes,
            fingerprint: fingerprint,
            sha256: sha256
        )
        try work.write(try JSONLines.line(archive), to: key(name) + ".json")
        return archive
    }

    /// Whether an earlier run received anything here.
    var hasLeftovers: Bool {
        get throws {
            try FileSystem.list(work.path(folder))
                .contains { FileSystem.attributes(work.path("\(folder)/\($0)")).map { $0.sizeBytes > 0 } ?? false }
        }
    }
}
