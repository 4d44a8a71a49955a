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
    /// What the archive's sidecars say of its members, and what they list beside them.
    let sidecars: JoinedSidecars
    /// Members that the source's configuration calls irrelevant.
    let ignored: IgnoredMembers
    let names: FilenameReader
    let timeZone: TimeZone

    struct Outcome {
        var recordings: [Recording] = []
        var exceptions: [Exception] = []
        /// Entries other than directories and sidecars, as the reader counted them where it came to the archive's end.
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
        let sources = Set(sidecars.sources.map(\.member))
        let canUseTimes = MemberTimes.canBeCalls(members.filter(\.isAudio).compactMap(\.modifiedAt))
        let identities = identities()
        var seen: Set<String> = []
        for (position, member) in members.enumerated() where !sources.contains(position) {
            outcome.members += 1
            // Two entries can have one name; each is a member, and the second is told by its place.
            let name = seen.insert(member.name).inserted ? member.name : "\(member.name) (entry \(member.index))"
            switch member.content {
            case .refused(let reason, let detail):
                outcome.exceptions.append(exception(member, name, reason, detail))
            case .file(let findings):
                guard let audio = findings.audio else {
                    outcome.exceptions.append(exception(member, name, findings))
                    continue
                }
                let (recording, note) = recording(
                    member,
                    name,
                    findings,
                    audio,
                    sidecars.metadata(of: position),
                    identities,
                    canUseTimes ? member.modifiedAt : nil
                )
                outcome.recordings.append(recording)
                if let note { outcome.notes.append("\(name): \(note)") }
            }
        }
        outcome.notes += sidecarNotes
        if let tally = record.result.tally, tally.isFinal { outcome.members = tally.expectedRows - sources.count }
        if isPartlyRead { outcome.exceptions.append(unreadableArchive) }
        return outcome
    }

    /// Which of the ids that rows and names give is one member's alone.
    private func identities() -> MemberIdentities {
        var identities = MemberIdentities()
        for (position, member) in members.enumerated() where member.isAudio {
            identities.add(
                sidecars.metadata(of: position)?.recordingID,
                names.metadata(of: member.name, near: day).recordingID
            )
        }
        return identities
    }

    private var sidecarNotes: [String] {
        let problems = sidecars.sources.flatMap { source in
            source.problems.map { "\(members[source.member].name): \($0)" }
        }
        let refusals = sidecars.refusals.map { "\(members[$0.member].name) is not read: \($0.reason)" }
        let ambiguous = sidecars.ambiguous.prefix(3).map { row in
            "\(members[row.sidecar].name), row \(row.number): \(row.name) could be several members, and describes none"
        }
        return problems + refusals + ambiguous
    }

    // MARK: Recordings

    private func recording(
        _ member: Member,
        _ name: String,
        _ findings: AudioFindings,
        _ audio: AudioFacts,
        _ row: CallMetadata?,
        _ identities: MemberIdentities,
        _ memberTime: Timestamp?
    ) -> (Recording, note: String?) {
        let sha256 = member.sha256 ?? record.result.sha256
        let named = names.metadata(of: member.name, near: day)
        let metadata = row?.completed(by: named) ?? named
        let start = StartResolution(
            StartResolution.Evidence(
                sidecar: row?.startedAt,
                filename: named.startedAt,
                unread: metadata.unreadStarts,
                memberTime: memberTime,
                durationMs: audio.durationMs
            ),
            archiveDay: day,
            zone: timeZone
        )
        let id =
            identities.identity(row?.recordingID, named.recordingID) ?? Self.derivedID(sha256, member.baseName)
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
            defects: findings.defects + start.defects,
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
        recording.defects += declarationDefects(recording, metadata, findings, member)
        if record.result.crcMismatch {
            recording.defects.append(
                Defect(.archiveCRC, "the checksum of \(record.archive.name) does not match its content")
            )
        }
        recording.verdict = recording.defects.isEmpty ? .verified : .degraded
        return (recording, start.note)
    }

    /// Where the audio is not what sidecar and name declare.
    private func declarationDefects(
        _ recording: Recording,
        _ metadata: CallMetadata,
        _ findings: AudioFindings,
        _ member: Member
    ) -> [Defect] {
        let declaration = Declaration(
            contentType: recording.declared?.contentType,
            sizeBytes: recording.declared?.sizeBytes
        )
        let mismatches = declaration.compared(with: findings, sizeBytes: member.sizeBytes).defects
        return mismatches + [metadata.durationMismatch(audioMs: findings.audio?.durationMs)].compactMap(\.self)
    }

    /// The id of a file that carries none: made from its bytes and its base name.
    private static func derivedID(_ sha256: Digest, _ baseName: String) -> RecordingID {
        RecordingID(derivedFrom: Digest(of: Data("\(sha256.hex)\n\(baseName)".utf8)))
    }

    // MARK: Exceptions

    /// A file that does not play. Only what is known not to be a recording, or is ignored by the configuration, leaves
    /// nothing open.
    private func exception(_ member: Member, _ name: String, _ findings: AudioFindings) -> Exception {
        let kind = findings.recognisedAs ?? "not a known format"
        if let pattern = ignored.pattern(matching: member) {
            return exception(member, name, .notSelected, "it matches \(pattern) of the source's ignore; it is \(kind)")
        }
        let ending = member.baseName.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if findings.isKnownNotToBeRecording(isNamedAsAudio: AudioFormat.allFileExtensions.contains(ending)) {
            return exception(member, name, .notAudio, "it is \(kind)")
        }
        if findings.kind == .unsupportedAudio { return exception(member, name, .unsupportedAudio, "it is \(kind)") }
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

    /// A recording that a sidecar lists and that did not come.
    func notDelivered(_ row: JoinedSidecars.Row) -> Exception {
        var exception = archiveException
        exception.reason = .notDelivered
        exception.detail = "\(members[row.sidecar].name) lists it in row \(row.number), and no archive has it"
        exception.member = row.name
        exception.recordingID = row.metadata.recordingID
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

/// Which members a source's configuration calls irrelevant: `ignore`, patterns over the member's whole name or its last part.
struct IgnoredMembers: Sendable {
    private let patterns: [(text: String, wildcard: Wildcard)]

    init(_ patterns: [String]) {
        self.patterns = patterns.map { ($0, Wildcard($0)) }
    }

    /// The pattern that a member matches; nil for none.
    func pattern(matching member: Member) -> String? {
        patterns.first { $0.wildcard.matches(member.name) || $0.wildcard.matches(member.baseName) }?.text
    }
}
