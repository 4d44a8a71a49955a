import ArchiveReader
import AudioProbe
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
    private let laneCount = Atomic<Int>(0)
    private let nested = Mutex(Nested())

    struct Inside: Sendable {
        let index: Int
        /// `outer/inner.zip`.
        let name: String
        let depth: Int
    }

    /// What was found about archives in the archive.
    struct Nested: Sendable {
        var opened = 0
        var isSuspect = false
        var encryption: ArchiveReport.Encryption?
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
        let number = laneCount.add(1, ordering: .relaxed).newValue
        return UnpackLane(self, number: progress.nextLane(), isFirst: number == 1)
    }

    func note(_ change: (inout Nested) -> Void) { nested.withLock { change(&$0) } }
    var nestedFindings: Nested { nested.withLock { $0 } }

    var depth: Int { inside?.depth ?? 0 }

    /// The name that a row has: `outer/inner.zip//inner/name` inside an archive in the archive.
    func rowName(_ name: MemberName) -> String {
        guard let inside else { return name.text }
        return Self.bounded("\(inside.name)//\(name.text)")
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
final class UnpackLane: MemberLane {
    private let sink: UnpackSink
    private let blob: BlobFile
    private var header: MemberHeader?
    private var probe: AudioProbe?
    private var hasher = MemberHasher()
    private var size: Int64 = 0
    private var head: [UInt8] = []

    init(_ sink: UnpackSink, number: Int, isFirst: Bool) {
        self.sink = sink
        blob = BlobFile(sink.folders, lane: number)
        head.reserveCapacity(ArchiveReader.kindBytes)
    }

    func begin(_ header: MemberHeader) throws(Failure) {
        try Self.stopIfCancelled()
        self.header = header
        guard case .file = header.kind else { return }
        probe = AudioProbe()
        hasher.restart()
        size = 0
        head.removeAll(keepingCapacity: true)
        try blob.start()
    }

    func take(_ bytes: RawSpan) throws(Failure) {
        let problem: Failure? = bytes.withUnsafeBytes { bytes in
            if head.count < ArchiveReader.kindBytes {
                head.append(contentsOf: bytes.prefix(ArchiveReader.kindBytes - head.count))
            }
            hasher.update(bytes, beside: sink.fingerprint)
            probe?.consume(bytes)
            size += Int64(bytes.count)
            do throws(Failure) { try blob.write(bytes) } catch { return error }
            return nil
        }
        if let problem { throw problem }
        sink.progress.unpackedBytes.add(Int64(bytes.byteCount), ordering: .relaxed)
    }

    func end(_ outcome: MemberOutcome) throws(Failure) {
        guard let header else { return }
        self.header = nil
        sink.progress.members.add(1, ordering: .relaxed)
        var row = Member(
            index: sink.inside?.index ?? header.index,
            name: sink.rowName(header.name),
            modifiedAt: header.modifiedAt,
            content: .refused(.rejectedMember, detail: "")
        )
        switch header.kind {
        case .special(let what):
            row.content = .refused(.rejectedMember, detail: "it is \(what)")
        case .hardLink(let target):
            try fill(&row, fromLinkTo: target)
        case .file:
            guard try fill(&row, header, outcome) else { return }
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
    private func fill(_ row: inout Member, _ header: MemberHeader, _ outcome: MemberOutcome) throws(Failure) -> Bool {
        let digest = hasher.finish()
        let findings = probe.take()?.finished() ?? AudioFindings(audio: nil)
        row.sizeBytes = size
        switch outcome {
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
        if size == 0, case .refused = row.content {
            blob.discard()
            return true
        }
        try blob.keep(as: digest)
        row.sha256 = digest
        guard case .file = row.content, let kind = ArchiveReader.kindOfArchive(head: head) else { return true }
        return try open(&row, kind, digest)
    }

    // MARK: Archives in the archive

    /// Unpacks the archive that was just stored. Returns whether it has a row of its own all the same.
    private func open(_ row: inout Member, _ kind: String, _ digest: Recordings.Digest) throws(Failure) -> Bool {
        guard sink.depth < sink.request.limits.nesting else {
            let detail = "it is \(kind), deeper than limits.nesting (\(sink.request.limits.nesting)) allows"
            row.content = .refused(.rejectedMember, detail: detail)
            let name = row.name
            sink.note { $0.damage(["\(name): \(detail)"]) }
            return true
        }
        var options = sink.request.readerOptions
        options.lanes = 1
        options.sha256 = digest
        options.limits.archiveBytes -= sink.progress.unpackedBytes.load(ordering: .relaxed)
        options.limits.members -= sink.progress.members.load(ordering: .relaxed)
        let inner = UnpackSink(
            sink.request,
            rows: sink.rows,
            folders: sink.folders,
            progress: sink.progress,
            inside: .init(index: row.index, name: row.name, depth: sink.depth + 1)
        )
        let path = "\(sink.folders.blobsPath)/\(digest.hex)"
        let report = try ArchiveReader(options, progress: ReadProgress(in: sink.progress.reading)).read(
            path,
            into: inner
        )
        let found = inner.nestedFindings
        sink.note { nested in
            nested.opened += found.opened
            nested.isSuspect = nested.isSuspect || found.isSuspect
            nested.encryption = nested.encryption ?? report.encryption ?? found.encryption
            nested.damage(found.damages)
        }
        // A compressed file with no archive in it is a file.
        if report.isNoArchive, kind.hasSuffix("file") { return true }
        let name = row.name
        sink.note { nested in
            nested.opened += report.state == .unreadable ? 0 : 1
            nested.isSuspect = nested.isSuspect || report.isSuspect
            if report.state != .complete { nested.damage(["\(name): \(report.detail ?? kind)"]) }
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

extension AudioProbe {
    consuming func finished() -> AudioFindings {
        var probe = self
        return probe.finish()
    }
}
