import AudioProbe
import Foundation
import Platform
import Recordings
import Vault

import struct Crypto.SHA256

/// Takes in one audio file from the platform: hashes it, probes it and writes it in one go.
///
/// Not to be shared: one download, one task.
final class IncomingAudio {
    private let vault: Vault
    private let day: Day
    private let temporary: String
    private var file: OpenFile
    private var hash = SHA256()
    private var probe = AudioProbe()
    private(set) var sizeBytes: Int64 = 0

    /// What came in, stored under its digest.
    struct Received {
        let sha256: Digest
        let sizeBytes: Int64
        let findings: AudioFindings
    }

    /// - Parameter id: names the file while it is being written.
    init(_ vault: Vault, _ day: Day, _ id: RecordingID) throws {
        self.vault = vault
        self.day = day
        temporary = "\(vault.blobs(day))/\(id).incoming"
        try FileSystem.createFolders(vault.blobs(day), mode: vault.modes.directory)
        file = try Self.create(temporary, vault.modes)
    }

    deinit {
        unlink(temporary)
    }

    func take(_ event: AudioEvent) throws {
        switch event {
        case .begin(let head):
            if head.offset == sizeBytes { return }
            guard head.offset == 0 else {
                throw Failure(
                    .badAnswer,
                    "the platform answers from byte \(head.offset) on, and \(sizeBytes) bytes are here"
                )
            }
            try startOver()
        case .bytes(let bytes):
            hash.update(data: bytes)
            bytes.withUnsafeBytes { probe.consume($0) }
            try file.write(Data(bytes))
            sizeBytes += Int64(bytes.count)
        }
    }

    /// Ends the file and puts it in its place. It is durable when the day is published.
    func finish() throws -> Received {
        try file.close()
        let digest = Digest(bytes: hash.finalize())
        try FileSystem.rename(temporary, to: vault.blob(digest, of: day))
        return Received(sha256: digest, sizeBytes: sizeBytes, findings: probe.finish())
    }

    private func startOver() throws {
        file = try Self.create(temporary, vault.modes)
        hash = SHA256()
        probe = AudioProbe()
        sizeBytes = 0
    }

    private static func create(_ path: String, _ modes: FileModes) throws(Failure) -> OpenFile {
        try FileSystem.removeTree(path)
        return try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: modes.sealed)
    }
}
