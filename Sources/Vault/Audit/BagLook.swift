import Foundation
import Recordings
import Synchronization

/// One bag as it was found: what is wrong with its own files, and which audio files are to be read.
final class BagLook: Sendable {
    struct AudioFile: Sendable {
        let path: String
        let sha256: Digest
        /// By the row of the manifest; nil when there is none.
        let sizeBytes: Int64?
    }

    let day: Day
    let folder: HeldFolder
    /// Those with the same digest stand together: they can be one file with several names.
    let audio: [AudioFile]
    private let result: Mutex<(audit: DayAudit, open: Int)>

    /// - Parameter parts: how many parts of the audio are going to be read.
    init(_ folder: HeldFolder, _ audit: DayAudit, audio: [AudioFile]) {
        day = audit.day
        self.folder = folder
        self.audio = audio
        result = Mutex((audit, Self.parts(audio).count))
    }

    /// The audio in pieces that are worth being handed to another thread.
    var parts: [Range<Int>] { Self.parts(audio) }

    private static func parts(_ audio: [AudioFile]) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        var bytes: Int64 = 0
        for (index, file) in audio.enumerated() {
            bytes += (file.sizeBytes ?? 0) + 32_768
            let next = index + 1
            let isTogether = next < audio.count && audio[next].sha256 == file.sha256
            guard next == audio.count || (bytes > 16 << 20 && !isTogether) else { continue }
            parts.append(start..<next)
            (start, bytes) = (next, 0)
        }
        return parts
    }

    /// Adds what came out of reading one part.
    ///
    /// - Returns: the day's result when this was its last part.
    func finish(_ part: DayAudit) -> DayAudit? {
        result.withLock { result in
            result.audit.files += part.files
            result.audit.sizeBytes += part.sizeBytes
            result.audit.findings += part.findings
            result.open -= 1
            return result.open <= 0 ? result.audit : nil
        }
    }

    /// Whether nothing was found so far.
    var isClean: Bool { result.withLock { $0.audit.findings.isEmpty } }

    /// The day's result when there is no audio to be read.
    var resultWithoutAudio: DayAudit? {
        result.withLock { $0.open == 0 ? $0.audit : nil }
    }

    /// Reads some of the audio and compares it with what the manifest says.
    ///
    /// - Parameter didRead: told how many bytes were dealt with, file by file.
    func read(
        _ part: Range<Int>,
        _ buffer: inout ReadBuffer,
        didRead: (Int64) -> Void
    ) throws -> DayAudit {
        var audit = DayAudit(day: day)
        var last: (identity: FileIdentity, sha256: Digest, sizeBytes: Int64)?
        for index in part {
            try Task.checkCancellation()
            let expected = audio[index]
            do throws(Failure) {
                guard let file = try folder.file(expected.path) else {
                    audit.findings.append(AuditFinding(.missing, day, expected.path, "it is not in the bag"))
                    didRead(expected.sizeBytes ?? 0)
                    continue
                }
                audit.files += 1
                if let last, last.identity == file.identity {
                    // The same file under another name was read just now.
                    audit.findings += compare(expected, last.sha256, last.sizeBytes)
                } else {
                    let (sha256, size) = try file.digest(&buffer)
                    last = (file.identity, sha256, size)
                    audit.sizeBytes += size
                    audit.findings += compare(expected, sha256, size)
                }
            } catch {
                audit.findings.append(try Self.unreadable(error, day, expected.path))
            }
            didRead(expected.sizeBytes ?? 0)
        }
        return audit
    }

    private func compare(_ expected: AudioFile, _ sha256: Digest, _ size: Int64) -> [AuditFinding] {
        if sha256 != expected.sha256 {
            let detail =
                expected.sizeBytes.map { $0 == size ? "its bytes are others" : "it has \(size) bytes, not \($0)" }
            return [.changed(day, expected.path, detail, expected: expected.sha256, actual: sha256)]
        }
        if let declared = expected.sizeBytes, declared != size {
            let detail = "it says that \(expected.path) has \(declared) bytes, not \(size)"
            return [AuditFinding(.changed, day, BagFile.manifest, detail)]
        }
        return []
    }

    /// What cannot be read is a finding, unless nobody let this user read it, which says nothing about the bag.
    static func unreadable(_ failure: Failure, _ day: Day, _ path: String) throws(Failure) -> AuditFinding {
        if failure.isRefusal { throw failure }
        return AuditFinding(.unreadable, day, path, failure.message)
    }
}

extension AuditFinding {
    static func changed(
        _ day: Day,
        _ path: String,
        _ detail: String?,
        expected: Digest,
        actual: Digest
    ) -> AuditFinding {
        let digests = "SHA-256 \(actual.hex.prefix(8))…, not \(expected.hex.prefix(8))…"
        var finding = AuditFinding(.changed, day, path, [detail, digests].compactMap(\.self).joined(separator: ": "))
        finding.expectedSHA256 = expected
        finding.actualSHA256 = actual
        return finding
    }
}

extension Failure {
    /// Whether the system refused because of who asked; such failures come with an advice.
    fileprivate var isRefusal: Bool { code == .fileSystem && advice != nil }
}
