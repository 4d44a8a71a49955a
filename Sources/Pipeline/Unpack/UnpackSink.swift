import ArchiveReader
import Foundation
import Recordings
import Synchronization
import Vault

/// Where an archive's members go: each through hash and probe into its blob, and into a row.
final class UnpackSink: MemberSink {
    let request: UnpackRequest
    let rows: RowFile
    let folders: BlobFolders
    let progress: UnpackCounters
    /// What the rows are inside of, for an archive in an archive; nil for the archive itself.
    let inside: Inside?
    /// The archive's digest, taken along with the members'; nil for an archive in an archive, whose digest is known.
    let fingerprint: Fingerprint?
    private let nested = Mutex(Nested())

    struct Inside: Sendable {
        let index: Int
        /// `outer/inner.zip`.
        let name: String
        /// Of the archive that it is in; nil for the archive itself.
        let outerName: String?
        let depth: Int
    }

    /// What was found about archives in the archive.
    struct Nested: Sendable {
        var opened = 0
        var isSuspect = false
        var encryption: ArchiveReport.Encryption?
        /// What was seen in them.
        var tally = ArchiveTally()
        /// The first few, for people.
        private(set) var damages: [String] = []

        mutating func damage(_ texts: [String]) { damages += texts.prefix(max(0, 3 - damages.count)) }
    }

    init(
        _ request: UnpackRequest,
        rows: RowFile,
        folders: BlobFolders,
        progress: UnpackCounters,
        inside: Inside? = nil,
        fingerprint: Fingerprint? = nil
    ) {
        self.request = request
        self.rows = rows
        self.folders = folders
        self.progress = progress
        self.inside = inside
        self.fingerprint = fingerprint
    }

    func makeLane() throws(Failure) -> UnpackLane {
        UnpackLane(self, number: progress.nextLane())
    }

    func note(_ change: (inout Nested) -> Void) { nested.withLock { change(&$0) } }
    var nestedFindings: Nested { nested.withLock { $0 } }

    func blobPath(_ digest: Recordings.Digest) -> String { "\(folders.blobsPath)/\(digest.hex)" }

    var depth: Int { inside?.depth ?? 0 }

    /// The name that a row has: `outer/inner.zip//inner/name` inside an archive in the archive.
    func rowName(_ name: MemberName) -> String {
        guard let inside else { return name.text }
        return Self.bounded("\(inside.name)//\(name.text)")
    }

    /// The name of a member's row. What a compressed file holds stands where that file does.
    func rowName(_ header: MemberHeader) -> String {
        guard header.isSingleFile, let inside else { return rowName(header.name) }
        return inside.outerName.map { Self.bounded("\($0)//\(header.name.text)") } ?? header.name.text
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= MemberName.textBytes ? text : MemberName(Array(text.utf8)).text
    }
}

/// How far the unpacking of an archive is, archives in it included; may be looked at from any thread.
final class UnpackCounters: Sendable {
    let unpackedBytes = Atomic<Int64>(0)
    let members = Atomic<Int>(0)
    let reading = ReadProgress()
    private let lanes = Atomic<Int>(0)

    func nextLane() -> Int { lanes.add(1, ordering: .relaxed).newValue }
}

/// Takes members on one thread.
///
/// Each is written and probed as its bytes come. Those whose bytes are held are hashed when a few of them have ended, side by
/// side, and only then get their names and rows, in their order.
final class UnpackLane: MemberLane {
    private let sink: UnpackSink
    private let number: Int
    private var header: MemberHeader?
    /// The file that has begun.
    private var current: MemberInHand?
    /// Files that have ended and are not settled.
    private var ended: [MemberInHand] = []
    private var spare: [MemberInHand] = []
    private var made = 0

    /// So many are hashed together, if nobody else is at the archive's digest.
    private static let fewest = 4
    private static let most = 8

    init(_ sink: UnpackSink, number: Int) {
        self.sink = sink
        self.number = number
    }

    func begin(_ header: MemberHeader) throws(Failure) {
        try Self.stopIfCancelled()
        self.header = header
        guard case .file = header.kind else { return try settle() }
        let member = current ?? spare.popLast() ?? makeMember()
        current = member
        try member.begin(header)
    }

    private func makeMember() -> MemberInHand {
        made += 1
        return MemberInHand(BlobFile(sink.folders, name: "lane-\(number)-\(made)"))
    }

    func take(_ bytes: RawSpan) throws(Failure) {
        guard let current else { return }
        let problem: Failure? = bytes.withUnsafeBytes { bytes in
            current.hasher.update(bytes, beside: sink.fingerprint)
            return write(bytes, to: current)
        }
        if let problem { throw problem }
    }

    func take(_ bytes: HeldBytes) throws(Failure) {
        guard let current else { return }
        current.hasher.remember(bytes)
        let problem = bytes.withUnsafeBytes { write($0, to: current) }
        if let problem { throw problem }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to member: MemberInHand) -> Failure? {
        do throws(Failure) { try member.write(bytes) } catch { return error }
        sink.progress.unpackedBytes.add(Int64(bytes.count), ordering: .relaxed)
        return nil
    }

    func end(_ outcome: MemberOutcome) throws(Failure) {
        guard let header else { return }
        self.header = nil
        guard case .file = header.kind, let member = current else { return try addRow(header) }
        current = nil
        member.outcome = outcome
        ended.append(member)
        // Nothing to be hashed: all of it was at once.
        guard ended.contains(where: { $0.hasher.waitingBytes > 0 }) else { return try settle() }
        if ended.count >= Self.fewest { try settle(waits: ended.count >= Self.most) }
    }

    var isSettled: Bool { ended.isEmpty && current?.hasher.waitingBytes ?? 0 == 0 }

    func settle() throws(Failure) { try settle(waits: true) }

    private func settle(waits: Bool) throws(Failure) {
        let hashers = (ended + [current].compactMap(\.self)).map(\.hasher)
        guard MemberHasher.settle(hashers, beside: sink.fingerprint, waits: waits) else { return }
        while !ended.isEmpty {
            let member = ended.removeFirst()
            defer { spare.append(member) }
            if let header = member.header { try addRow(header, member) }
        }
    }

    private func addRow(_ header: MemberHeader, _ member: MemberInHand? = nil) throws(Failure) {
        sink.progress.members.add(1, ordering: .relaxed)
        var row = Member(
            index: sink.inside?.index ?? header.index,
            name: sink.rowName(header),
            modifiedAt: header.modifiedAt,
            content: .refused(.rejectedMember, detail: "")
        )
        switch header.kind {
        case .special(let what):
            row.content = .refused(.rejectedMember, detail: "it is \(what)")
        case .hardLink(let target):
            try fill(&row, fromLinkTo: target)
        case .file:
            guard let member, try fill(&row, header, member) else { return }
        }
        try sink.rows.add(row)
    }

    private func fill(_ row: inout Member, fromLinkTo target: MemberName) throws(Failure) {
        guard let earlier = try sink.rows.row(named: sink.rowName(target)) else {
            row.content = .refused(
                .rejectedMember,
                detail: "it is a hard link to \(target.text), which is not before it"
            )
            return
        }
        row.sizeBytes = earlier.sizeBytes
        row.sha256 = earlier.sha256
        row.content = earlier.content
    }

    /// Fills the row of a file. Returns false when there is to be no row: the rows of what it contains stand for it.
    private func fill(_ row: inout Member, _ header: MemberHeader, _ member: MemberInHand) throws(Failure) -> Bool {
        let digest = member.hasher.finish()
        let findings = member.findings()
        row.sizeBytes = member.size
        switch member.outcome {
        case .refused(let reason):
            row.content = .refused(.rejectedMember, detail: reason)
        case .damaged(let reason):
            row.content = .refused(.unreadableMember, detail: reason)
        case .whole where header.name.isUnsafe:
            let what = header.name.byteCount == 0 ? "it has no name" : "its name leads out of the folder it is in"
            row.content = .refused(.rejectedMember, detail: what)
        case .whole:
            row.content = .file(findings)
        }
        if member.size == 0, case .refused = row.content {
            member.blob.discard()
            return true
        }
        try member.blob.keep(as: digest)
        row.sha256 = digest
        guard case .file = row.content,
            let kind = try ArchiveReader.kindOfArchive(at: sink.blobPath(digest), head: member.head)
        else { return true }
        guard !kind.isDocument else {
            row.content = .file(AudioFindings(audio: nil, recognisedAs: kind.description, kind: .notAudio))
            return true
        }
        return try open(&row, kind, digest, header)
    }

    // MARK: Archives in the archive

    /// Unpacks the archive that was just stored. Returns whether it has a row of its own all the same.
    private func open(
        _ row: inout Member,
        _ kind: ArchiveKind,
        _ digest: Recordings.Digest,
        _ header: MemberHeader
    ) throws(Failure) -> Bool {
        guard sink.depth < sink.request.limits.nesting else {
            let detail = "it is \(kind), deeper than limits.nesting (\(sink.request.limits.nesting)) allows"
            row.content = .refused(.rejectedMember, detail: detail)
            let name = row.name
            sink.note { nested in
                nested.tally.refuseArchive()
                nested.damage(["\(name): \(detail)"])
            }
            return true
        }
        var options = sink.request.readerOptions
        options.lanes = 1
        options.sha256 = digest
        if kind.isCompressed { options.singleFile = .init(name: header.name, modifiedAt: header.modifiedAt) }
        options.limits.archiveBytes -= sink.progress.unpackedBytes.load(ordering: .relaxed)
        options.limits.members -= sink.progress.members.load(ordering: .relaxed)
        let inner = UnpackSink(
            sink.request,
            rows: sink.rows,
            folders: sink.folders,
            progress: sink.progress,
            inside: .init(index: row.index, name: row.name, outerName: sink.inside?.name, depth: sink.depth + 1)
        )
        let report = try ArchiveReader(options, progress: ReadProgress(in: sink.progress.reading)).read(
            sink.blobPath(digest),
            into: inner
        )
        let found = inner.nestedFindings
        sink.note { nested in
            nested.opened += found.opened
            nested.isSuspect = nested.isSuspect || found.isSuspect
            nested.encryption = nested.encryption ?? report.encryption ?? found.encryption
            nested.damage(found.damages)
        }
        let name = row.name
        var seen = report.tally
        seen.add(found.tally)
        sink.note { nested in
            nested.opened += report.state == .unreadable ? 0 : 1
            nested.isSuspect = nested.isSuspect || report.isSuspect
            nested.tally.open(seen, standsForEntry: report.state == .complete)
            if report.state != .complete { nested.damage(["\(name): \(report.detail ?? kind.description)"]) }
        }
        guard report.state != .complete else {
            unlinkat(sink.folders.blobs, digest.hex, 0)
            return false
        }
        row.content = .refused(.unreadableMember, detail: "it is \(kind): \(report.detail ?? "not readable")")
        return true
    }

    private static func stopIfCancelled() throws(Failure) {
        guard !Task.isCancelled else { throw Failure(.interrupted, "unpacking was interrupted") }
    }
}
