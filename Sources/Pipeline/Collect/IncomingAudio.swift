import AudioProbe
import Failpoints
import Foundation
import Platform
import Recordings
import Vault

import struct Crypto.SHA256

/// Takes in one audio file from the platform: hashes it, probes it and writes it in one go.
///
/// What came before a cut stays, with the server's word on which file it is a part of, and the next run goes on from
/// there. Not to be shared: one download, one task.
final class IncomingAudio {
    private let vault: Vault
    private let day: Day
    private let partial: String
    private var validatorPath: String { partial + ".validator" }
    private var file: OpenFile
    private var hash = SHA256()
    private var probe = AudioProbe()
    private var validator: Validator?
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
        let folder = WorkFiles(vault, day).path(WorkFiles.incomingAudio)
        partial = "\(folder)/\(id)"
        try FileSystem.createFolders(folder, mode: vault.modes.directory)
        try FileSystem.createFolders(vault.blobs(day), mode: vault.modes.directory)
        file = try OpenFile(partial, flags: O_RDWR | O_CREAT, mode: vault.modes.working)
        try restore()
    }

    /// What an earlier run left; nil when there is nothing to go on from.
    var resumption: Resumption? {
        guard sizeBytes > 0, let validator else { return nil }
        return Resumption(offset: sizeBytes, validator: validator)
    }

    /// Reads what is there already through hash and probe.
    private func restore() throws {
        guard let saved = try FileSystem.read(validatorPath),
            let known = try? JSONDecoder().decode(Validator.self, from: saved)
        else { return try startOver(nil) }
        validator = known
        while case let chunk = try file.read(upTo: 1 << 16), !chunk.isEmpty { take(chunk) }
    }

    func take(_ event: AudioEvent) throws {
        switch event {
        case .begin(let head):
            if head.offset == sizeBytes, head.offset > 0 { return }
            guard head.offset == 0 else {
                throw Failure(
                    .badAnswer,
                    "the platform answers from byte \(head.offset) on, and \(sizeBytes) bytes are here"
                )
            }
            try startOver(head.resumptionMark)
        case .bytes(let bytes):
            let data = Data(bytes)
            try file.write(data)
            Failpoint.reach("collect: bytes written")
            take(data)
        }
    }

    private func take(_ data: Data) {
        hash.update(data: data)
        data.withUnsafeBytes { probe.consume($0) }
        sizeBytes += Int64(data.count)
    }

    /// Ends the file and puts it in its place. It is durable when the day is published.
    func finish() throws -> Received {
        try file.close()
        Failpoint.reach("collect: audio received")
        let digest = Digest(bytes: hash.finalize())
        let blob = vault.blob(digest, of: day)
        try FileSystem.rename(partial, to: blob)
        try FileSystem.setMode(blob, vault.modes.sealed)
        try FileSystem.removeTree(validatorPath)
        Failpoint.reach("collect: audio in place")
        return Received(sha256: digest, sizeBytes: sizeBytes, findings: probe.finish())
    }

    /// Forgets what came: it is of no use to the next run.
    func discard() throws {
        try FileSystem.removeTree(partial)
        try FileSystem.removeTree(validatorPath)
    }

    private func startOver(_ validator: Validator?) throws {
        try discard()
        if let validator {
            let saved = try JSONEncoder().encode(validator)
            try FileSystem.write(saved, to: validatorPath, mode: vault.modes.working)
        }
        file = try OpenFile(partial, flags: O_RDWR | O_CREAT | O_EXCL, mode: vault.modes.working)
        self.validator = validator
        hash = SHA256()
        probe = AudioProbe()
        sizeBytes = 0
    }
}
