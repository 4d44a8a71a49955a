import AudioProbe
import CallMetadata
import Foundation
import Logging
package import Recordings
import Vault

/// Makes recordings with a verdict out of what was unpacked: rows, names and sidecars. No audio byte is read again.
package struct VerifyStage: Sendable {
    private let vault: Vault
    private let timeZone: TimeZone
    private let names: FilenamePatterns
    private let columns: SidecarColumns
    private let rule: SelectionRule
    /// By the sources' names.
    private let ignored: [String: IgnoredMembers]
    private let log: Logger
    /// What a verification follows from beside the work folder's files.
    private let settings: [String]

    /// - Parameter software: name and version: another one may read the same otherwise.
    /// - Throws: `Failure` with code `configuration` for a pattern that is none.
    init(
        vault: Vault,
        timeZone: TimeZone,
        filenamePatterns: [String],
        sidecarColumns: SidecarColumns = .automatic,
        ignore: [String: [String]] = [:],
        rule: SelectionRule,
        software: String,
        log: Logger
    ) throws {
        self.vault = vault
        columns = sidecarColumns
        ignored = ignore.mapValues { IgnoredMembers($0) }
        let ignoring = ignore.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        settings = [software, timeZone.identifier, "\(sidecarColumns)"] + filenamePatterns + ignoring
        self.timeZone = timeZone
        names = try FilenamePatterns(filenamePatterns)
        self.rule = rule
        self.log = log
    }

    /// Verifies every archive that the stages before left, and leaves the dialer's part in the work folder. A part that was
    /// made of the very same is left as it is.
    package func run(_ day: Day, progress: StageProgress) throws {
        let work = WorkFiles(vault, day)
        guard let fetched = try work.fetched() else {
            throw Failure(
                .notReady,
                "nothing is fetched for \(day)",
                advice: "Run the stages before first: dialvault fetch \(day)"
            )
        }
        // What a selection keeps depends on what is published as well.
        let basis = rule.selectsEverything ? try VerificationBasis(fetched, work, settings: settings) : nil
        if let basis, try work.isVerified(on: basis) { return }
        let locations = AudioLocations(vault, day, published: try vault.knownDay(day)?.recordings ?? [])
        var part = DayPart()
        for source in fetched.sources {
            try verify(source, day, work, locations, into: &part)
            progress.report(done: Int64(part.recordings.count), of: nil, .recordings)
        }
        try work.save(part, on: basis)
    }

    private func verify(
        _ fetched: FetchedSource,
        _ day: Day,
        _ work: WorkFiles,
        _ locations: AudioLocations,
        into part: inout DayPart
    ) throws {
        var source = PartSource(
            name: fetched.name,
            kind: fetched.kind,
            state: fetched.state,
            detail: fetched.failure?.message,
            failure: fetched.failure
        )
        source.expiredAt = fetched.expiredAt
        var damages: [String] = []
        var verifications: [ArchiveVerification] = []
        for archive in fetched.archives {
            guard let record = try work.unpackRecord(archive, of: fetched.name) else {
                source.state = .notAttempted
                source.detail = "\(archive.name) is fetched and not unpacked"
                break
            }
            if record.changedWhileRead {
                source.state = .notReady
                source.failure = Failure(
                    .notReady,
                    "source \(fetched.name): \(archive.name) was still being written while it was read",
                    advice: "The next run takes it"
                )
                source.detail = source.failure?.message
                break
            }
            let members = try work.members(archive, of: fetched.name).map { try recognised($0, locations) }
            let verification = ArchiveVerification(
                day: day,
                source: fetched.name,
                record: record,
                members: members,
                sidecars: try sidecars(among: members, locations),
                ignored: ignored[fetched.name] ?? IgnoredMembers([]),
                names: names.reader(),
                timeZone: timeZone
            )
            verifications.append(verification)
            let outcome = verification.outcome()
            for note in outcome.notes { log.info("\(day) \(fetched.name) \(archive.name): \(note)") }
            let selected = try selection(day).applied(to: outcome.recordings)
            part.recordings += selected.recordings
            part.exceptions += outcome.exceptions + selected.leftOut
            source.archives.append(verification.archive)
            source.members += outcome.members
            source.sidecars += verification.sidecars.sources.count
            if verification.isPartlyRead {
                source.partlyRead = (source.partlyRead ?? []) + [record.result.sha256]
            }
            if let damage = verification.damage { damages.append("\(archive.name): \(damage)") }
        }
        part.exceptions += notDelivered(verifications)
        if source.hasAnswered, !damages.isEmpty {
            source.state = .partial
            source.detail = damages.joined(separator: "; ")
        }
        if !source.hasAnswered {
            // A source that gave only a part of its archives has not answered: what came is read again next time.
            part.recordings.removeAll { $0.sources.contains { $0.sourceName == source.name } }
            part.exceptions.removeAll { $0.source == source.name }
            source = PartSource(
                name: source.name,
                kind: source.kind,
                state: source.state,
                detail: source.detail,
                failure: source.failure
            )
            source.expiredAt = fetched.expiredAt
        }
        part.sources.append(source)
    }

    private func selection(_ day: Day) throws -> DialerSelection {
        guard !rule.selectsEverything else { return DialerSelection(rule: rule, archiveDay: day, published: []) }
        let rows = try [day.advanced(by: -1), day, day.advanced(by: 1)].flatMap {
            try vault.knownDay($0)?.recordings ?? []
        }
        return DialerSelection(rule: rule, archiveDay: day, published: Set(rows.map(\.recordingID)))
    }

    /// A member whose row does not say what it is, as rows of an older version do not, with what the probe says of it now.
    private func recognised(_ member: Member, _ locations: AudioLocations) throws -> Member {
        guard case .file(let findings) = member.content, findings.audio == nil, findings.kind == .unrecognised,
            let digest = member.sha256, let path = try locations.path(of: digest)
        else { return member }
        var recognised = member
        recognised.content = .file(try AudioProbe.findings(of: path))
        return recognised
    }

    /// What sidecars list and no archive of the source has.
    private func notDelivered(_ verifications: [ArchiveVerification]) -> [Exception] {
        verifications.enumerated().flatMap { number, verification in
            verification.sidecars.notDelivered(on: verification.day, zone: timeZone)
                .filter { row in
                    // A day may come in several archives, each with the list of all.
                    !verifications.enumerated().contains { $0 != number && $1.sidecars.hasMember(namedBy: row) }
                }
                .map { verification.notDelivered($0) }
        }
    }

    /// What the members that describe others say of them.
    private func sidecars(among members: [Member], _ locations: AudioLocations) throws -> JoinedSidecars {
        var join = SidecarJoin(
            members: members.map { ArchiveMember(name: $0.name, isRecording: $0.isAudio) },
            columns: columns
        )
        for (position, member) in members.enumerated() where member.canBeSidecar {
            guard let digest = member.sha256, let path = try locations.path(of: digest),
                let bytes = try FileSystem.read(path)
            else { continue }
            join.read(Array(bytes), member: position)
        }
        return join.finish()
    }
}

extension Member {
    var isAudio: Bool {
        if case .file(let findings) = content { findings.audio != nil } else { false }
    }

    /// Whether it is worth being read as a sidecar: a text, and not larger than one would be.
    fileprivate var canBeSidecar: Bool {
        guard case .file(let findings) = content, findings.audio == nil else { return false }
        return sizeBytes > 0 && sizeBytes <= Sidecar.Limits().sizeBytes
    }
}

extension AudioProbe {
    /// What a file is.
    fileprivate static func findings(of path: String) throws(Failure) -> AudioFindings {
        var probe = AudioProbe()
        let file = try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW)
        while case let chunk = try file.read(upTo: 256 << 10), !chunk.isEmpty {
            chunk.withUnsafeBytes { probe.consume($0) }
        }
        return probe.finish()
    }
}
