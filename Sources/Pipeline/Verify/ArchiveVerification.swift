import ArchiveReader
import AudioProbe
import CallMetadata
import Foundation
import Recordings
import Vault

/// What the members of one archive make: recordings and exceptions. Values in, values out.
struct ArchiveVerification {
    let day: Day
    let source: String
    let record: UnpackRecord
    let members: [Member]
    /// The members that describe others, by their place in the archive.
    let sidecars: [Int: Sidecar]
    let names: FilenameReader
    let timeZone: TimeZone

    struct Outcome {
        var recordings: [Recording] = []
        var exceptions: [Exception] = []
        /// Entries other than directories and sidecars.
        var members = 0
        /// What a person may want to know, and what nothing depends on.
        var notes: [String] = []
    }

    /// The archive as the day's summary names it.
    var archive: DaySummary.Archive {
        DaySummary.Archive(
            name: record.archive.name,
            sizeBytes: record.result.sizeBytes,
            sha256: record.result.sha256
        )
    }

    /// Whether something of the archive was not reached.
    var isPartlyRead: Bool { record.result.state != .complete }

    /// What is wrong with the archive as a whole; nil when nothing is.
    var damage: String? {
        if isPartlyRead { return record.result.detail ?? "not read to its end" }
        return record.result.crcMismatch ? "its checksum does not match" : nil
    }

    func outcome() -> Outcome {
        var outcome = Outcome()
        let rows = sidecars.sorted { $0.key < $1.key }.reduce(into: [String: CallMetadata]()) { rows, sidecar in
            rows.merge(sidecar.value.rows) { first, second in first.completed(by: second) }
        }
        let canUseTimes = MemberTimes.canBeCalls(members.filter(\.isAudio).compactMap(\.modifiedAt))
        var seen: Set<String> = []
        for member in members where sidecars[member.index] == nil {
            outcome.members += 1
            // Two entries can have one name; each is a member, and the second is told by its place.
            let name = seen.insert(member.name).inserted ? member.name : "\(member.name) (entry \(member.index))"
            switch member.content {
            case .refused(let reason, let detail):
                outcome.exceptions.append(exception(member, name, reason, detail))
            case .file(let findings):
                if let audio = findings.audio {
                    let (recording, note) = recording(
                        member,
                        name,
                        findings,
                        audio,
                        rows[member.baseName],
                        canUseTimes ? member.modifiedAt : nil
                    )
                    outcome.recordings.append(recording)
                    if let note { outcome.notes.append("\(name): \(note)") }
                } else {
                    outcome.exceptions.append(exception(member, name, findings))
                }
            }
        }
        if isPartlyRead { outcome.exceptions.append(unreadableArchive) }
        return outcome
    }

    // MARK: Recordings

    private func recording(
        _ member: Member,
        _ name: String,
        _ findings: AudioFindings,
        _ audio: AudioFacts,
        _ row: CallMetadata?,
        _ memberTime: Timestamp?
    ) -> (Recording, note: String?) {
        let sha256 = member.sha256 ?? record.result.sha256
        let named = names.metadata(of: member.name, near: day)
        let metadata = row?.completed(by: named) ?? named
        let start = StartResolution(
            StartResolution.Evidence(
                sidecar: row?.startedAt,
                filename: named.startedAt,
                memberTime: memberTime,
                durationMs: audio.durationMs
            ),
            archiveDay: day,
            zone: timeZone
        )
        let id = metadata.recordingID ?? Self.derivedID(sha256, member.baseName)
        var recording = Recording(
            recordingID: id,
            startedAt: start.startedAt,
            startedAtFrom: start.origin,
            day: Day.localTime(at: start.startedAt, in: timeZone).date,
            channel: .dialer,
            path: Recording.path(
                channel: .dialer,
                startedAt: start.startedAt,
                id: id,
                fileExtension: audio.fileExtension,
                in: timeZone
            ),
            sha256: sha256,
            sizeBytes: member.sizeBytes,
            audio: audio,
            verdict: .verified,
            defects: findings.defects,
            sources: [
                .archive(
                    source: source,
                    archive: record.archive.name,
                    sha256: record.result.sha256,
                    member: name
                )
            ]
        )
        metadata.describe(&recording)
        if let declared = recording.declared {
            recording.defects +=
                Declaration(
                    contentType: declared.contentType,
                    duration: declared.durationMs,
                    sizeBytes: declared.sizeBytes
                ).compared(with: findings, sizeBytes: member.sizeBytes).defects
        }
        if record.result.crcMismatch {
            recording.defects.append(
                Defect(.archiveCRC, "the checksum of \(record.archive.name) does not match its content")
            )
        }
        recording.verdict = recording.defects.isEmpty ? .verified : .degraded
        return (recording, start.note)
    }

    /// The id of a file that carries none: made from its bytes and its base name.
    private static func derivedID(_ sha256: Digest, _ baseName: String) -> RecordingID {
        RecordingID(derivedFrom: Digest(of: Data("\(sha256.hex)\n\(baseName)".utf8)))
    }

    // MARK: Exceptions

    /// A file that is no audio: one that should be, by its name, is `rejected-audio`, any other `not-audio`.
    private func exception(_ member: Member, _ name: String, _ findings: AudioFindings) -> Exception {
        let kind = findings.recognisedAs ?? "no known format"
        let extensions: Set = ["mp3", "wav", "ogg", "oga", "opus", "flac", "m4a", "mp4", "amr", "au", "gsm", "spx"]
        let ending = member.baseName.split(separator: ".").last.map { $0.lowercased() } ?? ""
        guard extensions.contains(ending) else { return exception(member, name, .notAudio, "it is \(kind)") }
        return exception(member, name, .rejectedAudio, "the audio does not play: it is \(kind)")
    }

    private func exception(
        _ member: Member,
        _ name: String,
        _ reason: Exception.Reason,
        _ detail: String
    ) -> Exception {
        var exception = archiveException
        exception.reason = reason
        exception.detail = detail
        exception.member = name
        exception.sha256 = member.sha256
        exception.sizeBytes = member.sha256 == nil ? nil : member.sizeBytes
        return exception
    }

    /// The archive's own exception; where nothing of it can be read, with the bytes that came in its place.
    private var unreadableArchive: Exception {
        var exception = archiveException
        if record.result.state == .unreadable {
            exception.sha256 = record.result.sha256
            exception.sizeBytes = record.result.sizeBytes
        }
        return exception
    }

    private var archiveException: Exception {
        var exception = Exception(
            day: day,
            source: source,
            reason: .unreadableArchive,
            detail: record.result.detail ?? "the archive cannot be read to its end"
        )
        exception.archive = record.archive.name
        exception.archiveSHA256 = record.result.sha256
        return exception
    }
}
